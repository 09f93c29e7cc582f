"""The outside judges by the names that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tce_harness.examiners.dciodvfy import Dciodvfy
from tce_harness.examiners.dicom_validator import DicomValidator
from tce_harness.examiners.examiner import Examiner
from tce_harness.examiners.ocr import Ocr

STANDARD_FOLDER = Path.home() / "dicom-validator"
"""Where dicom-validator itself keeps editions of the standard."""


def examiners(
    standard: Path | None = STANDARD_FOLDER, edition: str = "2026d", *, ocr: bool = False
) -> Mapping[str, Examiner]:
    """Return every outside judge by its name, also those that lack what they need.

    Parameters
    ----------
    standard
        Folder into which ``tce standard fetch`` put editions of the standard.
    edition
        The edition that dicom-validator is to use.
    ocr
        Whether pixels are to be read.
    """
    known: tuple[Examiner, ...] = (Dciodvfy(), DicomValidator(standard, edition), Ocr(asked=ocr))
    return MappingProxyType({examiner.name: examiner for examiner in known})
