"""What will come in, and how sure we are."""
