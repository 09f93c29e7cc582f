"""One run result in; HTML, JSON, JUnit XML and plain lines out."""

from tce_harness.reports.document import from_json, result_schema, to_json
from tce_harness.reports.html import to_html
from tce_harness.reports.junit import to_junit
from tce_harness.reports.text import repair_lines

__all__ = ["from_json", "repair_lines", "result_schema", "to_html", "to_json", "to_junit"]
