"""What the standards say: rows of tables, attribute Types, coded concepts. Rows only, no resolution."""

from tce_harness.standard.dictionary import register

register()
