"""What files say of their own de-identification, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from tce_harness.engine import CheckPlan, Library, check_files, claims_recorded_in
from tce_harness.engine.recorded_claims import codes_of, recorded
from tce_harness.model.claims import Claims, ClaimsFrom
from tce_harness.model.errors import HarnessError
from tce_harness.model.result import RuleResult
from tce_harness.model.verdict import Verdict
from tce_harness.objects.instance import encode_instance, read_instance

CT = Path(str(get_testdata_file("CT_small.dcm")))


def with_codes(*codes: str, scheme: str = "DCM") -> Dataset:
    dataset = Dataset()
    dataset.DeidentificationMethodCodeSequence = []
    for code in codes:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, "method"
        dataset.DeidentificationMethodCodeSequence.append(item)
    return dataset


def add(path: Path, *codes: str, **attributes: str) -> None:
    dataset = read_instance(CT.read_bytes())
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    if codes:
        dataset.DeidentificationMethodCodeSequence = with_codes(*codes).DeidentificationMethodCodeSequence
    path.write_bytes(encode_instance(dataset))


def test_only_codes_of_cid_7050_are_taken() -> None:
    assert codes_of(with_codes("113100", "113107", "113099", "121022", "DOE^JANE")) == {"113100", "113107"}
    assert codes_of(with_codes("113100", scheme="99X")) == frozenset()
    assert codes_of(Dataset()) == frozenset()


def test_where_a_sequence_of_codes_should_stand_anything_may_stand() -> None:
    dataset = Dataset()
    dataset.add_new(0x00120064, "LO", "nonsense")
    assert codes_of(dataset) == frozenset()


def test_what_all_files_record_is_told_from_what_some_record_and_the_silent_are_counted() -> None:
    found = recorded(map(frozenset, ({"113100", "113107"}, {"113100", "113105"}, set())))
    assert (found.common, found.some) == (("113100",), ("113105", "113107"))
    assert (found.files, found.silent) == (2, 1)


def test_the_claims_of_a_folder_are_what_its_files_have_in_common(tmp_path: Path) -> None:
    add(tmp_path / "a.dcm", "113100", "113107", "113108")
    add(tmp_path / "b.dcm", "113100", "113107")
    (tmp_path / "notes.txt").write_text("no instance", encoding="utf-8")
    assert claims_recorded_in(tmp_path).deidentification_codes == ("113100", "113107")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ((), (), "no file of .* records a code of CID 7050"),
        (("113100",), ("113107",), "no code in common .* only 113100, 113107 in some"),
        (("113106", "113107"), ("113106", "113107"), "113106, which keeps all dates, and 113107"),
    ],
)
def test_what_gives_no_claims_is_told_with_what_to_do(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], told: str
) -> None:
    add(tmp_path / "a.dcm", *first)
    add(tmp_path / "b.dcm", *second)
    with pytest.raises(HarnessError, match=f"--claims recorded: .*{told}.*name a file of claims"):
        claims_recorded_in(tmp_path)


Checked = Callable[..., RuleResult]


@pytest.fixture
def temporal(tmp_path: Path, library: Library) -> Checked:
    """Judge files, each with its codes and its (0028,0303), and return what is said of the latter."""

    def check(*files: tuple[tuple[str, ...], str], claims_from: ClaimsFrom = "default") -> RuleResult:
        exported = tmp_path / "exported"
        exported.mkdir()
        for number, (codes, told) in enumerate(files):
            add(exported / f"{number}.dcm", *codes, LongitudinalTemporalInformationModified=told)
        plan = CheckPlan(
            exported=exported,
            originals=None,
            claims=Claims(),
            claims_from=claims_from,
            folder=tmp_path / "out",
            under_test="Tool",
            command="tce check",
            synthetic=True,
        )
        (case,) = check_files(plan, library).cases
        return next(each for each in case.rules if each.rule == "deid/temporal-information")

    return check


def test_where_nobody_claims_anything_a_file_under_modified_dates_says_modified(temporal: Checked) -> None:
    said = temporal((("113100", "113107"), "MODIFIED"), (("113100",), "REMOVED"))
    assert (said.verdict, said.examined, said.findings) == (Verdict.PASS, 2, ())


def test_a_file_that_says_otherwise_than_its_own_codes_fails(temporal: Checked) -> None:
    said = temporal((("113100", "113107"), "REMOVED"), (("113100",), "REMOVED"), (("113106",), "UNMODIFIED"))
    assert (said.verdict, said.examined) == (Verdict.FAIL, 3)
    (found,) = said.findings
    assert found.expected == "MODIFIED"
    assert found.message.endswith("does not say what the codes in (0012,0064), or their absence, do")


def test_a_file_that_records_nothing_is_told_without_speaking_of_claims(temporal: Checked) -> None:
    (found,) = temporal(((), "MODIFIED")).findings
    assert found.message.endswith("does not say what the codes in (0012,0064), or their absence, do")
    assert found.expected == "REMOVED"


def test_claims_of_a_file_count_for_every_instance_whatever_it_records(temporal: Checked) -> None:
    said = temporal((("113100", "113107"), "MODIFIED"), claims_from="file")
    assert said.verdict is Verdict.FAIL
    assert "claimed options" in said.findings[0].message
