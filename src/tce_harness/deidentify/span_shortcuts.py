"""What becomes of an element whose header and plain value tell all, so that it need not be decoded.

What is removed or emptied is not looked at; a UID is mapped; a decimal or whole number that is spelled as
pydicom would spell it stays. Everything else is left to `Walk`. Only for elements that carry their VR.
"""

from __future__ import annotations

import re
import struct

from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from tce_harness.deidentify.identity import Identity
from tce_harness.deidentify.plan import Action, Plan
from tce_harness.deidentify.pseudonyms import Pseudonyms
from tce_harness.deidentify.span_memory import Became, Encoded, plain_uid
from tce_harness.deidentify.walk import PATIENT_ID, PATIENT_NAME

_HEADER = struct.Struct("<HH2sH")
_HEADER_LENGTH = 8
_PATIENT = frozenset({PATIENT_NAME, PATIENT_ID})
_NUMBERS = re.compile(rb"(?:[0-9+\-.eE]+(?:\\[0-9+\-.eE]+)*)( ?)")
_GONE = Became((), (), ascii_only=True)


def shortcut(
    element: Encoded, sop_class_uid: str, *, plan: Plan, pseudonyms: Pseudonyms, identity: Identity
) -> Became | None:
    """Return what becomes of an explicitly encoded element; None where it has to be decoded."""
    tag, content = element
    vr = content[4:6].decode("ascii")
    if tag in _PATIENT or vr == "UN":  # whose VR pydicom may look up
        return None
    match plan.decision(sop_class_uid, (tag,), vr).action:
        case Action.REMOVE:
            return _GONE
        case Action.EMPTY if vr not in EXPLICIT_VR_LENGTH_32:
            return _became(tag, vr, b"")
        case Action.MAP_UID if vr == "UI" and (uid := plain_uid(content)):
            return _became(tag, "UI", pseudonyms.uid(uid).encode("ascii"))
        case Action.KEEP if vr in ("DS", "IS"):
            return _number(element, identity)
    return None


def _number(element: Encoded, identity: Identity) -> Became | None:
    tag, content = element
    value = content[_HEADER_LENGTH:]
    spelled = _NUMBERS.fullmatch(value)
    if spelled is None or len(value) & 1 or (spelled[1] and len(value[:-1]) % 2 == 0):
        return None
    if identity.is_in_code(value.rstrip().decode("ascii")):
        return None
    return Became(((tag, content),), (), ascii_only=True)


def _became(tag: int, vr: str, value: bytes) -> Became:
    padded = value + b"\0" * (len(value) & 1)
    header = _HEADER.pack(tag >> 16, tag & 0xFFFF, vr.encode("ascii"), len(padded))
    return Became(((tag, header + padded),), (), ascii_only=True)
