from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, EnhancedSRStorage, KeyObjectSelectionDocumentStorage

from tce_harness.mutations import Mutations, Numbering, OutgoingContext, kind_of, parse_mutations

Apply = Callable[..., Dataset | None]


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def content_item(value_type: str, relationship: str, name: Dataset | None, **values: object) -> Dataset:
    item = Dataset()
    item.RelationshipType = relationship
    item.ValueType = value_type
    if name is not None:
        item.ConceptNameCodeSequence = Sequence([name])
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def reference(uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CTImageStorage, uid
    return item


@pytest.fixture
def image() -> Dataset:
    """Return an image as an Export Manager would send it."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = "2.25.11"
    dataset.StudyInstanceUID = "2.25.12"
    dataset.PatientName = "Subject^One"
    dataset.PatientID = ""
    dataset.FrameOfReferenceUID = "2.25.13"
    request = Dataset()
    request.RequestedProcedureID = "R1"
    second = Dataset()
    second.RequestedProcedureID = "R2"
    dataset.RequestAttributesSequence = Sequence([request, second])
    dataset.PixelData = b"\x00\x01"
    return dataset


@pytest.fixture
def original() -> Dataset:
    """Return the same image as it was before."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = "1.2.3.1"
    dataset.PatientName = "Ковалёв^Иван"
    dataset.PatientID = "9990001"
    dataset.FrameOfReferenceUID = "1.2.3.9"
    dataset.OtherPatientNames = ["A^B", "C^D"]
    request = Dataset()
    request.ScheduledProcedureStepDescription = "secret"
    dataset.RequestAttributesSequence = Sequence([Dataset(), request])
    block = dataset.private_block(0x0009, "SOMEBODY", create=True)
    block.add_new(0x01, "LO", "hidden")
    return dataset


@pytest.fixture
def manifest() -> Dataset:
    """Return a manifest over two studies with a delay reason."""
    dataset = Dataset()
    dataset.SOPClassUID = KeyObjectSelectionDocumentStorage
    dataset.SOPInstanceUID = "2.25.21"
    dataset.ConceptNameCodeSequence = Sequence([code("TCE001", "IHERADTF", "For Teaching File Export")])
    dataset.ContentSequence = Sequence(
        [
            content_item(
                "CODE",
                "HAS CONCEPT MOD",
                code("113011", "DCM", "Document Title Modifier"),
                ConceptCodeSequence=Sequence([code("TCE012", "IHERADTF", "Delay")]),
            ),
            content_item(
                "TEXT", "CONTAINS", code("113012", "DCM", "Key Object Description"), TextValue="A case"
            ),
            *(
                content_item("IMAGE", "CONTAINS", None, ReferencedSOPSequence=Sequence([reference(uid)]))
                for uid in ("2.25.31", "2.25.32", "2.25.33")
            ),
        ]
    )
    studies = []
    for uids in (("2.25.31", "2.25.32"), ("2.25.33",)):
        series, study = Dataset(), Dataset()
        series.ReferencedSOPSequence = Sequence([reference(uid) for uid in uids])
        study.ReferencedSeriesSequence = Sequence([series])
        studies.append(study)
    dataset.CurrentRequestedProcedureEvidenceSequence = Sequence(studies)
    return dataset


@pytest.fixture
def teaching_file() -> Dataset:
    """Return additional teaching file information with an author and an affiliation."""
    affiliation = content_item(
        "TEXT", "HAS PROPERTIES", code("TCE102", "IHERADTF", "Affiliation"), TextValue="A hospital"
    )
    author = content_item(
        "TEXT",
        "CONTAINS",
        code("TCE101", "IHERADTF", "Author"),
        TextValue="Doe^Jane^^^GMC1234567",
        ContentSequence=Sequence([affiliation]),
    )
    confirmed = content_item(
        "CODE",
        "CONTAINS",
        code("TCE111", "IHERADTF", "Diagnosis confirmed"),
        ConceptCodeSequence=Sequence([code("373066001", "SCT", "Yes")]),
    )
    dataset = Dataset()
    dataset.SOPClassUID = EnhancedSRStorage
    dataset.SOPInstanceUID = "2.25.41"
    dataset.ConceptNameCodeSequence = Sequence([code("TCE006", "IHERADTF", "Additional")])
    dataset.ContentSequence = Sequence([author, confirmed])
    return dataset


@pytest.fixture
def apply() -> Apply:
    """Return a function that sends one object through mutations and makes sure that it stays as it was."""

    def _apply(
        mutations: list[object],
        dataset: Dataset,
        original: Dataset | None = None,
        number: int = 1,
        kind_number: int = 1,
    ) -> Dataset | None:
        before = copy.deepcopy(dataset), copy.deepcopy(original)
        context = OutgoingContext(
            kind=kind_of(dataset.SOPClassUID), number=number, kind_number=kind_number, random=Random(1)
        )
        parsed = Mutations(parse_mutations(json.dumps(mutations)))
        sent = parsed.outgoing(dataset, original, context)
        assert (dataset, original) == before
        assert sent == parsed.outgoing(dataset, original, context)
        return sent

    return _apply


@pytest.fixture
def numbering() -> Numbering:
    return Numbering()
