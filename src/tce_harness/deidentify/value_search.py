"""How a value that would stay is searched for what identifies, by its VR and by why it would stay."""

from __future__ import annotations

from collections.abc import Callable

from pydicom.dataelem import DataElement

from tce_harness.deidentify.dummies import LABELS
from tce_harness.deidentify.identity import Identity
from tce_harness.deidentify.retaining import is_misused

CODE_MEANING = 0x00080104
CODE_VRS = frozenset({"CS", "AS", "DA", "DS", "DT", "IS", "TM"})
_PIXELS = 0x7FE0

Search = Callable[[str], bool]


def search_of_kept(identity: Identity, element: DataElement, *, public_code: bool) -> Search:
    """Return what tells whether a value that no row names identifies.

    Parameters
    ----------
    public_code
        Whether it stands in a code of a public scheme, whose meanings are nobody's own words.
    """
    if element.tag == CODE_MEANING and public_code:
        return identity.is_in_meaning
    if element.VR not in CODE_VRS or element.tag in LABELS:
        return identity.is_in_text
    return identity.is_in_term


def search_of_retained(identity: Identity, vr: str, *, uids_stay: bool) -> Search:
    """Return what tells whether a value that an option retains holds more than it may."""
    uids_count = vr in CODE_VRS and not uids_stay

    def identifies(text: str) -> bool:
        if identity.is_in_code(text) or any(is_misused(vr, value) for value in text.split("\\")):
            return True
        return uids_count and bool(identity.uids_in_text(text))

    return identifies


def is_in_binary(identity: Identity, element: DataElement) -> bool:
    """Return whether a value of bytes identifies; of pixels what they spell by chance does not count."""
    content = bytes(element.value)
    if int(element.tag) >> 16 == _PIXELS:
        return identity.is_in_bytes(content)
    return identity.is_in_writing(content)
