"""Performs a run."""
