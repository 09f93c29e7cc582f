"""Policies: what ships, and what is refused with which reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tce_harness.content import Content
from tce_harness.deidentify import Already, Author, find_policy, load_policy, with_options
from tce_harness.model.errors import HarnessError, ScenarioError
from tce_harness.standard.confidentiality import OptionColumn

SAFE = "[{creator: ACME 1, group: '0029', elements: ['1F'], source: a statement}]"
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
        ({"codes": '["113100", "113106", "113107"]'}, "claim one of them"),
        ({"codes": '["113100", "113102"]'}, "113102 Clean Recognizable Visual Features"),
        ({"codes": '["113100", "113199"]'}, "'113199' is no code of CID 7050"),
        ({"codes": '["113100", "113100"]'}, "113100 stands twice"),
        ({"codes": '["113104"]'}, "113100 must be claimed"),
        ({"codes": '["113100", "113105"]'}, "113105 needs a vocabulary"),
        ({"vocabulary": "words.txt"}, "used with 113105 and 113108 only"),
        ({"codes": '["113100"]', "author": "keep"}, "without 113104 no content item stays"),
        ({"shift_days": "[-900, -30]"}, "moved with 113107 only"),
        ({"codes": '["113100", "113107"]', "shift_days": "[-30, 30]"}, "to the same side of zero"),
        ({"codes": '["113100", "113107"]', "shift_days": "[-30, -900]"}, "the smaller first"),
        ({"codes": '["113100", "113107"]', "shift_days": "[-1, -1]"}, "at least two days"),
        ({"codes": '["113100", "113107"]', "shift_days": "[-9999999, -9999990]"}, "a hundred years, at most"),
        ({"codes": '["113100", "113107"]', "shift_days": "[2, 36501]"}, "a hundred years, at most"),
        ({"trial": "{sponsor: 'A\\\\B', protocol_id: P}"}, "it holds a backslash"),
        ({"trial": '{sponsor: S, protocol_id: "P\\\\u200b"}'}, "or what cannot be seen"),
        ({"oldest_age": "89"}, "ages stay with 113108 only"),
        ({"safe_private": SAFE}, "stay with 113111 only"),
        ({"codes": '["113100", "113111"]', "safe_private": SAFE.replace("0029", "0028")}, "no odd group"),
        ({"codes": '["113100", "113111"]', "safe_private": SAFE.replace("1F", "1FF")}, "no low byte"),
        ({"already": "maybe"}, "already"),
        ({"trial": "{sponsor: S}"}, "the key 'protocol_id' is missing"),
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
    with pytest.raises(HarnessError, match="there are basic, clinical-trial, rcr"):
        find_policy("xyz", content)


def test_every_shipped_policy_claims_structured_content_and_says_what_it_is(content: Content) -> None:
    names = {file.stem for file in content.files("simulators/policies", "*.yaml")}
    assert names == {
        "basic", "teaching-file", "rcr", "clinical-trial", "stage-1-pseudonymise", "stage-2-anonymise",
    }  # fmt: skip
    for name in names:
        policy = find_policy(name, content)
        assert policy.name == name
        assert {"113100", "113104"} <= set(policy.codes)
        assert "113102" not in policy.codes


def test_the_keys_of_a_policy_are_read(tmp_path: Path) -> None:
    policy = load_policy(
        write(
            tmp_path,
            codes='["113100", "113107", "113108", "113111"]',
            shift_days="[-30, -10]",
            oldest_age="null",
            already="refuse",
            trial="{sponsor: S, protocol_id: P}",
            safe_private=SAFE,
        )
    )
    assert (policy.shift_days, policy.oldest_age, policy.already) == ((-30, -10), None, Already.REFUSE)
    assert policy.trial is not None
    assert (policy.trial.sponsor, policy.trial.protocol_id) == ("S", "P")
    (block,) = policy.safe_private
    assert (block.creator, block.group, block.elements) == ("ACME 1", 0x29, frozenset({0x1F}))


def test_options_are_added_by_name_or_code_and_bring_the_vocabulary_that_they_need(content: Content) -> None:
    policy = with_options(find_policy("basic", content), ["modified-dates", "113109", "113105"], content)
    assert policy.codes == ("113100", "113104", "113105", "113107", "113109")
    assert policy.vocabulary is not None
    assert with_options(policy, ["113109"], content) is policy


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["full-dates", "modified-dates"], "claim one of them"),
        (["113102"], "113102 Clean Recognizable Visual Features Option is not supported"),
        (["modified-date"], "did you mean modified-dates"),
    ],
)
def test_an_option_that_cannot_be_added_is_refused_with_the_reason(
    options: list[str], message: str, content: Content
) -> None:
    with pytest.raises(HarnessError, match=message):
        with_options(find_policy("basic", content), options, content)
