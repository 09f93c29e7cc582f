from __future__ import annotations

import gzip
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives
from tce_harness.rules.deidentification.codestream import residues
from tce_harness.rules.deidentification.residue import no_residue

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def told(judgement: Judgement) -> list[tuple[str, Severity]]:
    return [(each.kind, each.severity) for each in judgement.findings]


def jpeg() -> bytes:
    buffer = BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG")
    return buffer.getvalue()


def jpeg_2000() -> bytes:
    buffer = BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG2000", no_jp2=True, irreversible=False)
    return buffer.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def encapsulated(one: Dataset, stream: bytes, syntax: str) -> None:
    one.file_meta.TransferSyntaxUID = UID(syntax)
    one.PixelData = encapsulate([stream])
    one["PixelData"].is_undefined_length = True


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = no_residue(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.findings) == (3, ())
    assert no_residue(make_case(study.originals, [])).examined == 0


@pytest.mark.parametrize(
    ("padding", "expected"),
    [(b"\0" * 64, []), (b"name of a person", [("padding-not-empty", Severity.FAIL)])],
)
def test_trailing_padding_holds_zeros(
    padding: bytes, expected: list[tuple[str, Severity]], make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: one.add_new(0xFFFCFFFC, "OB", padding))
    assert told(no_residue(make_case(study.originals, exported))) == expected


def test_bytes_behind_the_pixels_fail(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "PixelData", one.PixelData + b"Hand^Maria"))
    assert told(no_residue(make_case(study.originals, exported))) == [("bytes-behind-pixels", Severity.FAIL)]


def test_zeros_behind_the_pixels_are_padding(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(lambda one: setattr(one, "PixelData", one.PixelData + b"\0" * 6))
    assert no_residue(make_case(study.originals, exported)).findings == ()


@pytest.mark.parametrize(("overlay", "severity"), [(True, Severity.FAIL), (False, Severity.WARNING)])
def test_an_overlay_in_unused_bits_is_found(
    overlay: bool, severity: Severity, make_case: CaseMaker, study: Study
) -> None:
    for one in (study.originals[0], study.exported[0]):
        one.BitsStored, one.HighBit = 12, 11
        one.PixelData = b"\x00\x80" * 4
    if overlay:
        study.originals[0].add_new(0x60000102, "US", 15)
    assert told(no_residue(make_case(study.originals, study.exported))) == [("unused-bits-set", severity)]


def test_signed_pixels_use_their_upper_bits(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.BitsStored, one.HighBit, one.PixelRepresentation = 12, 11, 1
        one.PixelData = b"\x00\xf8" * 4

    assert no_residue(make_case(study.originals, study.spoil(change))).findings == ()


@pytest.mark.parametrize(("stream", "syntax"), [(jpeg(), JPEGBaseline8Bit), (jpeg_2000(), JPEG2000Lossless)])
def test_a_clean_codestream_passes(stream: bytes, syntax: str, make_case: CaseMaker, study: Study) -> None:
    for one in (study.originals[0], study.exported[0]):
        encapsulated(one, stream, syntax)
    assert {severity for _, severity in told(no_residue(make_case(study.originals, study.exported)))} <= {
        Severity.INFO
    }


LEFT = [
    (jpeg()[:2] + segment(0xFE, b"seen by Dr Hand") + jpeg()[2:], JPEGBaseline8Bit),
    (jpeg()[:2] + segment(0xE1, b"Exif\0\0 St Dymphna") + jpeg()[2:], JPEGBaseline8Bit),
    (jpeg() + b"Hand^Maria of ward 7", JPEGBaseline8Bit),
    (
        jpeg_2000()[:45] + segment(0x64, b"\0\x01Dr Hand") + jpeg_2000()[45:],
        JPEG2000Lossless,
    ),
]


@pytest.mark.parametrize(("stream", "syntax"), LEFT)
def test_metadata_of_the_original_in_the_codestream_fails(
    stream: bytes, syntax: str, make_case: CaseMaker, study: Study
) -> None:
    for one in (study.originals[0], study.exported[0]):
        encapsulated(one, stream, syntax)
    assert ("codestream-residue", Severity.FAIL) in told(
        no_residue(make_case(study.originals, study.exported))
    )
    assert ("codestream-residue", Severity.WARNING) in told(no_residue(make_case([], study.exported)))


def test_an_encoders_signature_is_told_and_not_judged(make_case: CaseMaker, study: Study) -> None:
    signed = jpeg()[:2] + segment(0xFE, b"LEAD Technologies Inc. V1.01") + jpeg()[2:]
    for one in (study.originals[0], study.exported[0]):
        encapsulated(one, signed, JPEGBaseline8Bit)
    judgement = no_residue(make_case(study.originals, study.exported))
    assert told(judgement) == [("encoder-signature", Severity.INFO)]


def test_a_codestream_of_an_unknown_kind_is_listed(make_case: CaseMaker, study: Study) -> None:
    exported = study.spoil(
        lambda one: encapsulated(one, b"\0\0\0\1 moving pictures", "1.2.840.10008.1.2.4.102")
    )
    assert told(no_residue(make_case(study.originals, exported))) == [("not-opened", Severity.INFO)]


def test_boxes_of_a_jp2_file_are_read() -> None:
    content = b"\0\0\0\x0cjP  \r\n\x87\n" + (8 + 4).to_bytes(4, "big") + b"xml <a/>"
    assert [each.what for each in residues(content)] == ["JP2 box xml"]


def test_bytes_behind_the_data_set_fail(make_case: CaseMaker, study: Study) -> None:
    tail = b"\x10\x00\x10\x00LO\x04\x00Hand"
    content = make_case.as_bytes(study.exported[0]) + tail
    judgement = no_residue(make_case(study.originals, [content]))
    assert ("bytes-behind", Severity.FAIL) in told(judgement)


def loop(one: Dataset, fragments: list[bytes], syntax: str) -> None:
    """Give an instance three frames, and what stands behind them, each in a fragment of its own."""
    one.file_meta.TransferSyntaxUID = UID(syntax)
    one.NumberOfFrames = 3
    one.PixelData = encapsulate(fragments, has_bot=True)
    one["PixelData"].is_undefined_length = True


RLE_FRAME = bytes([1, 0, 0, 0, 64, 0, 0, 0]) + bytes(56) + b"\x01\x02\x03\x04"
BEHIND = [("bytes-behind-pixels", Severity.FAIL)]


@pytest.mark.parametrize(
    ("frame", "syntax"),
    [(jpeg(), JPEGBaseline8Bit), (jpeg_2000(), JPEG2000Lossless), (RLE_FRAME, RLELossless)],
)
@pytest.mark.parametrize("extra", [b"\x1f\x8b\x08 packed", b"Szczepanska-Hand", None])
def test_a_fragment_behind_the_last_frame_fails(
    frame: bytes, syntax: str, extra: bytes | None, make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: loop(one, [frame] * 3, syntax))
    assert [each for each in told(no_residue(make_case([], exported))) if each in BEHIND] == []
    exported = study.spoil(lambda one: loop(one, [*[frame] * 3, extra or frame], syntax))
    assert [each for each in told(no_residue(make_case([], exported))) if each in BEHIND] == BEHIND


def test_a_frame_in_several_fragments_is_no_fragment_behind(make_case: CaseMaker, study: Study) -> None:
    halves = [jpeg()[:100], jpeg()[100:]] * 3
    exported = study.spoil(lambda one: loop(one, halves, JPEGBaseline8Bit))
    assert [each for each in told(no_residue(make_case([], exported))) if each in BEHIND] == []


def test_what_is_packed_behind_the_last_frame_is_opened(make_case: CaseMaker, study: Study) -> None:
    canary = Canary(value="9994610238", kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1")
    packed = gzip.compress(b"number 9994610238 of a patient")
    exported = study.spoil(lambda one: loop(one, [*[jpeg()] * 3, packed], JPEGBaseline8Bit))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=[canary]))
    assert ("canary-survives", Severity.FAIL) in told(judgement)
