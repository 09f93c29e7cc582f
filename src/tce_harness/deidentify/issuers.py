"""Who issued the Patient ID of instances that do not say so: the one whom the rest of their study names.

Reports and other documents often lack Issuer of Patient ID (0010,0021) where the images of the same study
have it. Taken alone they would be another patient's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydicom.dataset import Dataset

from tce_harness.deidentify.element_spans import UnusualEncodingError, leading_values
from tce_harness.deidentify.links import identifying_part
from tce_harness.objects.elements import DECODING_ERRORS, text

_PATIENT_ID, _ISSUER, _STUDY = 0x00100020, 0x00100021, 0x0020000D
_WANTED = (_PATIENT_ID, _ISSUER, _STUDY)
_BEGINNING = 1 << 16
_ONE_AND_NONE = 2

#: Patient ID and Study Instance UID to the issuer.
Issuers = Mapping[tuple[str, str], str]


def issuers_of(paths: Iterable[Path]) -> Issuers:
    """Return the issuer of each patient of each study, where its files name exactly one and not all do."""
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in paths:
        if not path.is_file():
            continue  # a pipe would be waited for
        patient, issuer, study = _told(path)
        if patient and study:
            named[patient, study].add(issuer)
    return {
        key: next(filter(None, issuers))
        for key, issuers in named.items()
        if "" in issuers and len(issuers) == _ONE_AND_NONE
    }


def _told(path: Path) -> tuple[str, str, str]:
    """Return Patient ID, its issuer and Study Instance UID of a file; empty what it does not tell."""
    try:
        with path.open("rb") as file:
            found = leading_values(file.read(_BEGINNING), _WANTED)
        return _plain(found, _PATIENT_ID), _plain(found, _ISSUER), _plain(found, _STUDY)
    except OSError:
        return "", "", ""
    except (UnusualEncodingError, UnicodeDecodeError):
        return _slowly(path)


def _plain(found: dict[int, bytes], tag: int) -> str:
    return found.get(tag, b"").decode("ascii").strip("\0 ")


def _slowly(path: Path) -> tuple[str, str, str]:
    try:
        part: Dataset = identifying_part(path.read_bytes())
        return text(part, "PatientID"), text(part, "IssuerOfPatientID"), text(part, "StudyInstanceUID")
    except DECODING_ERRORS:
        return "", "", ""
