from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.record import StepRecord
from tce_harness.model.verdict import Verdict
from tce_harness.rules.deidentification.original_uids import uid_fault
from tce_harness.rules.deidentification.uids import (
    new_uids_are_valid,
    no_original_left,
    replaced_consistently,
)
from tce_harness.rules.registry import RuleFunction

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

RULES = (replaced_consistently, no_original_left, new_uids_are_valid)


def kinds(judgement: Judgement) -> set[str]:
    return {each.kind for each in judgement.findings}


@pytest.mark.parametrize("judge", RULES)
def test_a_clean_export_passes(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    judgement = judge(make_case(study.originals, study.exported))
    assert judgement.examined >= 3
    assert judgement.findings == ()


@pytest.mark.parametrize("judge", RULES)
def test_nothing_exported_examines_nothing(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    assert judge(make_case(study.originals, [])).examined == 0


@pytest.mark.parametrize("judge", [replaced_consistently, no_original_left])
def test_without_originals_it_is_said_why(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    judgement = judge(make_case([], study.exported))
    assert judgement.examined == 0
    assert judgement.reason == "there are no originals to compare with"


@pytest.mark.parametrize("judge", [replaced_consistently, no_original_left])
def test_retained_uids_are_not_judged(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    case = make_case(
        study.originals, study.originals, claims=Claims(deidentification_codes=("113100", "113110"))
    )
    assert judge(case).applicable is False


@pytest.mark.parametrize(
    "keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"]
)
def test_a_kept_uid_fails_both_rules(keyword: str, make_case: CaseMaker, study: Study) -> None:
    kept = getattr(study.originals[0], keyword)
    case = make_case(study.originals, study.spoil(lambda one: setattr(one, keyword, kept)))
    for judge, kind in ((replaced_consistently, "uid-kept"), (no_original_left, "original-uid-left")):
        judgement = judge(case)
        assert kind in kinds(judgement)
        assert all(each.severity is Severity.FAIL for each in judgement.findings)
        assert all(kept not in each.message for each in judgement.findings)


def test_one_original_with_two_replacements_fails(make_case: CaseMaker, study: Study) -> None:
    case = make_case(
        study.originals, study.spoil(lambda one: setattr(one, "FrameOfReferenceUID", "2.25.77777777"))
    )
    (finding,) = replaced_consistently(case).findings
    assert finding.kind == "uid-mapped-inconsistently"
    assert finding.element == "(0020,0052)"
    assert no_original_left(case).findings == ()


def test_two_originals_with_one_replacement_fail(make_case: CaseMaker, study: Study) -> None:
    study.exported[2].SeriesInstanceUID = study.exported[0].SeriesInstanceUID
    assert "uid-collision" in kinds(replaced_consistently(make_case(study.originals, study.exported)))


def test_an_evidence_list_with_other_uids_than_the_images_fails(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        series = one.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
        series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "2.25.5"

    case = make_case(study.originals, study.spoil(change, 2))
    assert kinds(replaced_consistently(case)) == {"uid-mapped-inconsistently"}


def test_items_in_another_order_are_no_inconsistency(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.ContentSequence = list(reversed(one.ContentSequence))

    case = make_case(study.originals, study.spoil(change, 2))
    assert replaced_consistently(case).findings == ()


@pytest.mark.parametrize(
    ("tag", "vr", "spell"),
    [
        (0x00204000, "LT", "see {} for more"),
        (0x00081190, "UR", "https://pacs.example/studies/{}"),
        (0x00091001, "UN", "{}"),
        (0x00420011, "OB", "<id>{}</id>"),
    ],
)
def test_an_original_uid_is_found_in_any_vr(
    tag: int, vr: str, spell: str, make_case: CaseMaker, study: Study
) -> None:
    text = spell.format(study.originals[0].StudyInstanceUID)
    value = text.encode() if vr in {"UN", "OB"} else text
    case = make_case(study.originals, study.spoil(lambda one: one.add_new(tag, vr, value)))
    (finding,) = no_original_left(case).findings
    assert finding.element == f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    assert finding.subject == "study/1"


def test_an_original_uid_in_a_sequence_of_vr_un_is_found(make_case: CaseMaker, study: Study) -> None:
    uid = study.originals[0].StudyInstanceUID.encode() + b" "
    element = b"\x08\x00\x55\x11" + len(uid).to_bytes(4, "little") + uid
    value = b"\xfe\xff\x00\xe0" + len(element).to_bytes(4, "little") + element
    case = make_case(study.originals, study.spoil(lambda one: one.add_new(0x00091010, "UN", value)))
    assert {each.element for each in no_original_left(case).findings} >= {"(0009,1010)[1]/(0008,1155)"}


def test_an_original_uid_behind_the_pixels_is_found(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.PixelData = one.PixelData + b"\0" + study.originals[0].SeriesInstanceUID.encode() + b"\0"

    assert kinds(no_original_left(make_case(study.originals, study.spoil(change)))) == {"original-uid-left"}


def test_a_uid_that_merely_begins_like_an_original_is_none(make_case: CaseMaker, study: Study) -> None:
    longer = study.originals[0].StudyInstanceUID + "7.7"
    case = make_case(study.originals, study.spoil(lambda one: setattr(one, "ImageComments", longer)))
    assert no_original_left(case).findings == ()


def test_well_known_uids_stay(make_case: CaseMaker, study: Study) -> None:
    atlas = "1.2.840.10008.1.4.1.1"
    for one in (study.originals[0], study.originals[1], study.exported[0], study.exported[1]):
        one.FrameOfReferenceUID = atlas
    case = make_case(study.originals, study.exported)
    assert replaced_consistently(case).findings == ()
    assert no_original_left(case).findings == ()
    study.exported[0].FrameOfReferenceUID = "2.25.99"
    assert kinds(new_uids_are_valid(make_case(study.originals, study.exported))) == {
        "well-known-uid-replaced"
    }


@pytest.mark.parametrize(
    "uid",
    ["9999.1.2", "1.2.03.4", "1.99.3", "1.2.x", "2.25." + "1" * 70, "5", "2.120113311721182431175321281291"],
)
def test_an_invalid_uid_fails(uid: str, make_case: CaseMaker, study: Study) -> None:
    case = make_case(study.originals, study.spoil(lambda one: setattr(one, "FrameOfReferenceUID", uid)))
    assert kinds(new_uids_are_valid(case)) == {"uid-invalid"}
    assert uid_fault(uid)


def test_an_invalid_uid_that_was_already_there_is_not_the_exporters(
    make_case: CaseMaker, study: Study
) -> None:
    for one in (study.originals[0], study.exported[0]):
        one.ProcedureCodeSequence = [Dataset()]
        one.ProcedureCodeSequence[0].ContextUID = "1.2.03"
    assert new_uids_are_valid(make_case(study.originals, study.exported)).findings == ()


def test_a_new_last_component_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    long = "1.2.826.0.1.3680043.10.5.7.20190412.101530.1"
    study.originals[0].FrameOfReferenceUID = study.originals[1].FrameOfReferenceUID = long
    case = make_case(
        study.originals, study.spoil(lambda one: setattr(one, "FrameOfReferenceUID", long[:-1] + "2"))
    )
    (finding,) = new_uids_are_valid(case).findings
    assert (finding.kind, finding.severity) == ("uid-derived-from-original", Severity.WARNING)


def test_two_makers_under_one_root_are_no_derivation(make_case: CaseMaker, study: Study) -> None:
    root = "1.2.826.0.1.3680043.8.498."
    study.originals[0].FrameOfReferenceUID = root + "1" * 30
    case = make_case(
        study.originals, study.spoil(lambda one: setattr(one, "FrameOfReferenceUID", root + "2" * 30))
    )
    assert new_uids_are_valid(case).findings == ()


def test_a_uid_that_a_claimed_option_retains_is_not_missed(make_case: CaseMaker, study: Study) -> None:
    for one in (*study.originals, *study.exported):
        one.DeviceUID = "1.2.826.0.1.3680043.10.5.8"
    kept = replaced_consistently(make_case(study.originals, study.exported))
    assert {each.element for each in kept.findings} == {"(0018,1002)"}
    device = Claims(deidentification_codes=("113100", "113109"))
    assert replaced_consistently(make_case(study.originals, study.exported, claims=device)).findings == ()


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00200242, "UI", "{uid}"),
        (0x00081167, "UI", "{uid}"),
        (0x00081190, "UR", "https://pacs.example/studies/{uid}"),
        (0x00287FE0, "UR", "https://pacs.example/wado?studyUID={uid}&x=1"),
        (0x0040E010, "UT", "see {uid} there"),
        (0x00091010, "LO", "{uid}"),
        (0x00091011, "OB", "{uid}"),
    ],
)
def test_original_uids_are_found_where_no_row_names_the_attribute(
    tag: int, vr: str, value: str, make_case: CaseMaker, study: Study
) -> None:
    text = value.format(uid=study.originals[1].StudyInstanceUID)
    study.exported[0].add_new(tag, vr, text.encode() + b"\0" * (len(text) % 2) if vr == "OB" else text)
    judgement = no_original_left(make_case(study.originals, study.exported))
    assert {(each.kind, each.severity) for each in judgement.findings} == {
        ("original-uid-left", Severity.FAIL)
    }


def test_two_files_of_one_uid_and_other_bytes_fail(make_case: CaseMaker, study: Study) -> None:
    again = copy.deepcopy(study.exported[0])
    again.InstanceNumber = 99
    exported = [*study.exported, again]
    found = new_uids_are_valid(make_case(study.originals, exported, on_wire=False, what="check")).findings
    assert [(each.kind, each.severity) for each in found] == [("uid-used-twice", Severity.FAIL)]
    assert "9994610238" not in found[0].message
    assert new_uids_are_valid(make_case(study.originals, exported)).findings == ()
    twice = [*study.exported, study.exported[0]]
    assert new_uids_are_valid(make_case(study.originals, twice, on_wire=False, what="check")).findings == ()


def test_originals_of_one_uid_excuse_exported_files_of_one(make_case: CaseMaker, study: Study) -> None:
    again = copy.deepcopy(study.exported[0])
    again.InstanceNumber = 99
    refused = StepRecord(
        case="EM-000/TEST",
        step="data originals",
        verb="data",
        text="1 files were not taken",
        verdict=Verdict.WARNING,
        detail="1 x it has the SOP Instance UID of study/1 and other bytes",
    )
    exported = [*study.exported, again]
    case = make_case(study.originals, exported, on_wire=False, what="check", more=[refused])
    assert [each.severity for each in new_uids_are_valid(case).findings] == [Severity.WARNING]
