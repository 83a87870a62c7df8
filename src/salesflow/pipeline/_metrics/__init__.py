"""Figures of a pipeline."""
