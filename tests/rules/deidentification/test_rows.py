from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.rows import basic_profile_rows
from tce_harness.standard.confidentiality import table

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

FAIL, WARNING = Severity.FAIL, Severity.WARNING


def told(judgement: Judgement) -> set[tuple[str, Severity, str | None]]:
    return {(each.kind, each.severity, each.row) for each in judgement.findings}


def claiming(*codes: str, edition: str = "2026d") -> Claims:
    return Claims(deidentification_codes=("113100", *codes), edition=edition)


def item(**values: object) -> Dataset:
    one = Dataset()
    for keyword, value in values.items():
        setattr(one, keyword, value)
    return one


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert judgement.examined > 40
    assert judgement.unit == "attributes"
    assert judgement.findings == ()


def test_without_pairs_it_is_said_why(make_case: CaseMaker, study: Study) -> None:
    for originals, exported, reason in (
        ([], study.exported, "there are no originals to compare with"),
        (study.originals, [], "nothing readable was exported"),
        (study.originals[:1], study.exported[2:], "no exported instance could be paired with an original"),
    ):
        judgement = basic_profile_rows(make_case(originals, exported))
        assert (judgement.examined, judgement.reason) == (0, reason)


@pytest.mark.parametrize(
    ("keyword", "row"),
    [
        ("InstitutionName", "(0008,0080)"),
        ("StudyDescription", "(0008,1030)"),
        ("PatientName", "(0010,0010)"),
        ("PatientID", "(0010,0020)"),
        ("PatientSex", "(0010,0040)"),
        ("PatientAge", "(0010,1010)"),
        ("StudyDate", "(0008,0020)"),
        ("StudyTime", "(0008,0030)"),
        ("AccessionNumber", "(0008,0050)"),
        ("ReferringPhysicianName", "(0008,0090)"),
        ("FrameOfReferenceUID", "(0020,0052)"),
        ("StudyID", "(0020,0010)"),
    ],
)
def test_an_original_value_that_survives_fails(
    keyword: str, row: str, make_case: CaseMaker, study: Study
) -> None:
    value = getattr(study.originals[0], keyword)
    judgement = basic_profile_rows(
        make_case(study.originals, study.spoil(lambda one: setattr(one, keyword, value)))
    )
    assert told(judgement) == {("value-kept", FAIL, row)}
    assert judgement.findings[0].element == row
    assert str(value) not in judgement.findings[0].message


def test_a_value_in_other_letters_survives(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "InstitutionName", "ST DYMPHNA INFIRMARY"))
    assert told(basic_profile_rows(make_case(study.originals, exported))) == {
        ("value-kept", FAIL, "(0008,0080)")
    }


@pytest.mark.parametrize(
    ("keyword", "value", "kind", "row"),
    [
        ("StudyDescription", "", "emptied-not-removed", "(0008,1030)"),
        ("StudyDescription", "REMOVED", "replaced-not-removed", "(0008,1030)"),
        ("PatientAge", "050Y", "replaced-not-removed", "(0010,1010)"),
        ("FrameOfReferenceUID", "", "replacement-empty", "(0020,0052)"),
        ("FrameOfReferenceUID", None, "replacement-missing", "(0020,0052)"),
        ("PatientID", None, "replacement-missing", "(0010,0020)"),
        ("StudyDate", None, "replacement-missing", "(0008,0020)"),
    ],
)
def test_what_is_not_as_the_row_asks_and_leaks_nothing_is_a_warning(
    keyword: str, value: str | None, kind: str, row: str, *, make_case: CaseMaker, study: Study
) -> None:
    def change(one: Dataset) -> None:
        if value is None:
            delattr(one, keyword)
        else:
            setattr(one, keyword, value)

    judgement = basic_profile_rows(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == {(kind, WARNING, row)}


def nested(depth: int, leaf: Dataset) -> Dataset:
    for _ in range(depth):
        leaf = item(ReferencedSeriesSequence=[leaf])
    return leaf


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_rows_are_judged_at_every_depth(depth: int, make_case: CaseMaker, study: Study) -> None:
    for one in (study.originals[0], study.exported[0]):
        holder = nested(depth, item(PatientName="Szczepańska-Hand^Małgorzata"))
        one.ReferencedSeriesSequence = holder.ReferencedSeriesSequence
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert told(judgement) == {("value-kept", FAIL, "(0010,0010)")}
    assert judgement.findings[0].element == "(0008,1115)[1]/" * depth + "(0010,0010)"


@pytest.mark.parametrize(
    ("tag", "vr", "value", "row"),
    [
        (0x50003000, "OW", b"\x11\x22" * 8, "(50xx,xxxx)"),
        (0x501E0022, "LO", "Curve of a person", "(50xx,xxxx)"),
        (0x60003000, "OW", b"\x11\x22" * 8, "(60xx,3000)"),
        (0x601E3000, "OW", b"\x11\x22" * 8, "(60xx,3000)"),
        (0x60024000, "LT", "comments on a person", "(60xx,4000)"),
        (0x00102162, "UC", "of some group", "(0010,2162)"),
        (0x00081301, "SQ", "a", "(0008,1301)"),
        (0x00104000, "LT", "comments", "(0010,4000)"),
        (0xFFFCFFFC, "OB", b"trailing name", "(FFFC,FFFC)"),
        (0x00321066, "UT", "a reason", "(0032,1066)"),
        (0x00380500, "LO", "in a state", "(0038,0500)"),
        (0x00081190, "UR", "http://pacs/wado", "(0008,1190)"),
        (0x0040A13A, "DT", "20190412101530.1", "(0040,A13A)"),
    ],
)
def test_rows_of_every_kind_are_judged(
    tag: int, vr: str, value: str | bytes, row: str, *, make_case: CaseMaker, study: Study
) -> None:
    for one in (study.originals[0], study.exported[0]):
        one.add_new(tag, vr, [study.code("R51", "I10", "Headache of a person")] if vr == "SQ" else value)
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    if table("2026d").row_for(tag) is None:
        assert judgement.findings == ()
    else:
        assert told(judgement) == {("value-kept", FAIL, row)}


def test_a_repeating_group_does_not_spread_to_its_neighbours(make_case: CaseMaker, study: Study) -> None:
    for one in (study.originals[0], study.exported[0]):
        one.add_new(0x60000010, "US", 2)
    assert basic_profile_rows(make_case(study.originals, study.exported)).findings == ()


def test_a_removed_sequence_covers_what_was_in_it(make_case: CaseMaker, study: Study) -> None:
    assert "RequestAttributesSequence" in study.originals[0]
    assert basic_profile_rows(make_case(study.originals, study.exported)).findings == ()


def test_a_sequence_that_stays_with_an_original_value_fails_once(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.RequestAttributesSequence = copy.deepcopy(study.originals[0].RequestAttributesSequence)

    judgement = basic_profile_rows(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == {("value-kept", FAIL, "(0040,0275)")}
    (finding,) = judgement.findings
    assert finding.element == "(0040,0275)[1]/(0032,1060)"


def test_a_sequence_that_stays_with_dummies_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(
        lambda one: setattr(one, "RequestAttributesSequence", [item(ScheduledProcedureStepID="X")])
    )
    judgement = basic_profile_rows(make_case(study.originals, exported))
    assert told(judgement) == {("replaced-not-removed", WARNING, "(0040,0275)")}


def test_a_sequence_of_vr_un_is_judged(make_case: CaseMaker, study: Study) -> None:
    value = b"kept in a sequence "
    value += b" " * (len(value) % 2)
    element = b"\x10\x00\x00\x40" + len(value).to_bytes(4, "little") + value
    hidden = b"\xfe\xff\x00\xe0" + len(element).to_bytes(4, "little") + element
    for one in (study.originals[0], study.exported[0]):
        one.add_new(0x00189999, "UN", hidden)
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert told(judgement) == {("value-kept", FAIL, "(0010,4000)")}
    assert judgement.findings[0].element == "(0018,9999)[1]/(0010,4000)"


def test_a_value_that_changed_its_vr_to_un_survives(make_case: CaseMaker, study: Study) -> None:
    study.originals[0].add_new(0x00321066, "UT", "pain of a person")
    exported = study.spoil(lambda one: one.add_new(0x00321066, "UN", b"pain of a person"))
    judgement = basic_profile_rows(make_case(study.originals, exported))
    assert told(judgement) == {("value-kept", FAIL, "(0032,1066)")}


def test_references_may_stay_with_new_uids_or_go(make_case: CaseMaker, study: Study) -> None:
    assert "ReferencedImageSequence" in study.exported[0]
    assert basic_profile_rows(make_case(study.originals, study.exported)).findings == ()
    exported = study.spoil(lambda one: delattr(one, "ReferencedImageSequence"))
    assert basic_profile_rows(make_case(study.originals, exported)).findings == ()


@pytest.mark.parametrize(
    ("code", "keyword"),
    [
        ("113108", "PatientAge"),
        ("113112", "InstitutionName"),
        ("113106", "StudyDate"),
        ("113110", "FrameOfReferenceUID"),
    ],
)
def test_a_retain_option_is_a_duty(code: str, keyword: str, make_case: CaseMaker, study: Study) -> None:
    row = {"PatientAge": "(0010,1010)", "InstitutionName": "(0008,0080)", "StudyDate": "(0008,0020)"}.get(
        keyword, "(0020,0052)"
    )
    gone = {(each.kind, each.row) for each in judged(make_case, study, claiming(code))}
    assert gone & {("retained-value-lost", row), ("retained-value-changed", row)}
    for original, exported in zip(study.originals, study.exported, strict=True):
        if keyword in original:
            setattr(exported, keyword, getattr(original, keyword))
    assert row not in {each.row for each in judged(make_case, study, claiming(code))}
    assert ("value-kept", row) in {(each.kind, each.row) for each in judged(make_case, study, claiming())}


def judged(make_case: CaseMaker, study: Study, claims: Claims):  # type: ignore[no-untyped-def]
    return basic_profile_rows(make_case(study.originals, study.exported, claims=claims)).findings


def test_a_cleaned_description_may_stay_where_claimed(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "StudyDescription", "CT thorax"))
    case = make_case(study.originals, exported, claims=claiming("113105"))
    assert basic_profile_rows(case).findings == ()


def describe(one: Dataset, study: Study, text: str, name: str) -> None:
    described = item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue=text)
    described.ConceptNameCodeSequence = [study.code("113012", "DCM", "Key Object Description")]
    observer = item(RelationshipType="HAS OBS CONTEXT", ValueType="PNAME", PersonName=name)
    observer.ConceptNameCodeSequence = [study.code("121008", "DCM", "Person Observer Name")]
    one.ContentSequence = [*one.ContentSequence, described, observer]


def test_a_rewritten_manifest_without_its_claim_is_one_warning(make_case: CaseMaker, study: Study) -> None:
    describe(study.originals[2], study, "for teaching", "Okonkwo^Bernadette")
    describe(study.exported[2], study, "for teaching", "PSEUDO^1")
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert told(judgement) == {("rewritten-without-claim", WARNING, "(0040,A730)")}
    assert len(judgement.findings) == 1
    case = make_case(study.originals, study.exported, claims=claiming("113104"))
    assert basic_profile_rows(case).findings == ()


def test_a_name_that_survives_in_a_rewritten_manifest_fails(make_case: CaseMaker, study: Study) -> None:
    describe(study.originals[2], study, "for teaching", "Okonkwo^Bernadette")
    describe(study.exported[2], study, "for teaching", "Okonkwo^Bernadette")
    for claims in (claiming(), claiming("113104")):
        findings = basic_profile_rows(make_case(study.originals, study.exported, claims=claims)).findings
        assert ("value-kept", "(0040,A123)") in {(each.kind, each.row) for each in findings}


def test_an_emptied_graphic_annotation_leaks_nothing(make_case: CaseMaker, study: Study) -> None:
    text = item(UnformattedTextValue="arrow on Szczepanska", BoundingBoxAnnotationUnits="PIXEL")
    study.originals[0].GraphicAnnotationSequence = [item(GraphicLayer="L", TextObjectSequence=[text])]
    study.exported[0].GraphicAnnotationSequence = []
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert told(judgement) == {("replacement-empty", WARNING, "(0070,0001)")}


def test_the_edition_that_is_claimed_is_judged(make_case: CaseMaker, study: Study) -> None:
    for one in (study.originals[0], study.exported[0]):
        one.add_new(0x00081301, "SQ", [study.code("R51", "I10", "Headache of a person")])
    new, old = (
        basic_profile_rows(make_case(study.originals, study.exported, claims=claiming(edition=edition)))
        for edition in ("2026d", "2023b")
    )
    assert told(new) == {("value-kept", FAIL, "(0008,1301)")}
    assert told(old) == set()


def test_an_edition_that_is_not_at_hand_is_told(make_case: CaseMaker, study: Study) -> None:
    judgement = basic_profile_rows(
        make_case(study.originals, study.exported, claims=claiming(edition="1999a"))
    )
    assert [(each.kind, each.severity) for each in judgement.findings] == [("edition-not-at-hand", WARNING)]


def reorder(one: Dataset) -> None:
    if "ContentSequence" in one:
        one.ContentSequence = list(reversed(one.ContentSequence))


def add(one: Dataset) -> None:
    one.ContributingEquipmentSequence = [item(Manufacturer="De-identifier")]
    one.InstanceCreationDate, one.ClinicalTrialProtocolID = "20260101", "T1"


def group_lengths(one: Dataset) -> None:
    one.add_new(0x00100000, "UL", 40)


def implicit(one: Dataset) -> None:
    one.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian


def deflated(one: Dataset) -> None:
    one.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian


def padded(one: Dataset) -> None:
    one.PatientName, one.Manufacturer = "PSEUDO^0417   ", "Acme  "


@pytest.mark.parametrize("change", [reorder, add, group_lengths, implicit, deflated, padded])
def test_harmless_differences_are_not_flagged(
    change: Callable[[Dataset], None], make_case: CaseMaker, study: Study
) -> None:
    for one in study.exported:
        change(one)
    assert basic_profile_rows(make_case(study.originals, study.exported)).findings == ()


def test_well_known_uids_stay(make_case: CaseMaker, study: Study) -> None:
    for one in (*study.originals[:2], *study.exported[:2]):
        one.FrameOfReferenceUID = "1.2.840.10008.1.4.1.1"
    assert basic_profile_rows(make_case(study.originals, study.exported)).findings == ()
