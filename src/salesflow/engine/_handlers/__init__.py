"""One module per kind of command: what it asks for, and the events that follow."""
