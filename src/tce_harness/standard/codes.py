"""Coded concepts of the profile and of DICOM that the harness reads, writes or judges.

IHERADTF values: IHE RAD TF Vol 3 (as restated by its testers and by the RCR guidance of 2018). DCM values:
PS3.16 CIDs 7010, 7011, 7014 to 7018, 7050. A concept is its value and scheme; the meaning is for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

IHERADTF = "IHERADTF"
DCM = "DCM"


@dataclass(frozen=True, slots=True)
class Concept:
    """A coded concept (PS3.3 section 8); two are equal when value and scheme are, whatever the meaning.

    Parameters
    ----------
    value
        Code Value (0008,0100).
    scheme
        Coding Scheme Designator (0008,0102).
    meaning
        Code Meaning (0008,0104).
    """

    value: str
    scheme: str
    meaning: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Concept) and (self.value, self.scheme) == (other.value, other.scheme)

    def __hash__(self) -> int:
        return hash((self.value, self.scheme))


@dataclass(frozen=True, slots=True)
class Pair:
    """One notion in both code sets: the profile's own and the one that DICOM took over from it in 2017."""

    iheradtf: Concept
    dcm: Concept

    def __iter__(self) -> Iterator[Concept]:
        return iter((self.iheradtf, self.dcm))


def _pair(number: int, dcm: int, meaning: str, dcm_meaning: str | None = None) -> Pair:
    return Pair(Concept(f"TCE{number:03}", IHERADTF, meaning), Concept(str(dcm), DCM, dcm_meaning or meaning))


def _dcm(value: int, meaning: str) -> Concept:
    return Concept(str(value), DCM, meaning)


# -- titles of the manifest (CID 7014) and of the additional teaching file information (CID 7018)

TEACHING_FILE_EXPORT = _pair(1, 128710, "For Teaching File Export")
CLINICAL_TRIAL_EXPORT = _pair(2, 128711, "For Clinical Trial Export")
RESEARCH_COLLECTION_EXPORT = _pair(7, 128713, "For Research Collection Export")
PUBLICATION_EXPORT = _pair(8, 128714, "For Publication Export")
EXPORT_TITLES = (
    TEACHING_FILE_EXPORT,
    CLINICAL_TRIAL_EXPORT,
    RESEARCH_COLLECTION_EXPORT,
    PUBLICATION_EXPORT,
)
ADDITIONAL_TEACHING_FILE_INFORMATION = _pair(6, 128712, "Additional Teaching File Information")

# -- delay reasons (CID 7015), values of Document Title Modifier

DELAY_REASONS = (
    _pair(11, 128715, "Delay export until final report is available"),
    _pair(12, 128716, "Delay export until clinical information is available"),
    _pair(13, 128717, "Delay export until confirmation of diagnosis is available"),
    _pair(14, 128718, "Delay export until histopathology is available"),
    _pair(
        15,
        128719,
        "Delay export until other laboratory results is available",
        "Delay export until other laboratory results are available",
    ),
    _pair(16, 128720, "Delay export until patient is discharged"),
    _pair(17, 128721, "Delay export until patient dies"),
    _pair(18, 128722, "Delay export until expert review is available"),
)

# -- concepts of the additional teaching file information

AUTHOR = Concept("TCE101", IHERADTF, "Author")
AFFILIATION = Concept("TCE102", IHERADTF, "Affiliation")
CONTACT = Concept("TCE103", IHERADTF, "Contact")
ABSTRACT = Concept("TCE104", IHERADTF, "Abstract")
KEYWORDS = Concept("TCE105", IHERADTF, "Keywords")
DISCUSSION = Concept("TCE106", IHERADTF, "Discussion")
DIAGNOSIS = Concept("TCE107", IHERADTF, "Diagnosis")
ORGAN_SYSTEM = Concept("TCE108", IHERADTF, "Organ system")
CATEGORY = _pair(109, 128723, "Category", "Teaching File Category")
LEVEL = _pair(110, 128724, "Level", "Level of Difficulty")
DIAGNOSIS_CONFIRMED = Concept("TCE111", IHERADTF, "Diagnosis confirmed")
HISTORY = _dcm(121060, "History")
FINDING = _dcm(121071, "Finding")
IMPRESSION = _dcm(111023, "Differential Diagnosis/Impression")
RADIOGRAPHIC_ANATOMY = _dcm(112005, "Radiographic anatomy")
PATHOLOGY = _dcm(111042, "Pathology")
MODALITY = _dcm(121139, "Modality")

LEVELS = (
    _pair(201, 128725, "Primary", "Primary level"),
    _pair(202, 128726, "Intermediate", "Intermediate level"),
    _pair(203, 128727, "Advanced", "Advanced level"),
)
CATEGORIES = (
    _pair(301, 128728, "Musculoskeletal", "Musculoskeletal imaging subject matter"),
    _pair(302, 128729, "Pulmonary", "Pulmonary imaging subject matter"),
    _pair(303, 128730, "Cardiovascular", "Cardiovascular imaging subject matter"),
    _pair(304, 128731, "Gastrointestinal", "Gastrointestinal imaging subject matter"),
    _pair(305, 128732, "Genitourinary", "Genitourinary imaging subject matter"),
    _pair(306, 128733, "Neuro", "Neuroimaging subject matter"),
    _pair(307, 128734, "Vascular and Interventional", "Vascular and interventional imaging subject matter"),
    _pair(308, 128735, "Nuclear", "Nuclear medicine imaging subject matter"),
    _pair(309, 128736, "Ultrasound", "Ultrasound imaging subject matter"),
    _pair(310, 128737, "Pediatric", "Pediatric imaging subject matter"),
    _pair(311, 128738, "Breast", "Breast imaging subject matter"),
)
YES = Concept("373066001", "SCT", "Yes")
NO = Concept("373067005", "SCT", "No")
UNDETERMINED = Concept("373068000", "SCT", "Undetermined")

# -- the frame of a key object selection (TID 2010) and its observers (TID 1002)

DOCUMENT_TITLE_MODIFIER = _dcm(113011, "Document Title Modifier")
KEY_OBJECT_DESCRIPTION = _dcm(113012, "Key Object Description")
OBSERVER_TYPE = _dcm(121005, "Observer Type")
PERSON = _dcm(121006, "Person")
DEVICE = _dcm(121007, "Device")
PERSON_OBSERVER_NAME = _dcm(121008, "Person Observer Name")
LANGUAGE = _dcm(121049, "Language of Content Item and Descendants")

# -- titles of key object selections that are no export manifest (CID 7010)

XDS_MANIFEST = _dcm(113030, "Manifest")
REJECTION_NOTE_TITLES = (
    _dcm(113001, "Rejected for Quality Reasons"),
    _dcm(113037, "Rejected for Patient Safety Reasons"),
    _dcm(113038, "Incorrect Modality Worklist Entry"),
    _dcm(113039, "Data Retention Policy Expired"),
)
KEY_IMAGE_NOTE_TITLES = (
    _dcm(113000, "Of Interest"),
    _dcm(113002, "For Referring Provider"),
    _dcm(113003, "For Surgery"),
    _dcm(113004, "For Teaching"),
    _dcm(113005, "For Conference"),
    _dcm(113006, "For Therapy"),
    _dcm(113007, "For Patient"),
    _dcm(113008, "For Peer Review"),
    _dcm(113009, "For Research"),
    _dcm(113010, "Quality Issue"),
    _dcm(113013, "Best In Set"),
    _dcm(113018, "For Printing"),
    _dcm(113020, "For Report Attachment"),
    _dcm(113021, "For Litigation"),
)

# -- de-identification methods (CID 7050)

DEIDENTIFICATION_METHODS = (
    _dcm(113100, "Basic Application Confidentiality Profile"),
    _dcm(113101, "Clean Pixel Data Option"),
    _dcm(113102, "Clean Recognizable Visual Features Option"),
    _dcm(113103, "Clean Graphics Option"),
    _dcm(113104, "Clean Structured Content Option"),
    _dcm(113105, "Clean Descriptors Option"),
    _dcm(113106, "Retain Longitudinal Temporal Information Full Dates Option"),
    _dcm(113107, "Retain Longitudinal Temporal Information Modified Dates Option"),
    _dcm(113108, "Retain Patient Characteristics Option"),
    _dcm(113109, "Retain Device Identity Option"),
    _dcm(113110, "Retain UIDs Option"),
    _dcm(113111, "Retain Safe Private Option"),
    _dcm(113112, "Retain Institution Identity Option"),
)

PAIRS = (
    *EXPORT_TITLES,
    ADDITIONAL_TEACHING_FILE_INFORMATION,
    *DELAY_REASONS,
    CATEGORY,
    LEVEL,
    *LEVELS,
    *CATEGORIES,
)

_PARTNER = {
    one: other for pair in PAIRS for one, other in ((pair.iheradtf, pair.dcm), (pair.dcm, pair.iheradtf))
}
_TITLES = frozenset(concept for pair in EXPORT_TITLES for concept in pair)
_REASONS = frozenset(concept for pair in DELAY_REASONS for concept in pair)


def same_concept(one: Concept, other: Concept) -> bool:
    """Return whether value and scheme agree; the meaning is not looked at."""
    return one == other


def partner(concept: Concept) -> Concept | None:
    """Return the concept's counterpart in the other code set, None where it has none."""
    return _PARTNER.get(concept)


def equivalent(one: Concept, other: Concept) -> bool:
    """Return whether two concepts are the same, or the two sides of one pair."""
    return one == other or _PARTNER.get(one) == other


def is_export_title(value: str, scheme: str) -> bool:
    """Return whether a document title makes a key object selection an export manifest.

    A DCM number under IHERADTF, or the reverse, does not.
    """
    return Concept(value, scheme, "") in _TITLES


def is_delay_reason(value: str, scheme: str) -> bool:
    """Return whether a value of Document Title Modifier asks for the export to wait."""
    return Concept(value, scheme, "") in _REASONS


def deidentification_method(value: str) -> Concept | None:
    """Return the concept of CID 7050 with a code value, None where there is none."""
    return next((method for method in DEIDENTIFICATION_METHODS if method.value == value), None)
