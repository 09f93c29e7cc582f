"""Pixel data: whether it may show text, and what may hide in it besides pixels (rules D20 and D22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import UID

from tce_harness.deidentify.codestream import (
    CodestreamError,
    precision,
    strip_jpeg,
    strip_jpeg2000,
    strip_rle,
)
from tce_harness.deidentify.native_pixels import NativeLayout, number
from tce_harness.deidentify.outcome import CannotBeMadeSafe

#: Classes whose pixels commonly show names: captured screens, ultrasound, endoscopy and other video.
CLASSES_WITH_TEXT = frozenset(
    {
        uids.UltrasoundImageStorage,
        uids.UltrasoundMultiFrameImageStorage,
        uids.SecondaryCaptureImageStorage,
        uids.MultiFrameSingleBitSecondaryCaptureImageStorage,
        uids.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        uids.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
        uids.MultiFrameTrueColorSecondaryCaptureImageStorage,
        uids.VLEndoscopicImageStorage,
        uids.VideoEndoscopicImageStorage,
        uids.VideoMicroscopicImageStorage,
        uids.VideoPhotographicImageStorage,
    }
)
CLASSES_WITH_VOICE = frozenset({uids.BasicVoiceAudioWaveformStorage, uids.GeneralAudioWaveformStorage})
_SLIDE = uids.VLWholeSlideMicroscopyImageStorage
_SLIDE_TEXT = frozenset({"LABEL", "OVERVIEW"})
_SCREEN = "SCREEN SAVE"

_JPEG = frozenset(
    {
        uids.JPEGBaseline8Bit,
        uids.JPEGExtended12Bit,
        uids.JPEGLossless,
        uids.JPEGLosslessSV1,
        uids.JPEGLSLossless,
        uids.JPEGLSNearLossless,
    }
)
_JPEG_2000 = frozenset(
    {
        uids.JPEG2000Lossless,
        uids.JPEG2000,
        uids.JPEG2000MCLossless,
        uids.JPEG2000MC,
        uids.HTJ2KLossless,
        uids.HTJ2KLosslessRPCL,
        uids.HTJ2K,
    }
)
NATIVE = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def reason_beyond_pixels(dataset: Dataset) -> str | None:
    """Return why an instance is text or speech by nature, whatever it declares."""
    kinds = _kinds(dataset)
    sop_class = UID(str(dataset.get("SOPClassUID", "")))
    if sop_class in CLASSES_WITH_VOICE:
        return f"{sop_class.name} holds a recorded voice"
    if sop_class == _SLIDE and kinds & _SLIDE_TEXT:
        return "the label or overview of a whole slide shows its text"
    return None


def reason_for_text(dataset: Dataset) -> str | None:
    """Return why the pixels may show text, or None where nothing speaks for it.

    A statement that they show none, Burned In Annotation (0028,0301) = NO, is believed.
    """
    declared = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    sop_class = UID(str(dataset.get("SOPClassUID", "")))
    if not has_pixels(dataset) or declared == "NO":
        return None
    if declared == "YES":
        return "Burned In Annotation (0028,0301) says that the pixels show identifying text"
    unless = "and Burned In Annotation (0028,0301) is not NO"
    if sop_class in CLASSES_WITH_TEXT:
        return f"{sop_class.name} commonly shows text {unless}"
    screen = any(_SCREEN in kind for kind in _kinds(dataset))
    return f"Image Type (0008,0008) tells of a saved screen {unless}" if screen else None


class HiddenBits(CannotBeMadeSafe):
    """Raised where bits beside the stored values of compressed pixels may hold something."""


def clean_pixel_data(
    dataset: Dataset, transfer_syntax_uid: str, *, bits_are_clear: bool = False
) -> Iterator[str]:
    """Take out of the pixel data what is no pixel, in place; yield what was done.

    Parameters
    ----------
    bits_are_clear
        Whether it is known that compressed pixels have no bits beside their stored values.

    Raises
    ------
    HiddenBits
        When such bits would have to be looked at, which takes decoding.
    CannotBeMadeSafe
        When that cannot be done without decoding, or not at all.
    """
    if (
        "PixelData" in dataset
        and UID(transfer_syntax_uid).is_compressed
        and _encapsulated(transfer_syntax_uid)
    ):
        yield from _clean_frames(dataset, UID(transfer_syntax_uid), bits_are_clear=bits_are_clear)
        return
    for keyword in NATIVE:
        if keyword in dataset:
            yield from _clean_native(
                dataset, keyword, big_endian=transfer_syntax_uid == uids.ExplicitVRBigEndian
            )


def _encapsulated(transfer_syntax_uid: str) -> bool:
    return transfer_syntax_uid != uids.DeflatedExplicitVRLittleEndian


def has_pixels(dataset: Dataset) -> bool:
    """Return whether an instance is an image."""
    return any(keyword in dataset for keyword in NATIVE)


def has_embedded_overlay(dataset: Dataset) -> bool:
    """Return whether an overlay says that it lies in bits of the pixels (retired; PS3.5-2004, 8.1.2)."""
    return any(
        element.tag.elem == 0x0102 and element.value for element in dataset if element.tag.group >> 8 == 0x60
    )


def _kinds(dataset: Dataset) -> set[str]:
    return {str(value).strip().upper() for value in _values(dataset, "ImageType")}


def _values(dataset: Dataset, keyword: str) -> list[object]:
    element = dataset.get(keyword)
    if element is None:
        return []
    return list(element) if not isinstance(element, str) else [element]


def _clean_native(dataset: Dataset, keyword: str, *, big_endian: bool) -> Iterator[str]:
    element = dataset[keyword]
    if isinstance(element.value, bytes):
        layout = NativeLayout.of(dataset, keyword)
        element.value, done = layout.cleaned(element.value, big_endian=big_endian)
        yield from done


def _clean_frames(dataset: Dataset, syntax: UID, *, bits_are_clear: bool) -> Iterator[str]:
    if not bits_are_clear and has_embedded_overlay(dataset):
        raise HiddenBits("an overlay lies in the bits of compressed pixel data")
    strip = _stripper(dataset, syntax, bits_are_clear=bits_are_clear)
    content = dataset.PixelData
    count = number(dataset, "NumberOfFrames", 1)
    try:
        frames = list(generate_frames(content, number_of_frames=count))
        stripped = [strip(frame) for frame in frames]
    except CodestreamError as error:
        raise CannotBeMadeSafe(f"compressed pixel data cannot be searched: {error}") from None
    except (ValueError, TypeError, EOFError, IndexError) as error:
        raise CannotBeMadeSafe(f"encapsulated pixel data cannot be parsed: {type(error).__name__}") from None
    if len(frames) != count:
        raise CannotBeMadeSafe(f"encapsulated pixel data hold {len(frames)} frames, {count} are declared")
    stored = number(dataset, "BitsStored", 0)
    if (
        stored
        and not bits_are_clear
        and syntax != uids.RLELossless
        and max(map(precision, stripped)) > stored
    ):
        raise HiddenBits("compressed pixels have more bits than are stored, which may hold an overlay")
    if any(len(a.rstrip(b"\x00")) != len(b.rstrip(b"\x00")) for a, b in zip(frames, stripped, strict=True)):
        yield "metadata of the codestream were taken out"
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in dataset:
            del dataset[keyword]
    dataset["PixelData"].value = encapsulate(stripped, has_bot=sum(map(len, stripped)) < 2**31)
    dataset["PixelData"].is_undefined_length = True


def _stripper(dataset: Dataset, syntax: UID, *, bits_are_clear: bool) -> Callable[[bytes], bytes]:
    if syntax in _JPEG:
        return strip_jpeg
    if syntax in _JPEG_2000:
        return strip_jpeg2000
    if syntax == uids.RLELossless:
        size = number(dataset, "Rows") * number(dataset, "Columns")
        return lambda frame: _strip_rle(dataset, frame, size, bits_are_clear=bits_are_clear)
    raise CannotBeMadeSafe(f"metadata cannot be taken out of {syntax.name} without decoding")


def _strip_rle(dataset: Dataset, frame: bytes, size: int, *, bits_are_clear: bool) -> bytes:
    stripped, used = strip_rle(frame, size)
    bits, high = number(dataset, "BitsAllocated"), number(dataset, "HighBit", 7)
    unsigned = number(dataset, "PixelRepresentation", 0) == 0 and not bits_are_clear
    if bits == 16 and 8 <= high < 15 and unsigned and any(top >> (high - 7) for top in used[::2]):
        raise HiddenBits("bits above High Bit are set in run-length encoded pixel data")
    return stripped
