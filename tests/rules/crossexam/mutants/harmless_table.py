"""What a conforming de-identifier may do: none of it may be raised as a warning or a failure."""

from __future__ import annotations

import copy
from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from mutant import BASIC, Change, Mutant, Subject, back, both, claiming, drop, element_at, put, write
from specimens import even, marker, pdf, wavelet

_SPOT = "(0028,0A04)"


def _fine(
    name: str, change: Change, of: str = "image", claims: tuple[str, ...] = BASIC, blind: str = ""
) -> Mutant:
    return Mutant(name=name, of=of, change=change, claims=claims, blind=blind)


def _in_syntax(syntax: UID) -> Change:
    def change(subject: Subject) -> bytes:
        if syntax == ExplicitVRBigEndian:
            pixels = bytearray(subject.clean.PixelData)
            pixels[::2], pixels[1::2] = pixels[1::2], pixels[::2]
            subject.clean.PixelData = bytes(pixels)
        return write(subject.clean, syntax)

    return change


def _undefined_lengths(subject: Subject) -> None:
    for element in subject.clean.iterall():
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True


def _group_lengths(subject: Subject) -> None:
    for group in (0x0008, 0x0010, 0x0020, 0x0028):
        subject.clean.add_new(group << 16, "UL", 100)


def _reversed_items(*paths: str) -> Change:
    def change(subject: Subject) -> None:
        for path in paths:
            element = element_at(subject.clean, path)
            element.value = Sequence(list(element.value)[::-1])

    return change


def _own_entry(subject: Subject) -> None:
    """Enter the de-identifier in Contributing Equipment (PS3.15 section E.1.1)."""
    item = Dataset()
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "109104", "DCM"
    purpose.CodeMeaning = "De-identifying Equipment"
    item.PurposeOfReferenceCodeSequence = [purpose]
    item.Manufacturer, item.InstitutionName, item.StationName = "Northgate", "Research gateway", "GATEWAY1"
    item.DeviceSerialNumber, item.ContributionDateTime = "G-1", "20260102030405"
    item.ContributionDescription = "De-identified"
    subject.clean.ContributingEquipmentSequence.append(item)


def _own_entry_first(subject: Subject) -> None:
    _own_entry(subject)
    _reversed_items("(0018,A001)")(subject)


def _second_method(subject: Subject) -> None:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = "113101", "DCM"
    item.CodeMeaning = "Clean Pixel Data Option"
    subject.clean.DeidentificationMethodCodeSequence.append(item)


def _stream(*streams: bytes) -> Callable[[Subject], bytes]:
    def change(subject: Subject) -> bytes:
        subject.clean.PixelData = encapsulate(list(streams))
        subject.clean["PixelData"].VR, subject.clean["PixelData"].is_undefined_length = "OB", True
        return write(subject.clean, JPEG2000Lossless)

    return change


def _fragments(*parts: bytes) -> Callable[[Subject], bytes]:
    """Encapsulate one frame in several fragments, without an offset table."""

    def change(subject: Subject) -> bytes:
        pixels = b"\xfe\xff\x00\xe0\0\0\0\0"
        for part in map(even, parts):
            pixels += b"\xfe\xff\x00\xe0" + len(part).to_bytes(4, "little") + part
        subject.clean.PixelData = pixels
        subject.clean["PixelData"].is_undefined_length = True
        return subject.written()

    return change


def _padded(subject: Subject) -> bytes:
    """Pad the pseudonym with blanks and a UID with two zeros, as some writers do."""
    subject.clean.PatientID = f"{subject.clean.PatientID}    "
    return subject.written()


def _atlas(subject: Subject) -> None:
    subject.clean.FrameOfReferenceUID = "1.2.840.10008.1.4.1.1"


def _without_method_text(subject: Subject) -> None:
    del subject.clean.DeidentificationMethod


def _own_preamble(subject: Subject) -> bytes:
    return b"II*\0" + bytes(124) + subject.written()[128:]


def _original_pixels(subject: Subject) -> None:
    subject.clean.PixelData = copy.deepcopy(subject.original.PixelData)


_CHARACTERISTICS = back(
    "(0010,0040)", "(0010,1010)", "(0010,1020)", "(0010,2160)", "(0010,21A0)", "(0010,1030)"
)
_INSTITUTION = back(
    "(0008,0080)", "(0008,0081)", "(0008,0082)", "(0008,1040)", "(0018,A001)[1]/(0008,0080)",
    "(0018,A001)[1]/(0008,0081)",
)  # fmt: skip

HARMLESS = (
    _fine("Implicit VR", _in_syntax(ImplicitVRLittleEndian)),
    _fine("Explicit VR Big Endian", _in_syntax(ExplicitVRBigEndian)),
    _fine("deflated", _in_syntax(DeflatedExplicitVRLittleEndian)),
    _fine("a report deflated", _in_syntax(DeflatedExplicitVRLittleEndian), of="report"),
    _fine("sequences of undefined length", _undefined_lengths, of="note"),
    _fine("group lengths", _group_lengths),
    _fine("another pseudonym", both(put("(0010,0010)", "SUBJECT^0042"), put("(0010,0020)", "0042"))),
    _fine("a name of one letter", put("(0010,0010)", "X")),
    _fine("an empty name", put("(0010,0010)", "")),
    _fine("a name like any other", put("(0010,0010)", "Doe^Jane")),
    _fine("an ideographic pseudonym", both(put("(0008,0005)", "ISO_IR 192", "CS"),
                                           put("(0010,0010)", "TEST=試験^患者"))),
    _fine("a pseudonym in ISO 2022", both(put("(0008,0005)", ["", "ISO 2022 IR 87"], "CS"),
                                          put("(0010,0010)", "TEST=試験^患者"))),
    _fine("a dummy accession number", put("(0008,0050)", "A0001")),
    _fine("a dummy study date", put("(0008,0020)", "20000101")),
    _fine("a dummy birth date of a leap day", put("(0010,0030)", "20000229")),
    _fine("a dummy referring physician", put("(0008,0090)", "Nobody^At^All")),
    _fine("padded values", _padded),
    _fine("items in another order", _reversed_items("(0040,A375)[1]/(0008,1115)[1]/(0008,1199)"), of="note"),
    _fine("images of a presentation in another order", _reversed_items("(0008,1115)[1]/(0008,1140)"),
        of="state"),
    _fine("method codes in another order", _reversed_items("(0012,0064)")),
    _fine("the de-identifier's own entry", _own_entry),
    _fine("the de-identifier's own entry first", _own_entry_first),
    _fine("an entry without values of a maker", drop("(0018,A001)")),
    _fine("its own instance creator", put("(0008,0014)", "2.25.4711")),
    _fine("codes without a text", _without_method_text),
    _fine("one option more recorded than claimed, of pixels", _second_method),
    _fine("an atlas as frame of reference", _atlas),
    _fine("a well-known palette", put("(0028,1199)", "1.2.840.10008.1.5.1", "UI")),
    _fine("a coding scheme's well-known UID", put("(0008,0117)", "1.2.840.10008.6.1.1", "UI")),
    _fine("text on the scale beside the picture", put(_SPOT, "10 cm ruler, 1 mm steps", "LO")),
    _fine("a word that is somebody's name", put(_SPOT, "left hand, two views", "LO")),
    _fine("a short value that is another's too", put("(0018,1160)", "M", "SH")),
    _fine("a number that holds the digits of another", put(_SPOT, "19998607566123", "LO"),
          blind="digits inside a longer number"),
    _fine("a UID that holds the digits of a date", put("(0020,0052)", "2.25.119570312998"),
          blind="digits inside a UID"),
    _fine("a part of the original's UID", put(_SPOT, "2.25.3", "LO")),
    _fine("a burned-in annotation told to be absent", put("(0028,0301)", "NO")),
    _fine("JPEG 2000 signed by its encoder", _stream(wavelet(marker(0x64, b"\0\1Kakadu-v8.4"))),
        of="wavelet"),
    _fine("JPEG 2000 in several fragments", _fragments(wavelet()[:20], wavelet()[20:]), of="wavelet"),
    _fine("JPEG 2000 padded", _stream(wavelet() + b"\0\0"), of="wavelet"),
    _fine("pixels as they were", _original_pixels),
    _fine("a preamble of a TIFF file", _own_preamble),
    _fine("characteristics retained under their option",
          claiming("113108", "Retain Patient Characteristics Option", _CHARACTERISTICS), claims=(*BASIC,
              "113108"),
          blind="a claimed option retains them"),
    _fine("institution retained under its option",
          claiming("113112", "Retain Institution Identity Option", _INSTITUTION), claims=(*BASIC, "113112"),
          blind="a claimed option retains it"),
    _fine("numbers spelled otherwise under their option",
          claiming("113108", "Retain Patient Characteristics Option", _CHARACTERISTICS,
                   lambda subject: put("(0010,1030)", f"{float(subject.value('(0010,1030)')):.3f}")(subject)),
          claims=(*BASIC, "113108"), blind="a claimed option retains them"),
    _fine("a document replaced by another", put("(0042,0011)", even(pdf("No findings are shown."))),
        of="document"),
    _fine("a graphic annotation of another dummy", put("(0070,0001)[1]/(0070,0009)[1]/(0070,0022)", [1.0,
        1.0]),
          of="state"),
    _fine("a report's finding replaced by other words",
          put("(0040,A730)[7]/(0040,A730)[1]/(0040,A160)", "Nothing to report"), of="report"),
)  # fmt: skip
