"""UIDs by the names that DICOM registers, since any other may be a patient's number."""

from __future__ import annotations

from pydicom.uid import UID

UNREGISTERED = "a UID that DICOM does not register"


def uid_name(uid: str, *, real_patients: bool) -> str:
    """Return the registered name of a SOP class or transfer syntax.

    A UID that is not registered names itself, or nothing where the evidence is of real patients.
    """
    if not uid:
        return "none"
    name = UID(uid).name
    return UNREGISTERED if real_patients and name == uid else name


def shown_uid(uid: str, *, real_patients: bool) -> str:
    """Return a UID as a result may show it: where the evidence is of real patients, a registered one only."""
    return "" if uid_name(uid, real_patients=real_patients) == UNREGISTERED else uid
