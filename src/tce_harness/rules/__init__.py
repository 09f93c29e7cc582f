"""The judges: pure functions from evidence to findings."""
