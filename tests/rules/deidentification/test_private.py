from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.private import no_private_sop_class, private_removed

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

SAFE = Claims(deidentification_codes=("113100", "113111"))


def told(judgement: Judgement) -> list[tuple[str, Severity, str | None]]:
    return [(each.kind, each.severity, each.element) for each in judgement.findings]


def private(one: Dataset) -> None:
    one.private_block(0x0009, "ACME 1.1", create=True).add_new(0x01, "LO", "ward 7")


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    for judge in (private_removed, no_private_sop_class):
        judgement = judge(make_case(study.originals, study.exported))
        assert (judgement.examined, judgement.findings) == (3, ())
        assert judge(make_case(study.originals, [])).examined == 0


def test_a_kept_private_attribute_and_its_creator_fail(make_case: CaseMaker, study: Study) -> None:
    private(study.originals[0])
    judgement = private_removed(make_case(study.originals, study.spoil(private)))
    assert told(judgement) == [
        ("private-kept", Severity.FAIL, "(0009,0010)"),
        ("private-kept", Severity.FAIL, "(0009,1001)"),
    ]


def test_a_creator_left_behind_in_a_sequence_fails(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.ReferencedImageSequence[0].add_new(0x00290010, "LO", "ACME 1.1")

    change(study.originals[0])
    judgement = private_removed(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == [("private-kept", Severity.FAIL, "(0008,1140)[1]/(0029,0010)")]


def test_a_private_sequence_counts_once_and_not_for_its_contents(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        inner = Dataset()
        private(inner)
        one.add_new(0x00091003, "SQ", [inner])

    change(study.originals[0])
    judgement = private_removed(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == [("private-kept", Severity.FAIL, "(0009,1003)")]


def test_what_the_deidentifier_added_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    judgement = private_removed(make_case(study.originals, study.spoil(private)))
    assert {severity for _, severity, _ in told(judgement)} == {Severity.WARNING}


def test_without_originals_every_private_attribute_fails(make_case: CaseMaker, study: Study) -> None:
    judgement = private_removed(make_case([], study.spoil(private)))
    assert {severity for _, severity, _ in told(judgement)} == {Severity.FAIL}


def test_safe_private_attributes_may_stay_where_claimed(make_case: CaseMaker, study: Study) -> None:
    judgement = private_removed(make_case(study.originals, study.spoil(private), claims=SAFE))
    assert told(judgement) == [("private-retained", Severity.INFO, None)]


def test_a_safe_private_attribute_without_its_creator_fails(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: one.add_new(0x00091001, "LO", "x"))
    judgement = private_removed(make_case(study.originals, exported, claims=SAFE))
    assert ("private-without-creator", Severity.FAIL, "(0009,1001)") in told(judgement)


def test_a_private_sop_class_fails(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "SOPClassUID", "1.3.12.2.1107.5.9.1"))
    judgement = no_private_sop_class(make_case(study.originals, exported))
    assert told(judgement) == [("private-sop-class", Severity.FAIL, "(0008,0016)")]


def test_bytes_of_a_compressed_frame_that_look_like_a_private_tag_are_none(
    make_case: CaseMaker, study: Study
) -> None:
    def compress(one: Dataset) -> None:
        one.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        one.BitsAllocated = one.BitsStored = 8
        one.HighBit = 7
        one.PixelData = encapsulate([bytes.fromhex("ffd8ffdb04000000deadffd9")], has_bot=False)
        one["PixelData"].VR = "OB"

    for one in study.originals[:2]:
        compress(one)
    judgement = private_removed(make_case(study.originals, study.spoil(compress)))
    assert judgement.findings == ()
