"""A small study, and the same study well de-identified by hand; tests spoil one thing at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, KeyObjectSelectionDocumentStorage

ROOT = "1.2.826.0.1.3680043.10.5.7"
NEW = "2.25"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def image(number: int) -> Dataset:
    """Return an original CT image of the patient Szczepanska-Hand."""
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.SpecificCharacterSet = "ISO_IR 192"
    one.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    one.SOPClassUID = CTImageStorage
    one.SOPInstanceUID = f"{ROOT}.1.1.{number}"
    one.StudyInstanceUID = f"{ROOT}.1"
    one.SeriesInstanceUID = f"{ROOT}.1.1"
    one.FrameOfReferenceUID = f"{ROOT}.1.9"
    one.StudyDate, one.StudyTime, one.ContentDate, one.ContentTime = (
        "20190412", "101530", "20190412", "101612",
    )  # fmt: skip
    one.AccessionNumber = "RX44910273"
    one.Modality = "CT"
    one.Manufacturer = "Acme"
    one.InstitutionName = "St Dymphna Infirmary"
    one.ReferringPhysicianName = "Okonkwo^Bernadette^^Dr"
    one.StudyDescription = "CT thorax for Dr Okonkwo"
    one.PatientName = "Szczepańska-Hand^Małgorzata"
    one.PatientID = "9994610238"
    one.PatientBirthDate = "19570312"
    one.PatientSex = "F"
    one.PatientAge = "062Y"
    one.StudyID = "S88213"
    one.SeriesNumber, one.InstanceNumber = 1, number
    one.Rows = one.Columns = 2
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation, one.SamplesPerPixel = 15, 0, 1
    one.PhotometricInterpretation = "MONOCHROME2"
    one.PixelData = bytes([number, 0] * 4)
    request = Dataset()
    request.RequestedProcedureDescription = "Thorax, ask Dr Okonkwo"
    request.ScheduledProcedureStepID = "SPS7713"
    one.RequestAttributesSequence = [request]
    other = Dataset()
    other.ReferencedSOPClassUID = CTImageStorage
    other.ReferencedSOPInstanceUID = f"{ROOT}.1.1.{3 - number}"
    one.ReferencedImageSequence = [other]
    return one


def manifest() -> Dataset:
    """Return an original key object selection that lists both images."""
    one = image(1)
    for keyword in (
        "FrameOfReferenceUID", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "ImageType",
        "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation", "PixelData",
        "RequestAttributesSequence", "ReferencedImageSequence",
    ):  # fmt: skip
        delattr(one, keyword)
    one.SOPClassUID = KeyObjectSelectionDocumentStorage
    one.SOPInstanceUID = f"{ROOT}.1.2.1"
    one.SeriesInstanceUID = f"{ROOT}.1.2"
    one.Modality, one.SeriesNumber = "KO", 2
    one.ConceptNameCodeSequence = [code("TCE001", "IHERADTF", "For Teaching File Export")]
    one.ValueType = "CONTAINER"
    series = Dataset()
    series.SeriesInstanceUID = f"{ROOT}.1.1"
    series.ReferencedSOPSequence = [reference(1), reference(2)]
    study = Dataset()
    study.StudyInstanceUID = f"{ROOT}.1"
    study.ReferencedSeriesSequence = [series]
    one.CurrentRequestedProcedureEvidenceSequence = [study]
    one.ContentSequence = [content(1), content(2)]
    return one


def reference(number: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = CTImageStorage
    item.ReferencedSOPInstanceUID = f"{ROOT}.1.1.{number}"
    return item


def content(number: int) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
    item.ReferencedSOPSequence = [reference(number)]
    return item


def new_uid(uid: str) -> str:
    """Return the replacement of one of the study's UIDs."""
    if not uid.startswith(ROOT):
        return uid
    return f"{NEW}.{int(''.join(part.zfill(2) for part in uid[len(ROOT) + 1 :].split('.'))) + 10**30}"


def replace_uids(dataset: Dataset) -> None:
    for element in dataset:
        if element.VR == "UI" and isinstance(element.value, str):
            element.value = new_uid(str(element.value))
        elif element.VR == "SQ":
            for item in element.value:
                replace_uids(item)


def clean(original: Dataset) -> Dataset:
    """De-identify an original by hand: Basic Profile alone."""
    one = copy.deepcopy(original)
    replace_uids(one)
    for keyword in (
        "InstitutionName", "StudyDescription", "PatientAge", "RequestAttributesSequence",
    ):  # fmt: skip
        if keyword in one:
            delattr(one, keyword)
    for keyword in ("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"):
        setattr(one, keyword, "")
    one.PatientBirthDate = one.PatientSex = one.StudyID = ""
    if "ContentDate" in one:
        one.ContentDate, one.ContentTime = "20000101", "000000"
    one.PatientName, one.PatientID = "PSEUDO^0417", "P0417"
    one.PatientIdentityRemoved = "YES"
    one.DeidentificationMethod = "by hand"
    one.DeidentificationMethodCodeSequence = [
        code("113100", "DCM", "Basic Application Confidentiality Profile")
    ]
    one.LongitudinalTemporalInformationModified = "REMOVED"
    return one


@dataclass
class Study:
    """Originals, and what a conforming de-identifier made of them."""

    originals: list[Dataset]
    exported: list[Dataset]

    code = staticmethod(code)
    image = staticmethod(image)
    clean = staticmethod(clean)
    new_uid = staticmethod(new_uid)

    def spoil(self, change: Callable[[Dataset], object], index: int = 0) -> list[Dataset]:
        """Return the exported instances with a change to one of them."""
        change(self.exported[index])
        return self.exported


@pytest.fixture
def study() -> Study:
    originals = [image(1), image(2), manifest()]
    return Study(originals, [clean(each) for each in originals])
