"""Instances of one patient, one of each kind that an export holds, and the policies that ship."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from itertools import count

import pytest
from pydicom import uid as uids
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from tce_harness.content import Content
from tce_harness.deidentify import (
    Deidentified,
    Deidentifier,
    Policy,
    Pseudonyms,
    Quarantined,
    find_policy,
    with_options,
)
from tce_harness.objects.content_items import (
    Relationship,
    ValueType,
    code_content,
    code_item,
    content_item,
    person_content,
    template_item,
    text_content,
)
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

ROOT = "1.2.826.0.1.3680043.8.498."
KEY = b"a key of more than sixteen bytes"
NAME, PATIENT_ID, ACCESSION = "Hand^Peter^Aurelius", "9991234564", "ACC-470815"
INSTITUTION = "Saint Cuthbert Infirmary"
DESCRIPTION = "Mass in the right lung of Mr Hand, 12 mm, seen by Zebulon"

Deidentify = Callable[[Dataset], Dataset]
By = Callable[..., Deidentified]


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.with_overlays()


@pytest.fixture(scope="session")
def basic(content: Content) -> Policy:
    return find_policy("basic", content)


@pytest.fixture(scope="session")
def teaching(content: Content) -> Policy:
    return find_policy("teaching-file", content)


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(KEY)


def _dataset(outcome: Deidentified | Quarantined) -> Dataset:
    assert isinstance(outcome, Deidentified), outcome
    return outcome.dataset


@pytest.fixture
def by_basic(basic: Policy, pseudonyms: Pseudonyms) -> Deidentify:
    return lambda dataset: _dataset(Deidentifier(basic, pseudonyms).deidentify(dataset))


@pytest.fixture
def by(basic: Policy, content: Content, pseudonyms: Pseudonyms) -> By:
    def by(dataset: Dataset, *options: str, **changes: object) -> Deidentified:
        policy = dataclasses.replace(with_options(basic, options, content), **changes)  # type: ignore[arg-type]
        outcome = Deidentifier(policy, pseudonyms).deidentify(dataset)
        assert isinstance(outcome, Deidentified), outcome
        # as a reader finds it
        return Deidentified(read_instance(encode_instance(outcome.dataset)), outcome.notes)

    return by


@pytest.fixture
def by_teaching(teaching: Policy, pseudonyms: Pseudonyms) -> Deidentify:
    return lambda dataset: _dataset(Deidentifier(teaching, pseudonyms).deidentify(dataset))


def identify(dataset: Dataset, study: str = "11") -> Dataset:
    """Give a data set the patient and a study of these tests."""
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = NAME, PATIENT_ID, "19570312"
    dataset.PatientSex = "M"
    dataset.StudyInstanceUID = f"{ROOT}{study}"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20240229", "101112", "S77"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = ACCESSION, "Quillfeather^Ada"
    dataset.StudyDescription, dataset.InstitutionName = DESCRIPTION, INSTITUTION
    dataset.Manufacturer = "Acme Imaging"
    return dataset


def document(sop_class_uid: UID, modality: str, number: int) -> Dataset:
    """Return the modules that every document has."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class_uid, f"{ROOT}11.9.{number}"
    identify(dataset)
    dataset.Modality, dataset.SeriesInstanceUID = modality, f"{ROOT}11.9"
    dataset.SeriesNumber, dataset.InstanceNumber = 9, number
    dataset.ContentDate, dataset.ContentTime = "20240301", "091500"
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    return dataset


def sr(sop_class_uid: UID, number: int, title: Concept, items: list[Dataset]) -> Dataset:
    dataset = document(sop_class_uid, "SR", number)
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    dataset.PerformedProcedureCodeSequence = []
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [code_item(title)]
    dataset.ContentSequence = items
    return dataset


@pytest.fixture
def ct() -> Dataset:
    dataset = identify(read_instance_of("CT_small.dcm"))
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = f"{ROOT}11.1.1", f"{ROOT}11.1"
    dataset.FrameOfReferenceUID = f"{ROOT}11.7"
    return dataset


@pytest.fixture
def mr() -> Dataset:
    dataset = identify(read_instance_of("MR_small.dcm"), study="12")
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = f"{ROOT}12.1.1", f"{ROOT}12.1"
    return dataset


def read_instance_of(name: str) -> Dataset:
    with open(str(get_testdata_file(name)), "rb") as file:
        return read_instance(file.read())


@pytest.fixture
def cr(ct: Dataset) -> Dataset:
    dataset = document(uids.ComputedRadiographyImageStorage, "CR", 5)
    del dataset.ReferencedPerformedProcedureStepSequence
    dataset.PatientOrientation, dataset.BodyPartExamined, dataset.ViewPosition = ["L", "F"], "HAND", "PA"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns, dataset.BitsAllocated = 4, 4, 16
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 0
    dataset.PixelData = bytes(range(16)) * 2
    dataset["PixelData"].VR = "OW"
    return dataset


@pytest.fixture
def us(cr: Dataset) -> Dataset:
    cr.SOPClassUID, cr.Modality = uids.UltrasoundImageStorage, "US"
    cr.BitsAllocated, cr.BitsStored, cr.HighBit = 8, 8, 7
    cr.PixelData, cr["PixelData"].VR = bytes(range(16)), "OB"
    cr.ImageType, cr.BurnedInAnnotation = ["ORIGINAL", "PRIMARY", "", "0001"], "NO"
    return cr


@pytest.fixture
def manifests(ct: Dataset, mr: Dataset, presentation: Dataset) -> tuple[Dataset, ...]:
    numbers = count(1)
    made = build_manifests(
        Manifest(
            title=codes.TEACHING_FILE_EXPORT.iheradtf,
            references=(reference_to(ct, presentation_states=[presentation]), reference_to(mr)),
            delay_reason=codes.DELAY_REASONS[0].iheradtf,
            description=DESCRIPTION,
            observer="Quillfeather^Ada",
        ),
        [ct, mr],
        uids=lambda: f"{ROOT}77.{next(numbers)}",
        content_datetime=datetime(2024, 3, 1, 9, 15),
        series_number=8,
    )
    for manifest in made:
        manifest.file_meta = FileMetaDataset()
        manifest.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    return tuple(made)


@pytest.fixture
def atfi() -> Dataset:
    contains, has = Relationship.CONTAINS, Relationship.HAS_PROPERTIES
    author = text_content(
        contains,
        codes.AUTHOR,
        "Öberg^Zoë^^^GMC7654321",
        [text_content(has, codes.AFFILIATION, "Göteborg"), text_content(has, codes.CONTACT, "z@example.org")],
    )
    local = code_content(contains, codes.KEYWORDS, Concept("X1", "99LOCAL", "Case of Peter Hand"))
    return sr(
        uids.EnhancedSRStorage,
        6,
        codes.ADDITIONAL_TEACHING_FILE_INFORMATION.iheradtf,
        [
            author,
            text_content(contains, codes.ABSTRACT, DESCRIPTION),
            code_content(contains, codes.CATEGORY.iheradtf, codes.CATEGORIES[1].iheradtf),
            local,
            text_content(contains, codes.FINDING, "Nodule of 5 mm in the left breast of Peter Hand"),
        ],
    )


@pytest.fixture
def report(ct: Dataset) -> Dataset:
    image = content_item(
        Relationship.CONTAINS, ValueType.IMAGE, Concept("121112", "DCM", "Source of Measurement")
    )
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = ct.SOPClassUID, ct.SOPInstanceUID
    image.ReferencedSOPSequence = [reference]
    observer = person_content(
        Relationship.HAS_OBSERVATION_CONTEXT, codes.PERSON_OBSERVER_NAME, "Quillfeather^Ada"
    )
    dataset = sr(
        uids.BasicTextSRStorage,
        7,
        Concept("18748-4", "LN", "Diagnostic Imaging Report"),
        [observer, text_content(Relationship.CONTAINS, codes.FINDING, DESCRIPTION), image],
    )
    study, series, instance = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = ct.SOPClassUID, ct.SOPInstanceUID
    series.SeriesInstanceUID, series.ReferencedSOPSequence = ct.SeriesInstanceUID, [instance]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = ct.StudyInstanceUID, [series]
    dataset.CurrentRequestedProcedureEvidenceSequence = [study]
    dataset.ContentTemplateSequence = [template_item("2000", "DCMR")]
    return dataset


@pytest.fixture
def presentation(ct: Dataset) -> Dataset:
    dataset = document(uids.GrayscaleSoftcopyPresentationStateStorage, "PR", 8)
    del dataset.ReferencedPerformedProcedureStepSequence, dataset.ContentDate, dataset.ContentTime
    dataset.PresentationCreationDate, dataset.PresentationCreationTime = "20240301", "091501"
    dataset.ContentLabel, dataset.ContentDescription = "MARKS", DESCRIPTION
    dataset.ContentCreatorName = "Quillfeather^Ada"
    image, series = Dataset(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = ct.SOPClassUID, ct.SOPInstanceUID
    series.SeriesInstanceUID, series.ReferencedImageSequence = ct.SeriesInstanceUID, [image]
    dataset.ReferencedSeriesSequence = [series]
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [128, 128]
    area.PresentationSizeMode, area.PresentationPixelAspectRatio = "SCALE TO FIT", [1, 1]
    dataset.DisplayedAreaSelectionSequence = [area]
    text, line, annotation, layer = Dataset(), Dataset(), Dataset(), Dataset()
    text.AnchorPointAnnotationUnits, text.AnchorPoint, text.AnchorPointVisibility = "PIXEL", [10.0, 10.0], "Y"
    text.UnformattedTextValue = "Nodule, Peter Hand"
    line.GraphicAnnotationUnits, line.GraphicDimensions, line.NumberOfGraphicPoints = "PIXEL", 2, 3
    line.GraphicData, line.GraphicType = [1.0, 1.0, 20.0, 30.0, 40.0, 50.0], "POLYLINE"
    annotation.GraphicLayer, annotation.TextObjectSequence = "ONE", [text]
    annotation.GraphicObjectSequence = [line]
    dataset.GraphicAnnotationSequence = [annotation]
    layer.GraphicLayer, layer.GraphicLayerOrder = "ONE", 1
    layer.GraphicLayerDescription = "Marks by Peter Hand"
    dataset.GraphicLayerSequence = [layer]
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


@pytest.fixture
def everything(request: pytest.FixtureRequest) -> tuple[Dataset, ...]:
    names = ("ct", "mr", "atfi", "report", "presentation", "cr")
    return (*(request.getfixturevalue(name) for name in names), *request.getfixturevalue("manifests"))
