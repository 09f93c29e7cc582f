"""Conformance tests and simulators for the IHE Teaching File and Clinical Trial Export profile."""

from importlib.metadata import version

__version__ = version("tce-harness")
