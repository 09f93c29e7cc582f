"""The record of everything that a verdict rests on."""
