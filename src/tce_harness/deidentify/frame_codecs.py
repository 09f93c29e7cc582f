"""Frames decoded to their stored values and encoded without loss, each proven by decoding it again.

A lossless transfer syntax stays. A lossy one cannot be written again without changing every pixel once more:
its frames go on without loss, in the lossless syntax of the same family or not compressed (JPEG), and what
is told of the earlier loss stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.encoders.base import get_encoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import UID

from tce_harness.deidentify.native_pixels import number
from tce_harness.deidentify.outcome import CannotBeMadeSafe

Frame = NDArray[np.generic]

#: Which syntax is written for a compressed one; every other one that can be decoded is written native.
LOSSLESS: Mapping[UID, UID] = MappingProxyType(
    {
        uids.RLELossless: uids.RLELossless,
        uids.JPEGLSLossless: uids.JPEGLSLossless,
        uids.JPEGLSNearLossless: uids.JPEGLSLossless,
        uids.JPEG2000Lossless: uids.JPEG2000Lossless,
        uids.JPEG2000: uids.JPEG2000Lossless,
        uids.HTJ2KLossless: uids.JPEG2000Lossless,
        uids.HTJ2KLosslessRPCL: uids.JPEG2000Lossless,
        uids.HTJ2K: uids.JPEG2000Lossless,
    }
)
JPEG = frozenset({uids.JPEGBaseline8Bit, uids.JPEGExtended12Bit})
_JPEG_2000 = frozenset(
    {uids.JPEG2000Lossless, uids.JPEG2000, uids.HTJ2KLossless, uids.HTJ2KLosslessRPCL, uids.HTJ2K}
)
_APP14 = b"\xff\xeeAdobe"
#: What codecs raise: their bindings know no common error. A missing decoder is a RuntimeError as well.
CODEC_ERRORS = (RuntimeError, ValueError, TypeError, AttributeError, KeyError, OSError)


def decoded(dataset: Dataset, syntax: UID, frames: Iterable[int]) -> Iterator[Frame]:
    """Yield frames as their codec gives them, without conversion of colours.

    Parameters
    ----------
    frames
        Numbers of the frames, from 1.

    Yields
    ------
    Frame
        Of shape (rows, columns) or (rows, columns, samples), to be written into.

    Raises
    ------
    CannotBeMadeSafe
        When a frame cannot be decoded.
    """
    shape = (number(dataset, "Rows"), number(dataset, "Columns"))
    try:
        decoder = get_decoder(syntax)
        for number_of_frame in frames:
            frame, _ = decoder.as_array(
                dataset, index=number_of_frame - 1, raw=True, decoding_plugin=decoder_plugin(syntax)
            )
            if frame.shape[:2] != shape:
                raise CannotBeMadeSafe("a compressed frame has another size than the data set says")
            yield frame.copy()
    except CODEC_ERRORS as error:
        raise CannotBeMadeSafe(_reason(syntax, error)) from None


def displayed(dataset: Dataset, syntax: UID, frame: int) -> Frame:
    """Return a frame, by its number from 1, in grey or RGB, bright where it is displayed bright.

    Raises one of `CODEC_ERRORS` where it cannot be decoded.
    """
    values, _ = get_decoder(syntax).as_array(dataset, index=frame - 1, decoding_plugin=decoder_plugin(syntax))
    colours_told = str(dataset.get("PhotometricInterpretation") or "").strip()
    if colours_told == "PALETTE COLOR":
        return np.asarray(apply_color_lut(values, dataset))
    if colours_told == "MONOCHROME1":
        return np.asarray(values.max() - values.astype(np.int64))
    return values


def decoder_plugin(syntax: UID) -> str:
    """Return which decoder is taken: pillow widens values of 9 bits and more to 16."""
    return "pylibjpeg" if syntax in _JPEG_2000 else ""


def _reason(syntax: UID, error: Exception) -> str:
    if isinstance(error, RuntimeError):  # also where no decoder is installed, or none knows the syntax
        return f"{syntax.name} cannot be decoded here, so that text cannot be taken out of its pixels"
    return f"a frame in {syntax.name} cannot be decoded ({type(error).__name__})"


def colours(dataset: Dataset, syntax: UID, frames: Iterable[bytes]) -> str:
    """Return the photometric interpretation of what `decoded` gives.

    JPEG 2000 codecs undo their colour transform, JPEG codecs theirs only where an Adobe marker tells of one;
    otherwise shared colours are spread to every pixel.

    Raises
    ------
    CannotBeMadeSafe
        When it is not the same for every frame.
    """
    told = str(dataset.get("PhotometricInterpretation") or "").strip()
    if number(dataset, "SamplesPerPixel", 1) == 1:
        return told
    if syntax in _JPEG_2000:
        return "RGB" if told in ("YBR_ICT", "YBR_RCT") else told
    if syntax not in JPEG:
        return told
    marked = {b"Adobe" in frame[: frame.find(b"\xff\xda")] for frame in frames}
    if len(marked) != 1:
        raise CannotBeMadeSafe("frames in JPEG differ in how their colours are coded")
    return "RGB" if marked == {True} or told == "RGB" else "YBR_FULL"


def encoded(dataset: Dataset, syntax: UID, frame: Frame, photometric_interpretation: str) -> bytes:
    """Return one frame, encoded without loss and decoded again to see that it is.

    Raises
    ------
    CannotBeMadeSafe
        When the codec does not give back what it was given.
    """
    options = _options(dataset, frame, photometric_interpretation)
    try:
        content = get_encoder(syntax).encode(frame, **options)
        again = _again(content, syntax, options)
    except CODEC_ERRORS as error:
        raise CannotBeMadeSafe(
            f"a frame cannot be written in {syntax.name} ({type(error).__name__})"
        ) from None
    if not np.array_equal(again, frame):
        raise CannotBeMadeSafe(f"a frame is not the same after it was written in {syntax.name}")
    return content + b"\x00" * (len(content) & 1)


def _options(dataset: Dataset, frame: Frame, photometric_interpretation: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "pixel_keyword": "PixelData",
        "rows": frame.shape[0],
        "columns": frame.shape[1],
        "number_of_frames": 1,
        "samples_per_pixel": frame.shape[2] if frame.ndim == 3 else 1,
        "bits_allocated": number(dataset, "BitsAllocated"),
        "bits_stored": number(dataset, "BitsStored"),
        "pixel_representation": number(dataset, "PixelRepresentation", 0),
        "photometric_interpretation": photometric_interpretation,
    }
    if frame.ndim == 3:
        options["planar_configuration"] = 0
    return options


def _again(content: bytes, syntax: UID, options: dict[str, Any]) -> Frame:
    again, _ = get_decoder(syntax).as_array(
        encapsulate([content]), raw=True, decoding_plugin=decoder_plugin(syntax), **options
    )
    return again
