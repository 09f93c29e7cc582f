"""The reference de-identifier."""
