"""Checks of a pipeline: which there are, their counts and findings, and the report."""
