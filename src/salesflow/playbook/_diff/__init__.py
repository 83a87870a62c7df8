"""Two versions of a playbook side by side: what changes for people, and for deals under way."""
