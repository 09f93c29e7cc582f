"""One look at all files of a run before any is written, for what they tell of each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydicom import dcmread

from tce_harness.deidentify.dates import TIME_ZONE, is_time
from tce_harness.deidentify.element_spans import UnusualEncodingError, leading_values
from tce_harness.deidentify.kinship import Clock, Passed, Told
from tce_harness.deidentify.links import identifying_part
from tce_harness.deidentify.marking import says_yes
from tce_harness.deidentify.time_zones import offset_of
from tce_harness.objects.elements import DECODING_ERRORS, text

_STUDY_TIME, _PATIENT_ID, _ISSUER, _STUDY = 0x00080030, 0x00100020, 0x00100021, 0x0020000D
_WANTED = (_STUDY_TIME, TIME_ZONE, _PATIENT_ID, _ISSUER, _STUDY)
_PASSED_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
_OF_PASSED = (
    *_PASSED_UIDS,
    "SpecificCharacterSet",
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientIdentityRemoved",
)
_BEGINNING = 1 << 16


def clocks_of(paths: Iterable[Path]) -> set[Clock]:
    """Return what the files tell of whose and when they are; nothing of what cannot be read."""
    found = (_clock(path) for path in paths if path.is_file())  # a pipe would be waited for
    return {each for each in found if each is not None}


def passed_by(paths: Iterable[Path]) -> list[Passed]:
    """Return the instances among files that say they are de-identified."""
    found = (_passed(path) for path in paths if path.is_file())
    return [each for each in found if each is not None]


def _passed(path: Path) -> Passed | None:
    try:
        with path.open("rb") as file:
            part = dcmread(file, force=True, stop_before_pixels=True, specific_tags=list(_OF_PASSED))
        if not says_yes(part):
            return None
        uids = tuple(text(part, keyword) for keyword in _PASSED_UIDS)
        return Passed(Told.of(part), text(part, "PatientName"), uids)
    except DECODING_ERRORS:
        return None


def _clock(path: Path) -> Clock | None:
    try:
        with path.open("rb") as file:
            found = leading_values(file.read(_BEGINNING), _WANTED)
        told = Told(*(_plain(found, tag) for tag in (_PATIENT_ID, _ISSUER, _STUDY)))
        return _checked(told, _plain(found, _STUDY_TIME), _plain(found, TIME_ZONE))
    except OSError:
        return None
    except (UnusualEncodingError, UnicodeDecodeError):
        return _slowly(path)


def _checked(told: Told, study_time: str, zone: str) -> Clock:
    zone = "" if offset_of(zone) is None else zone
    return Clock(told, study_time if is_time(study_time) else "", zone)


def _plain(found: dict[int, bytes], tag: int) -> str:
    value = found.get(tag, b"").decode("ascii").strip("\0 ")
    if "\\" in value:
        raise UnusualEncodingError("several values")
    return value


def _slowly(path: Path) -> Clock | None:
    try:
        part = identifying_part(path.read_bytes())
        return _checked(Told.of(part), text(part, "StudyTime"), text(part, "TimezoneOffsetFromUTC"))
    except DECODING_ERRORS:
        return None
