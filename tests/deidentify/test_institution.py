"""An institution that is retained, where other attributes name it too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from tce_harness.deidentify import Deidentified, NoteKind
from tce_harness.objects.content_items import code_item
from tce_harness.objects.instance import encode_instance
from tce_harness.standard.codes import Concept

By = Callable[..., Deidentified]


@pytest.mark.parametrize("other", ["Fernhill Infirmary 2", "Fernhill", "Infirmary of Fernhill, Ward 9"])
def test_an_institution_stays_that_another_attribute_names_too(report: Dataset, by: By, other: str) -> None:
    name = "Fernhill Infirmary 2"
    observer, verified = Dataset(), Dataset()
    observer.RelationshipType, observer.ValueType, observer.TextValue = "HAS OBS CONTEXT", "TEXT", name
    concept = Concept("121009", "DCM", "Person Observer's Organization Name")
    observer.ConceptNameCodeSequence = [code_item(concept)]
    verified.VerifyingOrganization = other
    report.InstitutionName, report.VerifyingObserverSequence = name, [verified]
    report.ContentSequence.append(observer)
    outcome = by(report, "institution-identity", "clean-structured-content")
    assert outcome.dataset.InstitutionName == name
    assert outcome.dataset.ContentSequence[-1].TextValue == name
    assert b"Ward 9" not in encode_instance(outcome.dataset)
    assert not [note for note in outcome.notes if note.kind is NoteKind.NOT_RETAINED]
    assert name.encode() not in encode_instance(by(report, "clean-structured-content").dataset)


def test_an_institution_of_the_patients_number_or_name_is_not_spared(ct: Dataset, by: By) -> None:
    ct.InstitutionName, ct.PatientID = "Ward 9990001234", "9990001234"
    assert b"9990001234" not in encode_instance(by(ct, "institution-identity").dataset)
    ct.InstitutionName, ct.PatientName = "Quillfeather Zebulon House", "Quillfeather^Zebulon"
    ct.StudyDescription = "Quillfeather chest"
    result = by(ct, "institution-identity", "clean-descriptors").dataset
    assert b"quillfeather" not in encode_instance(result).lower()
