from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.content import Content
from tce_harness.model.errors import HarnessError
from tce_harness.model.result import RESULT_VERSION, RunResult
from tce_harness.reports.document import from_json, result_schema, to_json

SNAPSHOT = Path(__file__).parent / "snapshots" / "one-case.json"


def test_a_document_reads_back_as_the_result_it_was_made_from(failing_run: RunResult) -> None:
    assert from_json(to_json(failing_run)) == failing_run


def test_a_document_is_written_as_it_was_when_its_version_was_given(failing_run: RunResult) -> None:
    """A difference here is a new version of the document, or a mistake."""
    one_case = replace(failing_run, cases=failing_run.cases[:1])
    assert to_json(one_case) == SNAPSHOT.read_text(encoding="utf-8")


def test_the_version_stands_first(failing_run: RunResult) -> None:
    assert next(iter(json.loads(to_json(failing_run)).items())) == ("schema", RESULT_VERSION)


def test_the_committed_schema_is_the_one_of_the_dataclasses(content: Content) -> None:
    committed = content.file("reports/schema/result.json").read_text(encoding="utf-8")
    assert committed == result_schema(), "write result_schema() to reports/schema/result.json"


def test_a_document_of_another_version_is_refused_with_what_to_do(failing_run: RunResult) -> None:
    text = to_json(failing_run).replace('"schema": "1"', '"schema": "9"', 1)
    with pytest.raises(HarnessError, match=r"version '9'.*reads version '1'.*tce rejudge"):
        from_json(text)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "17", '{"kind": "run"}', '{"schema": "1"}', "[" * 100_000, "\ud800"]
)
def test_what_is_no_document_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(HarnessError, match="tce rejudge"):
        from_json(text)


def test_a_missing_field_is_named(failing_run: RunResult) -> None:
    document = json.loads(to_json(failing_run))
    del document["cases"][1]["verdict"]
    with pytest.raises(HarnessError, match=r"broken at cases\.1\.verdict"):
        from_json(json.dumps(document))


def test_an_unknown_field_is_refused(failing_run: RunResult) -> None:
    document = json.loads(to_json(failing_run))
    document["cases"][0]["colour"] = "red"
    with pytest.raises(HarnessError, match="fields that its version does not have"):
        from_json(json.dumps(document))


def test_a_number_written_as_text_is_refused(failing_run: RunResult) -> None:
    document = json.loads(to_json(failing_run))
    document["seed"] = "7341"
    with pytest.raises(HarnessError, match="values of another type"):
        from_json(json.dumps(document))


def test_half_a_character_in_a_file_name_does_not_break_the_document(failing_run: RunResult) -> None:
    document = to_json(replace(failing_run, command="tce check caf\udce9"))
    assert document.encode("utf-8")
    assert from_json(document).command == "tce check caf\ufffd"


@given(name=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_document(passing_run: RunResult, name: str) -> None:
    result = replace(passing_run, under_test=name)
    assert from_json(to_json(result)) == result


@given(text=st.text())
def test_any_text_gives_a_result_or_a_harness_error(text: str) -> None:
    with pytest.raises(HarnessError):
        from_json(text)
