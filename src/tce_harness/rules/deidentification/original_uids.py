"""The UIDs of the originals that must not come out again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from weakref import WeakKeyDictionary

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.rules.deidentification.places import Place, places, texts

SOP_INSTANCE = 0x00080018
REFERENCED_SOP_INSTANCE = 0x00081155
STUDY_INSTANCE = 0x0020000D
SERIES_INSTANCE = 0x0020000E
FRAME_OF_REFERENCE = 0x00200052

#: Elements that name an instance, a series, a study or a frame of reference.
IDENTITY_TAGS = frozenset(
    {
        0x00041511, 0x00080058, SOP_INSTANCE, REFERENCED_SOP_INSTANCE, 0x00081167, 0x0018991E, STUDY_INSTANCE,
        SERIES_INSTANCE, FRAME_OF_REFERENCE, 0x00200200, 0x00200242, 0x00209312, 0x00209313, 0x00280304,
        0x00640003, 0x30060024, 0x300600C2, 0x300A0675,
    }
)  # fmt: skip

#: Tokens that look like UIDs, in text and in bytes.
UID_IN_TEXT = re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}(?!\.?[0-9])")
UID_IN_BYTES = re.compile(rb"(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}(?!\.?[0-9])")

_WELL_KNOWN_ROOT = "1.2.840.10008."
_LONGEST = 64
_LAST_ARC = 39
#: The highest arc under joint-iso-itu-t that is allocated, for examples (ITU-T X.660).
_LAST_JOINT_ARC = 999


def is_whole_uid(content: bytes, start: int, end: int) -> bool:
    """Return whether bytes that spell a UID are no part of a longer one."""
    before, after = content[max(start - 1, 0) : start], content[end : end + 2]
    longer = after[:1].isdigit() or (after[:1] == b"." and after[1:].isdigit())
    return not (before.isdigit() or before == b"." or longer)


def is_well_known(uid: str) -> bool:
    """Return whether DICOM itself registers the UID (PS3.6 Annex A); such UIDs stay."""
    return uid.startswith(_WELL_KNOWN_ROOT)


@cache
def uid_fault(uid: str) -> str | None:
    """Return what breaks PS3.5 section 9.1 in a UID; None where nothing does."""
    if len(uid) > _LONGEST:
        return "it is longer than 64 characters"
    parts = uid.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return "it holds something other than numbers parted by dots"
    if any(len(part) > 1 and part.startswith("0") for part in parts):
        return "a component has a leading zero"
    if len(parts) < 2:
        return "it has a single component"
    return _arc_fault(parts[0], int(parts[1]))


def _arc_fault(root: str, arc: int) -> str | None:
    if root not in ("0", "1", "2"):
        return "its first component is not 0, 1 or 2"
    if root != "2" and arc > _LAST_ARC:
        return "its second component is over 39 under root 0 or 1"
    return "its second component is of no arc under root 2" if arc > _LAST_JOINT_ARC else None


def uids_at(found: Iterable[Place]) -> frozenset[str]:
    """Return the UIDs of some elements, without well-known ones."""
    return frozenset(uid for place in found for uid in texts(place.element) if uid and not is_well_known(uid))


_ORIGINAL: WeakKeyDictionary[CaseEvidence, frozenset[str]] = WeakKeyDictionary()


def original_uids(case: CaseEvidence) -> frozenset[str]:
    """Return every instance, series, study and frame-of-reference UID in the originals of a case.

    Also those of instances that the originals only refer to; without the well-known UIDs of DICOM.
    """
    found = _ORIGINAL.get(case)
    if found is None:
        found = frozenset().union(*(_identity_uids(each) for each in case.objects))
        _ORIGINAL[case] = found
    return found


def _identity_uids(instance: EvidenceInstance) -> frozenset[str]:
    uids = uids_at(
        place
        for found in places(instance).uids_by_tags.values()
        for place in found
        if place.tag in IDENTITY_TAGS and place.element.VR == "UI"
    )
    return frozenset(uid for uid in uids if uid.count(".") >= 2)
