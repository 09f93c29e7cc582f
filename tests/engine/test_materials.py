"""What a case works with: the same for the same seed, and told apart from every other case's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tce_harness.engine import Library
from tce_harness.engine.instructions import instruction
from tce_harness.engine.materials import DATA_PER_CASE, Materials, MaterialsMaker, not_taken, token_of
from tce_harness.model.errors import HarnessError
from tce_harness.objects.manifest import read_manifest
from tce_harness.scenarios import Case, ManifestData, RecipeData, SpelledIn
from tce_harness.transport import Destination


@pytest.fixture(scope="module")
def make(library: Library, cases: Mapping[str, Case]) -> Materials:
    return MaterialsMaker(library.content, 5).make(cases["EM-010/TCE001"], 3)


def with_manifest(case: Case, **changed: object) -> Case:
    data = tuple(
        replace(each, **changed) if isinstance(each, ManifestData) else each  # type: ignore[arg-type]
        for each in case.data
    )
    return replace(case, data=data)


def test_the_same_seed_and_number_give_the_same_bytes(
    make: Materials, library: Library, cases: Mapping[str, Case]
) -> None:
    again = MaterialsMaker(library.content, 5).make(cases["EM-010/TCE001"], 3)
    assert [each.content for each in again.objects] == [each.content for each in make.objects]
    assert again.canaries == make.canaries


@pytest.mark.parametrize(("seed", "number"), [(6, 3), (5, 4)])
def test_another_seed_or_number_shares_nothing(
    seed: int, number: int, make: Materials, library: Library, cases: Mapping[str, Case]
) -> None:
    other = MaterialsMaker(library.content, seed).make(cases["EM-010/TCE001"], number)
    for keyword in ("SOPInstanceUID", "StudyInstanceUID"):
        mine = {str(each.dataset[keyword].value) for each in make.objects}
        assert not mine & {str(each.dataset[keyword].value) for each in other.objects}
    assert other.token != make.token


def test_a_thousand_cases_have_tokens_of_their_own() -> None:
    assert len({token_of(5, number) for number in range(1, 1001)}) == 1000


def test_the_manifest_carries_the_token_and_what_the_scenario_says(make: Materials) -> None:
    (manifest,) = make.of(["manifest"])
    reading = read_manifest(manifest.dataset)
    assert reading.descriptions == (f"Teaching file for the chest meeting ({make.token})",)
    assert reading.observers == ("Ashworth^Miriam",)
    assert set(reading.listed) == {str(each.dataset.SOPInstanceUID) for each in make.of(["study"])}
    assert any(canary.value == "Ashworth^Miriam" for canary in make.canaries)


def test_a_manifest_lists_only_what_it_is_told_to(library: Library, cases: Mapping[str, Case]) -> None:
    maker = MaterialsMaker(library.content, 5)
    for changed, wanted in (({"only": ("study/2",)}, {2}), ({"exclude": ("study/2",)}, {1, 3})):
        made = maker.make(with_manifest(cases["EM-010/TCE001"], **changed), 1)
        (manifest,) = made.of(["manifest"])
        listed = set(read_manifest(manifest.dataset).listed)
        numbers = {
            int(each.label[-1]) for each in made.of(["study"]) if each.dataset.SOPInstanceUID in listed
        }
        assert numbers == wanted


def test_a_code_is_written_in_the_set_asked_for(library: Library, cases: Mapping[str, Case]) -> None:
    case = with_manifest(cases["EM-010/TCE001"], spelled_in=SpelledIn.DCM)
    (manifest,) = MaterialsMaker(library.content, 5).make(case, 1).of(["manifest"])
    title = read_manifest(manifest.dataset).title
    assert title is not None
    assert (title.value, title.scheme) == ("128710", "DCM")


def test_an_unknown_code_is_told_with_the_near_match(library: Library, cases: Mapping[str, Case]) -> None:
    case = with_manifest(cases["EM-010/TCE001"], title="TCE0001")
    with pytest.raises(
        HarnessError, match=r"'TCE0001' is no code value of this kind \(did you mean TCE001\?\)"
    ):
        MaterialsMaker(library.content, 5).make(case, 1)


def test_more_data_than_a_case_has_room_for_is_told(library: Library, cases: Mapping[str, Case]) -> None:
    data = tuple(RecipeData(name=f"d{n}", line=1, recipe="ct-chest") for n in range(DATA_PER_CASE + 1))
    with pytest.raises(HarnessError, match="9 data; a case has at most 8"):
        MaterialsMaker(library.content, 5).make(replace(cases["EM-010/TCE001"], data=data), 1)


def test_files_that_were_not_taken_are_counted_by_their_reason() -> None:
    record = not_taken("EM-1", "study", ["it is cut short", "not DICOM", "it is cut short"])
    assert record.text == "3 files of the folder of study were not taken"
    assert record.detail == "2 x it is cut short; 1 x not DICOM"


def test_an_instruction_says_all_that_the_selection_needs(
    library: Library, cases: Mapping[str, Case]
) -> None:
    case = with_manifest(cases["EM-010/TCE001"], delay="TCE012", only=("study/1", "study/3"))
    made = MaterialsMaker(library.content, 5).make(case, 1)
    series = str(made.objects[0].dataset.SeriesNumber)
    text = instruction(
        made.of(["manifest"]),
        made.objects,
        folder=cases["EM-010/TCE001"].path,
        kinds=["RAD-51"],
        destination=Destination("10.0.0.7", 11112, "TCE_MANAGER"),
    )
    assert (
        f"Make a selection of 2 instances (series {series}: 1, 3), titled 'For Teaching File Export'" in text
    )
    assert "delayed for the reason" in text
    assert f"with the description 'Teaching file for the chest meeting ({made.token})'" in text
    assert "by the observer 'Ashworth^Miriam'" in text
    assert text.endswith("Send 1 instance (RAD-51) to AE title TCE_MANAGER, host 10.0.0.7, port 11112.")
