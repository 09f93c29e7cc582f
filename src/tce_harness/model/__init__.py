"""Verdicts, requirements, findings, evidence records and run results: values only, no input or output."""
