"""Text taken out of the pixels of an instance, and what the instance has to say about it.

PS3.15 section E.3.1, Clean Pixel Data: the stored values themselves change, in every frame that shows text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import UID

from tce_harness.deidentify.blackening import Black, paint_black
from tce_harness.deidentify.frame_codecs import LOSSLESS, Frame, colours, decoded, encoded
from tce_harness.deidentify.native_pixels import number
from tce_harness.deidentify.native_redaction import black_out_native
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.pixels import HiddenBits
from tce_harness.deidentify.regions import Mask, Regions

#: Returns the frame as it is to be written; None where it stays.
Edit = Callable[[Frame], Frame | None]
#: What Derivation Description (0008,2111) says.
TEXT_REMOVED = "burned-in text removed from the pixels"
#: Smaller frames have too few wavelet levels for the JPEG 2000 encoder.
_LEAST_JPEG_2000 = 32
_LONGEST_NATIVE = 2**32 - 2
_LOSSY = {
    uids.JPEGBaseline8Bit: "ISO_10918_1",
    uids.JPEGExtended12Bit: "ISO_10918_1",
    uids.JPEGLSNearLossless: "ISO_14495_1",
}


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was done to the pixels of an instance.

    Parameters
    ----------
    syntax
        The transfer syntax that they have now.
    frames
        How many frames were changed; 0 where all were black already in these places.
    sources
        What the places are known from.
    """

    syntax: UID
    frames: int
    sources: tuple[str, ...]


def redact(dataset: Dataset, syntax: UID, regions: Regions) -> Redacted:
    """Blacken regions in Pixel Data (7FE0,0010), in place.

    Metadata of compressed frames must have been taken out before.

    Raises
    ------
    CannotBeMadeSafe
        When that cannot be done; the data set is then as it was.
    """
    if "PixelData" not in dataset:
        raise CannotBeMadeSafe("text cannot be taken out of pixels of floating point values")
    if not syntax.is_encapsulated:
        big_endian = syntax == uids.ExplicitVRBigEndian
        return Redacted(syntax, black_out_native(dataset, regions, big_endian=big_endian), regions.sources)
    return CompressedFrames(dataset, syntax, regions).redact()


def clear_hidden_bits(dataset: Dataset, syntax: UID, *, keep: bool) -> UID:
    """Clear the bits beside the stored values of compressed pixels, in place.

    Frames are decoded and, where a bit was set, written without loss.

    Parameters
    ----------
    keep
        Whether frames must stay as they are, so that a bit that is set cannot be cleared.

    Returns
    -------
    UID
        The transfer syntax then.

    Raises
    ------
    HiddenBits
        When one is set and they must stay.
    CannotBeMadeSafe
        When they cannot be decoded.
    """
    stored, signed = number(dataset, "BitsStored"), number(dataset, "PixelRepresentation", 0) == 1
    if number(dataset, "HighBit", stored - 1) != stored - 1:
        raise CannotBeMadeSafe("compressed pixels whose stored values do not begin at the lowest bit")
    # the run-length decoder drops these bits, so that whether one was set is not seen in what it gives
    clear = partial(_clear, stored=stored, signed=signed, seen=syntax != uids.RLELossless)
    frames = CompressedFrames(dataset, syntax, Regions(()))
    done = frames.edit(dict.fromkeys(range(frames.count), clear))
    if done.frames and keep:
        raise HiddenBits("bits beside the stored values of compressed pixels are set")
    return done.syntax


def _clear(frame: Frame, *, stored: int, signed: bool, seen: bool) -> Frame | None:
    kept = frame.astype(np.int64) & ((1 << stored) - 1)
    if signed:
        kept = np.where(kept >> (stored - 1) & 1, kept - (1 << stored), kept)
    changed = not seen or not np.array_equal(kept, frame)
    return kept.astype(frame.dtype) if changed else None


class CompressedFrames:
    """Compressed frames of one instance, to be changed in place.

    Parameters
    ----------
    regions
        What is to be changed, and what it is known from.
    least_side
        Of the frames that will be written; 0 where they keep their size.
    """

    def __init__(self, dataset: Dataset, syntax: UID, regions: Regions, *, least_side: int = 0) -> None:
        self._dataset, self._syntax, self._regions = dataset, syntax, regions
        self.count = number(dataset, "NumberOfFrames", 1)
        self._frames = list(generate_frames(dataset.PixelData, number_of_frames=self.count))
        self._shape = (number(dataset, "Rows"), number(dataset, "Columns"))
        self._target = _target_of(syntax, least_side or min(self._shape))
        self._photometric_interpretation = colours(dataset, syntax, self._frames)
        # no ultrasound IOD knows YBR_FULL by pixel, and every other one with colours knows RGB as well
        self._to_rgb = not self._target.is_encapsulated and self._photometric_interpretation == "YBR_FULL"

    def redact(self) -> Redacted:
        """Blacken the regions."""
        masks = [self._regions.mask(index + 1, *self._shape) for index in range(self.count)]
        if not any(mask is not None for mask in masks):
            return Redacted(self._syntax, 0, self._regions.sources)
        black = Black.of(self._dataset, self._photometric_interpretation)
        return self.edit(
            {
                index: partial(_blackened, mask=mask, black=black)
                for index, mask in enumerate(masks)
                if mask is not None
            }
        )

    def edit(self, edits: Mapping[int, Edit]) -> Redacted:
        """Change decoded frames and write them, and with another transfer syntax all others as well.

        Parameters
        ----------
        edits
            By index of the frame, from 0.
        """
        again = self._target != self._syntax
        needed = [index for index in range(self.count) if again or index in edits]
        written, changed = dict(enumerate(self._frames)), 0
        for index, frame in zip(
            needed, decoded(self._dataset, self._syntax, (index + 1 for index in needed)), strict=True
        ):
            edited = edits[index](frame) if index in edits else None
            changed += edited is not None
            written[index] = self._write(frame if edited is None else edited)
        if changed:
            self._replace([written[index] for index in range(self.count)])
        return Redacted(self._target if changed else self._syntax, changed, self._regions.sources)

    def _write(self, frame: Frame) -> bytes:
        if self._target.is_encapsulated:
            return encoded(self._dataset, self._target, frame, self._written_colours())
        if self._to_rgb:
            frame = convert_color_space(np.ascontiguousarray(frame), "YBR_FULL", "RGB")
        signed = "i" if number(self._dataset, "PixelRepresentation", 0) == 1 else "u"
        kind = np.dtype(f"<{signed}{number(self._dataset, 'BitsAllocated') // 8}")
        return frame.astype(kind).tobytes()

    def _written_colours(self) -> str:
        """Return how the output's colours are coded: JPEG 2000 has a transform of its own."""
        if not self._target.is_encapsulated:
            return "RGB" if self._to_rgb else self._photometric_interpretation
        told = str(self._dataset.PhotometricInterpretation).strip()
        return "YBR_RCT" if told in ("YBR_ICT", "YBR_RCT") else self._photometric_interpretation

    def _replace(self, frames: Sequence[bytes]) -> None:
        size = sum(map(len, frames))
        native = not self._target.is_encapsulated
        if native and size > _LONGEST_NATIVE:
            raise CannotBeMadeSafe("its frames are too large to be written without compression")
        _tell_loss(self._dataset, self._syntax, self._frames, number(self._dataset, "BitsAllocated"))
        self._dataset.PhotometricInterpretation = self._written_colours()
        if number(self._dataset, "SamplesPerPixel", 1) > 1:
            self._dataset.PlanarConfiguration = 0
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            if keyword in self._dataset:
                del self._dataset[keyword]
        element = self._dataset["PixelData"]
        element.is_undefined_length = not native
        if native:
            element.VR = "OW" if number(self._dataset, "BitsAllocated") > 8 else "OB"
            element.value = b"".join(frames) + b"\x00" * (size & 1)
        else:
            element.value = encapsulate(list(frames), has_bot=size < 2**31)


def _target_of(syntax: UID, least_side: int) -> UID:
    target = LOSSLESS.get(syntax, uids.ExplicitVRLittleEndian)
    too_small = target == uids.JPEG2000Lossless and least_side < _LEAST_JPEG_2000
    return uids.ExplicitVRLittleEndian if too_small else target


def _blackened(frame: Frame, mask: Mask, black: Black) -> Frame | None:
    return frame if paint_black(frame, mask, black) else None


def _tell_loss(dataset: Dataset, syntax: UID, frames: Sequence[bytes], bits: int) -> None:
    """Say that pixels were compressed with loss where only their syntax said so (PS3.3 C.7.6.1.1.5)."""
    method = _LOSSY.get(syntax) or ("ISO_15444_1" if _is_irreversible(syntax, frames) else "")
    if not method or str(dataset.get("LossyImageCompression") or "") == "01":
        return
    samples = number(dataset, "SamplesPerPixel", 1)
    pixels = number(dataset, "Rows") * number(dataset, "Columns") * len(frames)
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = round(pixels * samples * bits / 8 / max(1, sum(map(len, frames))), 2)
    dataset.LossyImageCompressionMethod = method


def _is_irreversible(syntax: UID, frames: Sequence[bytes]) -> bool:
    """Tell by their COD marker whether JPEG 2000 frames lost anything in the wavelet (T.800 A.6.1)."""
    if syntax not in LOSSLESS or syntax in (uids.RLELossless, uids.JPEGLSLossless):
        return False
    return any(
        (place := frame.find(b"\xff\x52")) >= 0 and frame[place + 13 : place + 14] == b"\0"
        for frame in frames
    )


def tell(dataset: Dataset) -> None:
    """Write into a data set that its pixels were changed, after everything else was de-identified.

    Image Type and Frame Type say DERIVED, Derivation Description what was done (PS3.3 sections C.7.6.1.1.2
    and C.7.6.1.1.3). The smallest and largest pixel values, which may no longer be true, go.
    """
    _say_derived(dataset)
    for keyword in (
        "SmallestImagePixelValue", "LargestImagePixelValue",
        "SmallestPixelValueInSeries", "LargestPixelValueInSeries",
    ):  # fmt: skip
        if keyword in dataset:
            del dataset[keyword]
    if not is_told(dataset):
        said = str(dataset.get("DerivationDescription") or "").strip()
        dataset.DerivationDescription = f"{said}; {TEXT_REMOVED}"[-1024:] if said else TEXT_REMOVED


def is_told(dataset: Dataset) -> bool:
    """Return whether an instance says that text was removed from it by this de-identifier."""
    return TEXT_REMOVED in str(dataset.get("DerivationDescription") or "")


def _say_derived(dataset: Dataset) -> None:
    for keyword in ("ImageType", "FrameType"):
        values = dataset.get(keyword)
        if values:
            kinds = [values] if isinstance(values, str) else list(values)
            dataset[keyword].value = ["DERIVED", *kinds[1:]]
    for sequence in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in dataset.get(sequence) or ():
            for element in group:
                if element.VR == "SQ":
                    for item in element.value or ():
                        if "FrameType" in item:
                            _say_derived(item)
