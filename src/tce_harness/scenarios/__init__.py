"""Scenario, system and requirement files: loaded, checked, expanded to cases."""
