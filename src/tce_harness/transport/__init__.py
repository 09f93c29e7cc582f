"""DIMSE associations, driven and recorded."""
