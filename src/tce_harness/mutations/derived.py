"""Mutations that make a replacement from the original alone, as no de-identifier should."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorsField, enter

_LONGEST_UID = 64
_WRITTEN: dict[str, Callable[[bytes], str]] = {
    "decimal": lambda digest: str(int.from_bytes(digest, "big")),
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode("ascii"),
}


class Derive(ObjectPrimitive):
    """A replacement is made from the original's value without any secret; the same original, the same result.

    Parameters
    ----------
    how
        A hash, a name-based UUID in the namespace of OIDs, or the value itself with its last component made
        another.
    written
        How a hash is spelled; of the others only UUIDs heed it.
    length
        Characters that are left of it; None for all, or as many as fit into a UID.
    root
        What stands before it: of UIDs their root, of identifiers a prefix.
    """

    element: SelectorsField
    how: Literal["md5", "sha1", "sha256", "uuid3", "uuid5", "last-component"]
    written: Literal["decimal", "hex", "base64"] = "decimal"
    length: Annotated[int, Field(ge=1)] | None = None
    root: str = ""

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the replacements, where both it and the original have the element."""
        for selector in self.element if original is not None else ():
            for place in selector.places(original or Dataset()):
                source, target = enter(original or Dataset(), place), enter(dataset, place)
                element = source[place[-1][0]] if source is not None else None
                if target is not None and element is not None and element.tag in target and element.value:
                    made = self.derived(str(element.value))
                    longest = _LONGEST_UID if element.VR == "UI" else None
                    target[element.tag] = DataElement(element.tag, element.VR, made[:longest])
        return dataset

    def derived(self, value: str) -> str:
        """Return what a value becomes."""
        if self.how == "last-component":
            stem, _, last = value.rpartition(".")
            return f"{stem}.{int(last or 0) + 1}"
        if self.how == "uuid3":
            digest = uuid.uuid3(uuid.NAMESPACE_OID, value).bytes
        elif self.how == "uuid5":
            digest = uuid.uuid5(uuid.NAMESPACE_OID, value).bytes
        else:
            digest = hashlib.new(self.how, value.encode(), usedforsecurity=False).digest()
        return self.root + _WRITTEN[self.written](digest)[: self.length]
