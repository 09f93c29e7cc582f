"""A mutation that sends originals along, as if they were encrypted."""

from __future__ import annotations

import copy
from typing import ClassVar, Literal

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorsField, enter

_SCRAMBLE = 0x55


class Enclose(ObjectPrimitive):
    """Original elements travel in Encrypted Attributes Sequence (0400,0500), readable without a key.

    Parameters
    ----------
    element
        Top-level elements of the original.
    how
        ``plain``: as they are; ``scrambled``: each byte turned by a constant.
    """

    shorthand: ClassVar[str | None] = "element"
    element: SelectorsField
    how: Literal["plain", "scrambled"] = "plain"

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the originals beside it."""
        enclosed = Dataset()
        for selector in self.element if original is not None else ():
            for place in selector.places(original or Dataset()):
                source = enter(original or Dataset(), place)
                if source is not None and len(place) == 1:
                    enclosed[place[-1][0]] = copy.deepcopy(source[place[-1][0]])
        if enclosed:
            item = Dataset()
            item.EncryptedContentTransferSyntaxUID = ImplicitVRLittleEndian
            item.EncryptedContent = self._content(enclosed)
            dataset.EncryptedAttributesSequence = Sequence([item])
        return dataset

    def _content(self, enclosed: Dataset) -> bytes:
        inner, outer = Dataset(), DicomBytesIO()
        inner.ModifiedAttributesSequence = Sequence([enclosed])
        outer.is_little_endian, outer.is_implicit_VR = True, True
        write_dataset(outer, inner)
        content = outer.getvalue()
        content += b"\0" * (len(content) % 2)
        return content if self.how == "plain" else bytes(byte ^ _SCRAMBLE for byte in content)
