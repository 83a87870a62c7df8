"""What has changed since: deals of two snapshots, and what the pipeline between them is made of."""
