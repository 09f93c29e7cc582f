"""Text goes from the stored values of every representation, and nothing beside it changes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.encoders.base import get_encoder
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import UID

from tce_harness.content import Content
from tce_harness.deidentify import (
    Deidentified,
    Deidentifier,
    Policy,
    Pseudonyms,
    Quarantined,
    with_options,
)
from tce_harness.deidentify.device_layouts import DeviceLayout
from tce_harness.deidentify.regions import Box, Regions, TextBox
from tce_harness.objects.instance import encode_instance, read_instance

Values = NDArray[np.generic]
ROWS, COLUMNS = 40, 48
TEXT = Box(5, 2, 21, 9)


@dataclass(frozen=True)
class Kind:
    """A representation of pixels."""

    colours: str = "MONOCHROME2"
    bits: int = 8
    stored: int = 8
    signed: bool = False
    planar: int = 0
    frames: int = 2

    @property
    def samples(self) -> int:
        return 1 if self.colours.startswith("MONO") or self.colours.startswith("PAL") else 3

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(f"<{'i' if self.signed else 'u'}{self.bits // 8}")

    def values(self) -> Values:
        """Return frames of shape (frames, rows, columns, samples)."""
        low = -(1 << (self.stored - 1)) if self.signed else 0
        rng = np.random.default_rng(7)
        shape = (self.frames, ROWS, COLUMNS, self.samples)
        return rng.integers(low, low + (1 << self.stored), shape).astype(self.dtype)


KINDS = {
    "8 bit": Kind(),
    "MONOCHROME1": Kind("MONOCHROME1"),
    "12 bit": Kind(bits=16, stored=12),
    "16 bit": Kind(bits=16, stored=16),
    "16 bit signed": Kind(bits=16, stored=16, signed=True),
    "12 bit signed, inverted": Kind("MONOCHROME1", bits=16, stored=12, signed=True),
    "RGB": Kind("RGB"),
    "RGB by planes": Kind("RGB", planar=1),
    "YBR_FULL": Kind("YBR_FULL"),
    "palette": Kind("PALETTE COLOR"),
}


@pytest.fixture(scope="session")
def cleaning(basic: Policy, content: Content) -> Policy:
    policy = with_options(basic, ["clean-pixel-data"], content)
    boxes = Regions(("the layout of a test",), (TextBox(TEXT),))
    layouts = [
        DeviceLayout(
            device="test",
            manufacturer="Acme Imaging",
            model="",
            sop_class_uid=sop_class,
            rows=ROWS,
            columns=COLUMNS,
            image_type="",
            regions=boxes,
        )
        for sop_class in (uids.UltrasoundMultiFrameImageStorage, uids.SecondaryCaptureImageStorage)
    ]
    return replace(policy, devices=tuple(layouts))


def describe(dataset: Dataset, kind: Kind) -> Dataset:
    """Give a data set the attributes of a representation."""
    dataset.SOPClassUID, dataset.Modality = uids.UltrasoundMultiFrameImageStorage, "US"
    dataset.ImageType, dataset.NumberOfFrames = ["ORIGINAL", "PRIMARY"], kind.frames
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = ROWS, COLUMNS, kind.samples
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = kind.colours, int(kind.signed)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = kind.bits, kind.stored, kind.stored - 1
    if kind.samples == 3:
        dataset.PlanarConfiguration = kind.planar
    if kind.colours.startswith("PAL"):
        ramp = np.roll(np.arange(256, dtype="<u2") * 257, 40)  # black is at index 40
        for colour in ("Red", "Green", "Blue"):
            setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            setattr(dataset, f"{colour}PaletteColorLookupTableData", ramp.tobytes())
    return dataset


def native(dataset: Dataset, kind: Kind, syntax: UID) -> Dataset:
    describe(dataset, kind)
    values = kind.values()
    if kind.planar:
        values = np.moveaxis(values, -1, 1)
    big_endian = syntax == uids.ExplicitVRBigEndian
    dataset.PixelData = (values.astype(kind.dtype.newbyteorder(">")) if big_endian else values).tobytes()
    dataset["PixelData"].VR = "OW" if kind.bits > 8 else "OB"
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def compressed(dataset: Dataset, kind: Kind, syntax: UID) -> Dataset:
    describe(dataset, kind)
    encoder = get_encoder(syntax)
    frames = [
        encoder.encode(
            frame if kind.samples == 3 else frame[..., 0],
            rows=ROWS,
            columns=COLUMNS,
            number_of_frames=1,
            samples_per_pixel=kind.samples,
            bits_allocated=kind.bits,
            bits_stored=kind.stored,
            pixel_representation=int(kind.signed),
            photometric_interpretation=kind.colours,
            planar_configuration=0,
        )
        for frame in kind.values()
    ]
    return enclose(dataset, frames, syntax)


def enclose(dataset: Dataset, frames: list[bytes], syntax: UID) -> Dataset:
    dataset.PixelData = encapsulate(frames)
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def clean(policy: Policy, dataset: Dataset) -> Dataset:
    """Return what stands in the file that is written."""
    outcome = Deidentifier(policy, Pseudonyms(b"a key of sixteen bytes")).deidentify(dataset)
    assert isinstance(outcome, Deidentified), outcome
    return read_instance(encode_instance(outcome.dataset))


def stored(dataset: Dataset, kind: Kind) -> Values:
    """Return stored values by pydicom's decoder, of shape (frames, rows, columns, samples)."""
    syntax = dataset.file_meta.TransferSyntaxUID
    plugin = "pylibjpeg" if "2000" in syntax.name else ""
    values, _ = get_decoder(syntax).as_array(dataset, raw=True, decoding_plugin=plugin)
    return values.reshape(kind.frames, ROWS, COLUMNS, kind.samples)


def check(result: Dataset, kind: Kind, black: tuple[int, ...] | None) -> None:
    after, before = stored(result, kind), kind.values()
    inside = np.zeros((ROWS, COLUMNS), dtype=bool)
    inside[TEXT.top : TEXT.bottom, TEXT.left : TEXT.right] = True
    assert np.array_equal(after[:, ~inside], before[:, ~inside])
    for frame in after:
        levels = {tuple(map(int, pixel)) for pixel in frame[inside]}
        assert len(levels) == 1
        assert black is None or levels == {black}
    assert result.BurnedInAnnotation == "NO"
    assert result.ImageType[0] == "DERIVED"
    assert "burned-in text removed" in result.DerivationDescription
    assert "113101" in {item.CodeValue for item in result.DeidentificationMethodCodeSequence}


BLACK: dict[str, tuple[int, ...] | None] = {
    "8 bit": (0,),
    "MONOCHROME1": (255,),
    "12 bit": (0,),
    "16 bit": (0,),
    "RGB": (0, 0, 0),
    "RGB by planes": (0, 0, 0),
    "YBR_FULL": (0, 128, 128),
    "palette": (40,),
}


@pytest.mark.parametrize(
    "syntax",
    [
        uids.ImplicitVRLittleEndian,
        uids.ExplicitVRLittleEndian,
        uids.DeflatedExplicitVRLittleEndian,
        uids.ExplicitVRBigEndian,
    ],
    ids=lambda syntax: str(syntax.name),
)
@pytest.mark.parametrize("name", KINDS)
def test_text_goes_from_native_pixels_and_nothing_else(
    name: str, syntax: UID, cr: Dataset, cleaning: Policy
) -> None:
    kind = KINDS[name]
    result = clean(cleaning, native(cr, kind, syntax))
    assert result.file_meta.TransferSyntaxUID == syntax
    check(result, kind, BLACK.get(name))


@pytest.mark.parametrize(
    "syntax",
    [uids.RLELossless, uids.JPEGLSLossless, uids.JPEG2000Lossless],
    ids=lambda syntax: str(syntax.name),
)
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.planar])
def test_lossless_syntaxes_stay_and_give_every_other_pixel_back(
    name: str, syntax: UID, cr: Dataset, cleaning: Policy
) -> None:
    kind = KINDS[name]
    result = clean(cleaning, compressed(cr, kind, syntax))
    assert result.file_meta.TransferSyntaxUID == syntax
    check(result, kind, BLACK.get(name))


def test_the_darkest_value_of_signed_pixels_is_one_that_the_frame_has(cr: Dataset, cleaning: Policy) -> None:
    kind = Kind(bits=16, stored=16, signed=True, frames=1)
    dataset = native(cr, kind, uids.ExplicitVRLittleEndian)
    values = np.clip(kind.values(), -1000, 1000)
    dataset.PixelData = values.tobytes()
    assert stored(clean(cleaning, dataset), kind).min() == -1000


def jpeg(frame: Values, colours: str) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(frame if colours == "YCbCr" else frame[..., 0], mode=colours)
    picture.save(buffer, "JPEG", quality=90, subsampling=2)
    return buffer.getvalue()


@pytest.mark.parametrize(("told", "colours"), [("YBR_FULL_422", "YCbCr"), ("MONOCHROME2", "L")])
def test_jpeg_is_written_without_compression_and_tells_of_its_loss(
    told: str, colours: str, cr: Dataset, cleaning: Policy
) -> None:
    kind = Kind("YBR_FULL" if colours == "YCbCr" else told)
    dataset = describe(cr, kind)
    dataset.PhotometricInterpretation, dataset.LossyImageCompression = told, "00"
    enclose(dataset, [jpeg(frame, colours) for frame in kind.values()], uids.JPEGBaseline8Bit)
    before = stored(dataset, kind)
    result = clean(cleaning, dataset)
    assert result.file_meta.TransferSyntaxUID == uids.ExplicitVRLittleEndian
    after = stored(result, kind)
    if colours == "YCbCr":  # no ultrasound IOD admits YBR_FULL by pixel
        before = convert_color_space(np.ascontiguousarray(before), "YBR_FULL", "RGB")
    assert np.array_equal(after[:, TEXT.bottom :], before[:, TEXT.bottom :])
    assert not after[0, TEXT.top : TEXT.bottom, TEXT.left : TEXT.right].any()
    assert (result.LossyImageCompression, result.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert result.LossyImageCompressionRatio > 1
    assert result.PhotometricInterpretation == ("RGB" if colours == "YCbCr" else told)


def test_pairs_of_pixels_that_share_their_colour_go_as_pairs(cr: Dataset, cleaning: Policy) -> None:
    dataset = native(cr, Kind("YBR_FULL", frames=1), uids.ExplicitVRLittleEndian)
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    pairs = np.random.default_rng(1).integers(0, 256, (ROWS, COLUMNS // 2, 4), dtype=np.uint8)
    dataset.PixelData = pairs.tobytes()
    result = clean(cleaning, dataset)
    after = np.frombuffer(result.PixelData, np.uint8).reshape(pairs.shape)
    first, last = TEXT.left // 2, (TEXT.right + 1) // 2
    assert (after[TEXT.top : TEXT.bottom, first:last] == (0, 0, 128, 128)).all()
    pairs[TEXT.top : TEXT.bottom, first:last] = (0, 0, 128, 128)
    assert np.array_equal(after, pairs)


def test_single_bits_are_blackened_one_by_one(cr: Dataset, cleaning: Policy) -> None:
    dataset = describe(cr, Kind(frames=3))
    dataset.BitsAllocated = dataset.BitsStored = 1
    dataset.HighBit = 0
    values = np.random.default_rng(2).integers(0, 2, (3, ROWS, COLUMNS), dtype=np.uint8)
    dataset.PixelData = np.packbits(values.reshape(-1), bitorder="little").tobytes()
    dataset["PixelData"].VR = "OB"
    result = clean(cleaning, dataset)
    after = np.unpackbits(np.frombuffer(result.PixelData, np.uint8), bitorder="little").reshape(values.shape)
    values[:, TEXT.top : TEXT.bottom, TEXT.left : TEXT.right] = 0
    assert np.array_equal(after, values)


@pytest.mark.parametrize("syntax", [uids.ExplicitVRLittleEndian, uids.RLELossless])
def test_only_the_frames_that_show_text_are_touched(syntax: UID, cr: Dataset, cleaning: Policy) -> None:
    kind = KINDS["RGB"]
    first = Regions(("a test",), (TextBox(TEXT, frozenset({2})),))
    policy = replace(cleaning, devices=tuple(replace(each, regions=first) for each in cleaning.devices))
    make = native if syntax == uids.ExplicitVRLittleEndian else compressed
    after = stored(clean(policy, make(cr, kind, syntax)), kind)
    assert np.array_equal(after[0], kind.values()[0])
    assert not after[1, TEXT.top : TEXT.bottom, TEXT.left : TEXT.right].any()


def test_what_lies_outside_the_ultrasound_regions_goes(cr: Dataset, cleaning: Policy) -> None:
    kind = KINDS["8 bit"]
    dataset = native(cr, kind, uids.ExplicitVRLittleEndian)
    region = Dataset()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 4, 12
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 40, 39
    dataset.SequenceOfUltrasoundRegions = [region]
    result = clean(replace(cleaning, devices=()), dataset)
    after, before = stored(result, kind), kind.values()
    inside = np.zeros((ROWS, COLUMNS), dtype=bool)
    inside[12:40, 4:41] = True
    assert np.array_equal(after[:, inside], before[:, inside])
    assert not after[:, ~inside].any()


@pytest.mark.parametrize(
    "corners", [None, (0, 0, COLUMNS - 1, ROWS - 1), (0, 4, COLUMNS, ROWS), (20, 20, 10, 10)]
)
def test_without_a_margin_for_text_nobody_knows_where_it_stands(
    corners: tuple[int, int, int, int] | None, cr: Dataset, cleaning: Policy
) -> None:
    dataset = native(cr, KINDS["8 bit"], uids.ExplicitVRLittleEndian)
    if corners is not None:
        region = Dataset()
        region.RegionLocationMinX0, region.RegionLocationMinY0 = corners[:2]
        region.RegionLocationMaxX1, region.RegionLocationMaxY1 = corners[2:]
        dataset.SequenceOfUltrasoundRegions = [region]
    policy = replace(cleaning, devices=())
    outcome = Deidentifier(policy, Pseudonyms(b"a key of sixteen bytes")).deidentify(dataset)
    assert isinstance(outcome, Quarantined)
    assert "neither ultrasound regions nor a device layout tell where the text stands" in outcome.reason


def test_a_policy_that_does_not_claim_it_touches_no_pixel(
    cr: Dataset, basic: Policy, cleaning: Policy
) -> None:
    dataset = native(cr, KINDS["8 bit"], uids.ExplicitVRLittleEndian)
    policy = replace(basic, devices=cleaning.devices)
    outcome = Deidentifier(policy, Pseudonyms(b"a key of sixteen bytes")).deidentify(dataset)
    assert isinstance(outcome, Quarantined)


def test_a_second_pass_finds_nothing_to_remove(cr: Dataset, cleaning: Policy) -> None:
    once = clean(cleaning, native(cr, KINDS["RGB"], uids.ExplicitVRLittleEndian))
    twice = clean(cleaning, once)
    assert twice.PixelData == once.PixelData
    assert twice.DerivationDescription == once.DerivationDescription


def test_a_codec_that_is_not_at_hand_holds_the_instance_back(cr: Dataset, cleaning: Policy) -> None:
    dataset = describe(cr, Kind(frames=1))
    # start of image, a scan header and an end: enough to be searched, not to be decoded
    enclose(dataset, [b"\xff\xd8\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9\x00"], uids.JPEGLossless)
    outcome = Deidentifier(cleaning, Pseudonyms(b"a key of sixteen bytes")).deidentify(dataset)
    assert isinstance(outcome, Quarantined)
    assert "cannot be decoded here" in outcome.reason


@pytest.mark.parametrize("declared", [True, False], ids=["overlay declared", "not declared"])
@pytest.mark.parametrize(
    "syntax",
    [uids.RLELossless, uids.JPEGLSLossless, uids.JPEG2000Lossless],
    ids=lambda syntax: str(syntax.name),
)
def test_bits_above_the_stored_values_of_compressed_pixels_are_cleared(
    syntax: UID, declared: bool, cr: Dataset, basic: Policy, content: Content
) -> None:
    kind = Kind(bits=16, stored=16, frames=1)
    dataset = compressed(cr, kind, syntax)
    dataset.SOPClassUID, dataset.BurnedInAnnotation = uids.ComputedRadiographyImageStorage, "NO"
    del dataset.NumberOfFrames
    dataset.BitsStored, dataset.HighBit = 12, 11
    if declared:
        dataset.add_new(0x60000102, "US", 12)
    pseudonyms = Pseudonyms(b"a key of sixteen bytes")
    assert isinstance(Deidentifier(basic, pseudonyms).deidentify(dataset), Quarantined)
    assert Deidentifier(basic, pseudonyms).rewrite(encode_instance(dataset)) is None
    result = clean(with_options(basic, ["clean-pixel-data"], content), dataset)
    assert result.file_meta.TransferSyntaxUID == syntax
    result.BitsStored = 16
    assert np.array_equal(stored(result, kind), kind.values().astype(np.int64) & 0x0FFF)


def test_more_bits_than_are_stored_do_no_harm_where_none_is_set(cr: Dataset, basic: Policy) -> None:
    kind = Kind(bits=16, stored=12, frames=1)
    dataset = compressed(cr, replace(kind, stored=12), uids.JPEGLSLossless)
    dataset.SOPClassUID, dataset.BurnedInAnnotation = uids.ComputedRadiographyImageStorage, "NO"
    dataset.BitsStored, dataset.HighBit = 12, 11
    encoder = get_encoder(uids.JPEGLSLossless)
    wide = encoder.encode(
        kind.values()[0, ..., 0],
        rows=ROWS,
        columns=COLUMNS,
        number_of_frames=1,
        samples_per_pixel=1,
        bits_allocated=16,
        bits_stored=16,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )
    enclose(dataset, [wide], uids.JPEGLSLossless)
    assert np.array_equal(stored(clean(basic, dataset), kind), kind.values())
