"""The result document: a run result as JSON, versioned, written and read."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Final

from pydantic import TypeAdapter, ValidationError

from tce_harness.model.errors import HarnessError
from tce_harness.model.result import RESULT_VERSION, RunResult
from tce_harness.reports.withhold import withhold_quotes

_ADAPTER: Final = TypeAdapter(RunResult)
_REMAKE: Final = "run `tce rejudge` on the run's folder to write it anew from the evidence"
# File names of foreign systems may hold half of a UTF-16 pair, which is no text in any encoding of JSON.
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_json(result: RunResult) -> str:
    """Return a run result as a JSON document: fields in the order of the dataclasses, two blanks of indent.

    Values that findings quote are withheld where the evidence is of real patients.
    """
    text = json.dumps(asdict(withhold_quotes(result)), ensure_ascii=False, indent=2, allow_nan=False)
    return _LONE_SURROGATE.sub("\ufffd", text) + "\n"


def from_json(text: str) -> RunResult:
    """Return the run result that a document holds.

    Raises
    ------
    HarnessError
        When the text is not JSON, is of another version, or lacks, misspells or adds a field.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HarnessError(f"the result document is not JSON: {error}; {_REMAKE}") from None
    if not isinstance(document, dict) or "schema" not in document:
        raise HarnessError(f"this is no result document: it has no key 'schema'; {_REMAKE}")
    if document["schema"] != RESULT_VERSION:
        raise HarnessError(
            f"the result document is of version {str(document['schema'])[:20]!r}, and this tce-harness reads "
            f"version {RESULT_VERSION!r}: use the tce-harness that made it, or {_REMAKE}"
        )
    try:
        result = _ADAPTER.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise HarnessError(
            f"the result document is broken at {place}: {first['msg']} "
            f"({error.error_count()} faults); {_REMAKE}"
        ) from None
    # Reading is lenient about types and unknown keys; what does not come out as it went in is refused.
    if json.loads(json.dumps(asdict(result))) != document:
        raise HarnessError(
            "the result document holds fields that its version does not have, or values of another type; "
            + _REMAKE
        )
    return result


def result_schema() -> str:
    """Return the JSON Schema of the result document, as committed in ``reports/schema/result.json``."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_ADAPTER.json_schema(mode="serialization"),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
