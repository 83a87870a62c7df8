"""Frames: opened, their columns found and read, and where each deal stands."""
