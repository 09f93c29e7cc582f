"""Outside judges, whose raw answers are evidence."""

from tce_harness.examiners.dciodvfy import Dciodvfy
from tce_harness.examiners.dicom_validator import DicomValidator
from tce_harness.examiners.examiner import ExaminationResult, Examiner
from tce_harness.examiners.installed import STANDARD_FOLDER, examiners
from tce_harness.examiners.ocr import Ocr

__all__ = [
    "STANDARD_FOLDER",
    "Dciodvfy",
    "DicomValidator",
    "ExaminationResult",
    "Examiner",
    "Ocr",
    "examiners",
]
