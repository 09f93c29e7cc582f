"""What a policy does with pixels: let them pass, take the text out of them, or hold the instance back."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.deidentify import device_layouts, faces
from tce_harness.deidentify.cropping import crop
from tce_harness.deidentify.device_layouts import layout_regions
from tce_harness.deidentify.faces import Faces, reason_for_faces
from tce_harness.deidentify.options import CLEAN_PIXEL_DATA
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.pixels import (
    HiddenBits,
    clean_pixel_data,
    has_embedded_overlay,
    reason_beyond_pixels,
    reason_for_text,
)
from tce_harness.deidentify.policy import Policy
from tce_harness.deidentify.redaction import clear_hidden_bits, redact
from tce_harness.deidentify.regions import Regions, ultrasound_regions
from tce_harness.deidentify.text_search import Finder, finder_of, found_regions

#: Attributes that its decisions rest on, besides those that tell how the pixels lie.
FACTS = device_layouts.FACTS | faces.FACTS
_PIXELS = "(7FE0,0010)"
_UNKNOWN_PLACE = "neither ultrasound regions nor a device layout tell where the text stands"


class PixelCleaning:
    """Decides on, and cleans, the pixels of instances by one policy.

    Parameters
    ----------
    finder
        What finds text in pixels; None for what the policy says.

    Raises
    ------
    HarnessError
        When the policy requires character recognition, and it is not installed.
    """

    def __init__(self, policy: Policy, finder: Finder | None = None) -> None:
        self._policy = policy
        self._removes = CLEAN_PIXEL_DATA in policy.codes
        self._finder = (finder or finder_of(policy.ocr)) if self._removes else None

    def refusal(self, dataset: Dataset) -> str | None:
        """Return why an instance must not be written, None where nothing speaks against it."""
        if reason := reason_beyond_pixels(dataset):
            return reason
        if self._policy.faces is Faces.QUARANTINE and (reason := reason_for_faces(dataset)):
            return f"{reason}, and features by which a person is recognised are not removed here"
        reason = reason_for_text(dataset)
        if reason is None or not self._removes:
            return reason
        if self._finder is not None:  # whether it finds the text is known when the pixels are decoded
            return None
        return None if self._regions(dataset) is not None else f"{reason}; {_UNKNOWN_PLACE}"

    def is_usual(self, facts: Dataset) -> bool:
        """Tell by an instance's facts, without its pixels, whether they may stay as they are."""
        return self._finder is None and self.refusal(facts) is None and not self._is_to_be_redacted(facts)

    def notes(self, facts: Dataset) -> list[Note]:
        """Return what is to be told of an instance whose pixels stay recognisable."""
        reason = reason_for_faces(facts)
        return [Note(kind=NoteKind.FACES, element=_PIXELS, detail=reason)] if reason else []

    def clean(self, dataset: Dataset, syntax: UID) -> tuple[UID, list[Note], bool]:
        """Take out of the pixels of an instance what is no pixel, and text, in place.

        Returns
        -------
        tuple
            The transfer syntax of the pixels now, notes, and whether text was taken out.

        Raises
        ------
        CannotBeMadeSafe
            When it cannot be done.
        """
        syntax, notes = self._beside_the_pixels(dataset, syntax)
        regions = self._all_regions(dataset, syntax)
        if regions is None:
            return syntax, notes, False
        blackened = redact(dataset, syntax, regions)
        done = blackened
        if regions.crop is not None:
            done = crop(dataset, blackened.syntax, regions, regions.crop)
        if not done.frames:
            return syntax, notes, False
        frames = f"{done.frames} frame{'s' if done.frames > 1 else ''}"
        notes.append(_note(f"text was removed from {frames}, by {' and '.join(done.sources)}"))
        return done.syntax, notes, True

    def _beside_the_pixels(self, dataset: Dataset, syntax: UID) -> tuple[UID, list[Note]]:
        try:
            return syntax, [_note(detail) for detail in clean_pixel_data(dataset, syntax)]
        except HiddenBits:
            if has_embedded_overlay(dataset) and not self._removes:
                raise
            now = clear_hidden_bits(dataset, syntax, keep=not self._removes)
            return now, [_note(detail) for detail in clean_pixel_data(dataset, now, bits_are_clear=True)]

    def _all_regions(self, dataset: Dataset, syntax: UID) -> Regions | None:
        """Return what is to go; None where nothing is."""
        known = self._regions(dataset) if self._is_to_be_redacted(dataset) else None
        found = None
        if self._finder is not None and "PixelData" in dataset:
            found = found_regions(dataset, syntax, self._finder)
        if known is None and found is None and (reason := reason_for_text(dataset)) and self._removes:
            raise CannotBeMadeSafe(f"{reason}; {_UNKNOWN_PLACE}")
        return known | found if known is not None and found is not None else known or found

    def _is_to_be_redacted(self, dataset: Dataset) -> bool:
        if not self._removes:
            return False
        return reason_for_text(dataset) is not None or self._layout(dataset) is not None

    def _layout(self, dataset: Dataset) -> Regions | None:
        return layout_regions(dataset, self._policy.devices)

    def _regions(self, dataset: Dataset) -> Regions | None:
        layout, told = self._layout(dataset), ultrasound_regions(dataset)
        return layout | told if layout is not None and told is not None else layout or told


def _note(detail: str) -> Note:
    return Note(kind=NoteKind.PIXELS, element=_PIXELS, detail=detail)
