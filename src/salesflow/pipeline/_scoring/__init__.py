"""Scorecards and the size policy over every deal of a frame."""
