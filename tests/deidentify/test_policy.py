"""Policies: what ships, and what is refused with which reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tce_harness.content import Content
from tce_harness.deidentify import Author, find_policy, load_policy
from tce_harness.model.errors import HarnessError, ScenarioError
from tce_harness.standard.confidentiality import OptionColumn

GOOD = {
    "policy": "mine",
    "title": "Mine",
    "edition": "2026d",
    "codes": '["113100", "113104"]',
    "author": "remove",
}


def write(folder: Path, **changes: str) -> Path:
    file = folder / "mine.yaml"
    values = {**GOOD, **changes}
    file.write_text("".join(f"{key}: {value}\n" for key, value in values.items() if value), encoding="utf-8")
    return file


def test_the_shipped_policies_are_found_by_name(content: Content) -> None:
    basic, teaching = find_policy("basic", content), find_policy("teaching-file", content)
    assert (basic.codes, basic.author) == (("113100", "113104"), Author.REMOVE)
    assert basic.columns == (OptionColumn.CLEAN_STRUCTURED_CONTENT,)
    assert teaching.codes == ("113100", "113103", "113104", "113105")
    assert teaching.author is Author.KEEP
    assert teaching.claims(OptionColumn.CLEAN_DESCRIPTORS)
    assert teaching.vocabulary is not None
    assert len(teaching.vocabulary.words) > 1000


def test_a_policy_is_read_from_a_file_by_its_path(tmp_path: Path, content: Content) -> None:
    file = write(tmp_path, edition="2023b")
    assert find_policy(str(file), content).edition == "2023b"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"codes": '["113100", "113107"]'},
            "113107 Retain Longitudinal Temporal Information Modified Dates Option",
        ),
        ({"codes": '["113100", "113101"]'}, "113101 Clean Pixel Data Option is not supported"),
        ({"codes": '["113100", "113199"]'}, "'113199' is no code of CID 7050"),
        ({"codes": '["113100", "113100"]'}, "113100 stands twice"),
        ({"codes": '["113104"]'}, "113100 must be claimed"),
        ({"codes": '["113100"]'}, "113104 must be claimed"),
        ({"codes": '["113100", "113105"]'}, "113105 needs a vocabulary"),
        ({"vocabulary": "words.txt"}, "used with 113105 only"),
        ({"edition": "2011a"}, "there are 2023b, 2026d"),
        ({"author": "hide"}, "author"),
        ({"colour": "green"}, "unknown key 'colour'"),
        ({"title": ""}, "the key 'title' is missing"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused_with_the_reason(
    changes: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError, match=r"mine\.yaml:\d+:\d+: ") as refusal:
        load_policy(write(tmp_path, **changes))
    assert message in str(refusal.value)


def test_a_missing_vocabulary_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, codes='["113100", "113104", "113105"]', vocabulary="words.txt")
    with pytest.raises(HarnessError, match=r"words\.txt cannot be read"):
        load_policy(file)


def test_a_policy_that_does_not_exist_is_refused_with_those_that_do(content: Content) -> None:
    with pytest.raises(HarnessError, match="there are basic, teaching-file"):
        find_policy("xyz", content)
