"""A proposal of what the columns and the words of an unknown frame stand for."""
