"""dicom-validator: a second opinion, made from the text of the standard itself."""

from __future__ import annotations

import json
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

from dicom_validator.validator.dicom_info import DicomInfo
from dicom_validator.validator.error_handler import NullValidationResultHandler
from dicom_validator.validator.iod_validator import IODValidator
from dicom_validator.validator.validation_result import ValidationResult
from pydicom import dcmread

from tce_harness.examiners.examiner import ExaminationResult

_FILES = ("dict_info.json", "iod_info.json", "module_info.json")


class DicomValidator:
    """Runs dicom-validator over one edition of the standard that was fetched before.

    Parameters
    ----------
    cache
        Folder that holds a folder for each edition fetched, as dicom-validator lays it out; None where the
        user has none.
    edition
        Such as ``2026d``.
    """

    name = "dicom-validator"

    def __init__(self, cache: Path | None, edition: str) -> None:
        self._cache = cache
        self._edition = edition

    def version(self) -> str:
        """Return the version of the dicom-validator package and the edition it reads."""
        try:
            return f"{version('dicom-validator')} ({self._edition})"
        except PackageNotFoundError:
            return "not installed"

    def examine(self, content: bytes) -> ExaminationResult:
        """Examine the bytes of a Part 10 file; the answer is one JSON object a line."""
        if self._standard is None:
            return ExaminationResult(
                "unavailable",
                f"edition {self._edition} of the standard is not fetched: run 'tce standard fetch "
                f"{self._edition}'",
            )
        try:
            dataset = dcmread(BytesIO(content), force=True)
            result = IODValidator(
                dataset, self._standard, error_handler=NullValidationResultHandler()
            ).validate()
        except Exception as error:  # somebody else's program over somebody else's data may raise anything
            return ExaminationResult("failed", f"dicom-validator stopped with {type(error).__name__}")
        return ExaminationResult("answered", _lines(result))

    @cached_property
    def _standard(self) -> DicomInfo | None:
        folder = self._cache / self._edition / "json" if self._cache is not None else None
        if folder is None or not all((folder / name).is_file() for name in _FILES):
            return None
        return DicomInfo(*(_load(folder / name) for name in _FILES))


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _lines(result: ValidationResult) -> str:
    """Spell a result as JSON lines, the status first; no value of the instance is in it."""
    lines = [json.dumps({"status": result.status.name, "errors": result.errors})]
    for module, errors in sorted(result.module_errors.items()):
        for tag, error in sorted(errors.items(), key=lambda each: str(each[0])):
            place = "/".join(
                f"({part.group:04X},{part.element:04X})" for part in (*(tag.parents or ()), tag.tag)
            )
            lines.append(
                json.dumps(
                    {
                        "module": module,
                        "element": place,
                        "type": str(getattr(error.type, "value", error.type)),
                        "code": error.code.name,
                    }
                )
            )
    return "\n".join(lines) + "\n"
