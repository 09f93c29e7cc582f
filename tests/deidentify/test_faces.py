"""Who could be recognised by the pixels: photographs, and volumes of the head."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset

from tce_harness.deidentify import (
    Deidentified,
    Deidentifier,
    Faces,
    NoteKind,
    Policy,
    Pseudonyms,
    Quarantined,
)
from tce_harness.deidentify.faces import reason_for_faces
from tce_harness.objects.instance import encode_instance


def image(**elements: object) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = uids.MRImageStorage
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("elements", "recognisable"),
    [
        ({"BodyPartExamined": "HEAD"}, True),
        ({"BodyPartExamined": "brain "}, True),
        ({"BodyPartExamined": "WHOLEBODY"}, True),
        ({"StudyDescription": "MR_Head wo contrast"}, True),
        ({"ProtocolName": "cKopf nativ"}, False),
        ({"ProtocolName": "Kopf nativ"}, True),
        ({"BodyPartExamined": "CHEST", "StudyDescription": "as after the head scan"}, False),
        ({"SeriesDescription": "femoral head"}, True),
        ({}, False),
        ({"SOPClassUID": uids.VLPhotographicImageStorage}, True),
        ({"SOPClassUID": uids.ComputedRadiographyImageStorage, "BodyPartExamined": "SKULL"}, False),
    ],
)
def test_class_body_part_and_descriptions_decide(elements: dict[str, object], recognisable: bool) -> None:
    assert (reason_for_faces(image(**elements)) is not None) is recognisable


def test_the_meaning_of_an_anatomic_region_tells_of_the_head() -> None:
    region = Dataset()
    region.CodeMeaning = "Face"
    assert reason_for_faces(image(AnatomicRegionSequence=[region])) is not None


def test_slices_of_a_head_are_held_back_or_noted_by_policy(
    ct: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    ct.BodyPartExamined = "HEAD"
    held = Deidentifier(replace(basic, faces=Faces.QUARANTINE), pseudonyms)
    outcome = held.deidentify(ct)
    assert isinstance(outcome, Quarantined)
    assert "a face could be reconstructed from CT Image Storage of the head" in outcome.reason
    assert held.rewrite(encode_instance(ct)) is None
    noting = Deidentifier(replace(basic, faces=Faces.ALLOW_WITH_NOTE), pseudonyms)
    outcome = noting.deidentify(ct)
    short = noting.rewrite(encode_instance(ct))
    assert isinstance(outcome, Deidentified)
    assert short is not None
    for notes in (outcome.notes, short.notes):
        assert [note.kind for note in notes].count(NoteKind.FACES) == 1
    codes = {item.CodeValue for item in outcome.dataset.DeidentificationMethodCodeSequence}
    assert "113102" not in codes
