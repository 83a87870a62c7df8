"""Histories: a stage log held against the graph of a playbook."""
