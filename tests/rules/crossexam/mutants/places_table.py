"""Where a planted value may hide: UIDs, private and unknown elements, containers, and beside the elements."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless

from mutant import (
    INVALID,
    KEPT,
    PRIVATE,
    REFERS,
    SURVIVES,
    UID_KEPT,
    UID_LEFT,
    Mutant,
    Subject,
    back,
    both,
    put,
    put_from,
    write,
)
from specimens import NHS_NUMBER, even, marker, pdf, wavelet

_ADDED = "PS315-D14 private-added"
_CLOSED = "PS315-B1 not-opened"
_RESIDUE = "PS315-D22 codestream-residue"
_SPOT = "(0028,0A04)"
_STUDY, _INSTANCE, _FRAME = "(0020,000D)", "(0008,0018)", "(0020,0052)"
_WHO = b"Szczepanska-Hand, Malgorzata"
_DOCUMENT = "(0042,0011)"


def _uid(name: str, path: str, source: str, spell: Callable[[str], object] = str, vr: str | None = None, *,
         fails: tuple[str, ...] = (SURVIVES, UID_LEFT), warns: tuple[str, ...] = ()) -> Mutant:  # fmt: skip
    return Mutant(name=name, of="image", change=put_from(path, source, spell, vr), fails=fails, warns=warns)


UIDS = (
    _uid("study UID in a URL", "(0008,010E)", _STUDY, lambda uid: f"https://x.example/studies/{uid}/series",
        "UR"),
    _uid("instance UID in a text", _SPOT, _INSTANCE, lambda uid: uid, "LO"),
    _uid("study UID in a sentence", "(0018,4000)", _STUDY, lambda uid: f"was {uid}, resent.", "LT"),
    _uid("frame of reference in an unlisted element", "(0020,9312)", _FRAME, vr="UI"),
    _uid("instance UID as a multi-frame source", "(0008,1167)", _INSTANCE, vr="UI",
         fails=(SURVIVES, UID_LEFT, REFERS)),
    _uid("instance UID as a concatenation source", "(0020,0242)", _INSTANCE, vr="UI"),
    _uid("study UID in bytes", "(0028,2000)", _STUDY, lambda uid: even(b"\1\2" + uid.encode() + b"\0"), "OB"),
    _uid("study UID in an unknown element", "(0018,FFF1)", _STUDY, lambda uid: even(uid.encode()), "UN",
         fails=(SURVIVES, UID_LEFT, INVALID)),
    _uid("study UID in a private element", "(0011,1001)", _STUDY, str, "UI", warns=(_ADDED,)),
    _uid("instance UID as a file name", _SPOT, _INSTANCE, lambda uid: f"{uid}.dcm", "LO"),
    _uid("study UID among several", "(0020,9313)", _STUDY, lambda uid: ["2.25.7", uid], "UI"),
    Mutant(name="a reference to the original instance", of="image",
           change=back("(0008,1140)"), fails=(KEPT, SURVIVES, UID_KEPT, UID_LEFT, REFERS)),
    Mutant(name="an image of a presentation state not mapped", of="state",
           change=back("(0008,1115)[1]/(0008,1140)[2]/(0008,1155)"),
           fails=(KEPT, SURVIVES, UID_KEPT, UID_LEFT, REFERS)),
    Mutant(name="the series of a note's evidence not mapped", of="note",
           change=back("(0040,A375)[1]/(0008,1115)[1]/(0020,000E)"),
           fails=(KEPT, SURVIVES, UID_KEPT, UID_LEFT, REFERS)),
    Mutant(name="an image of a note's content not mapped", of="note",
           change=back("(0040,A730)[4]/(0008,1199)[1]/(0008,1155)"),
           fails=(KEPT, SURVIVES, UID_KEPT, UID_LEFT, REFERS, INVALID)),
    Mutant(name="the source image of a frame not mapped", of="enhanced",
           change=back("(5200,9230)[2]/(0008,9124)"),
           fails=(KEPT, SURVIVES, UID_KEPT, UID_LEFT, REFERS, "TCE-RAD53-013 uid-mapped-inconsistently")),
    Mutant(name="a UID that is none", of="image", change=put(_FRAME, "1.2.03.4"),
           fails=("PS315-D8 uid-invalid", INVALID)),
    Mutant(name="a UID of 65 characters", of="image", change=put(_FRAME, "2.25." + "7" * 60),
           fails=("PS315-D8 uid-invalid", INVALID)),
    Mutant(name="two originals become one UID", of="image",
           change=lambda subject: put("(0020,0052)", subject.clean.StudyInstanceUID)(subject),
           fails=("TCE-RAD53-013 uid-collision", INVALID)),
    Mutant(name="a UID with another last component", of="loop",
           change=put_from("(0020,000E)", "(0020,000E)", lambda uid: uid.rpartition(".")[0] + ".99"),
           warns=("PS315-D8 uid-derived-from-original",)),
)  # fmt: skip


def _implicit(*elements: tuple[int, str, str]) -> bytes:
    """Return a sequence of one item in Implicit VR Little Endian, as it stands in VR UN."""
    item = Dataset()
    for tag, vr, value in elements:
        item.add_new(tag, vr, value)
    whole = Dataset()
    whole.SOPClassUID, whole.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "2.25.1"
    whole.add_new(0x00400275, "SQ", [item])
    content = write(whole, ImplicitVRLittleEndian)
    start = content.index(b"\x40\x00\x75\x02") + 8
    return content[start:]


def _hidden_sequence(subject: Subject) -> bytes:
    hidden = _implicit((0x00100010, "PN", "Szczepanska-Hand^Malgorzata"))
    subject.clean.add_new(0x00400274, "UN", hidden)
    return subject.written().replace(b"\x40\x00\x74\x02UN", b"\x40\x00\x75\x02UN")


PRIVATES = (
    Mutant(name="a private block with its creator", of="image", change=back("(0009,0010)", "(0009,1002)"),
           fails=(PRIVATE, SURVIVES)),
    Mutant(name="a private creator alone", of="image", change=back("(0009,0010)"), fails=(PRIVATE,)),
    Mutant(name="a private element without its creator", of="image", change=back("(0009,1003)"),
           fails=(PRIVATE, SURVIVES)),
    Mutant(name="a private date", of="image", change=back("(0009,0010)", "(0009,1005)"), fails=(PRIVATE,
        SURVIVES)),
    Mutant(name="private bytes that are text (UN)", of="image", change=back("(0009,0010)", "(0009,1007)"),
           fails=(PRIVATE, SURVIVES)),
    Mutant(name="private bytes (OB)", of="image", change=back("(0009,0010)", "(0009,1006)"), fails=(PRIVATE,
        )),
    Mutant(name="a private sequence", of="image", change=back("(0029,0010)", "(0029,1010)"),
           fails=(PRIVATE, SURVIVES, KEPT)),
    Mutant(name="a private block in an item", of="image",
           change=back("(0040,0275)[1]/(0033,0010)", "(0040,0275)[1]/(0033,1001)"),
           fails=(PRIVATE, KEPT, SURVIVES), warns=()),
    Mutant(name="a private group of a frame", of="enhanced",
           change=back("(5200,9230)[2]/(0021,0010)", "(5200,9230)[2]/(0021,1001)"), fails=(PRIVATE,
               SURVIVES)),
    Mutant(name="a private element of the de-identifier's own", of="image",
           change=both(put("(0071,0010)", "GATEWAY", "LO"), put("(0071,1001)", "checked", "LO")),
               warns=(_ADDED,)),
    Mutant(name="a sequence of VR UN", of="image",
           change=_hidden_sequence,
           fails=(SURVIVES,), warns=("PS315-D2 replaced-not-removed",)),
    Mutant(name="an unknown element of VR UN", of="image", change=put("(0018,FFF2)", even(_WHO), "UN"),
           fails=(SURVIVES, INVALID)),
    Mutant(name="a retired element", of="image", change=put("(0008,4000)", _WHO.decode(), "LT"),
        fails=(SURVIVES,)),
    Mutant(name="a curve of the de-identifier's", of="image", change=put("(5004,2500)", _WHO.decode(), "LO"),
           fails=(SURVIVES,)),
)  # fmt: skip


def _zipped(content: bytes, name: str = "a.txt", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def _in_document(name: str, document: bytes, *, fails: tuple[str, ...] = (SURVIVES,), tells: tuple[str,
    ...] = (),
                 blind: str = "") -> Mutant:  # fmt: skip
    return Mutant(name=f"document: {name}", of="document", change=put(_DOCUMENT, even(document)), fails=fails,
                  tells=tells, blind=blind)  # fmt: skip


def _in_bytes(name: str, value: bytes, vr: str = "OB") -> Mutant:
    return Mutant(name=name, of="image", change=put("(0028,2000)", even(value), vr), fails=(SURVIVES,))


def _in_pdf(name: str, more: bytes, *, fails: tuple[str, ...] = (SURVIVES,), tells: tuple[str, ...] = (),
            blind: str = "") -> Mutant:  # fmt: skip
    """Return the mutant whose document has one more object."""
    return _in_document(name, pdf("-", more=more), fails=fails, tells=tells, blind=blind)


_PAGE = zlib.compress(b"BT (Malgorzata Szczepanska-Hand) Tj ET")

CONTAINERS = (
    Mutant(name="document: the original's", of="document", change=back(_DOCUMENT), fails=(KEPT, SURVIVES)),
    _in_document("plain text of a page", pdf("Malgorzata Szczepanska-Hand", deflate=False)),
    _in_document("deflated page", pdf("Malgorzata Szczepanska-Hand")),
    _in_pdf("document information", b"9 0 obj\n<< /Author (Szczepanska-Hand, M) >>\nendobj\n"),
    _in_pdf("document information in UTF-16",
            b"9 0 obj\n<< /Author (\xfe\xff" + "Szczepańska-Hand".encode("utf-16-be") + b") >>\n"),
    _in_pdf("XMP", b"8 0 obj\n<< /Type /Metadata /Length 70 >>\nstream\n<x:xmpmeta><dc:creator>"
            b"Szczepanska-Hand</dc:creator></x:xmpmeta>\nendstream\nendobj\n"),
    _in_pdf("a string in hexadecimal", b"<53 7A6372> <" + _WHO.hex().encode() + b"> Tj"),
    _in_pdf("a kerned string", b"[(Szcze) -20 (panska) 3 (-Hand, ) 1 (Malg) 2 (orzata)] TJ",
            blind="the oracle does not lay out text"),
    _in_pdf("a string with octal escapes", b"(Szczepa\\156ska-\\110and, Malgor\\172ata) Tj",
            blind="the oracle does not undo PostScript escapes"),
    _in_pdf("a deflated page in ASCII85", b"5 0 obj\n<< /Filter [/ASCII85Decode /FlateDecode] >>\nstream\n"
            + base64.a85encode(_PAGE) + b"~>\nendstream\n", blind="the oracle does not know ASCII85"),
    _in_pdf("a deflated page in hexadecimal", b"5 0 obj\n<< /Filter [/ASCIIHexDecode /FlateDecode] >>\n"
            b"stream\n" + _PAGE.hex().encode() + b">\nendstream\n"),
    _in_pdf("an encrypted file", b"7 0 obj\n<< /Filter /Standard >>\nendobj\ntrailer\n<< /Encrypt 7 0 R >>\n",
            fails=(), tells=(_CLOSED,)),
    _in_pdf("a page that is a picture", b"6 0 obj\n<< /Subtype /Image /Filter /DCTDecode >>\nstream\n\xff\xd8"
            b"\nendstream\n", fails=(), tells=(_CLOSED,)),
    _in_document("CDA", b'<?xml version="1.0"?><ClinicalDocument><given>Malgorzata</given> '
                        b"<family>Szczepanska-Hand</family></ClinicalDocument>"),
    _in_document("STL header", b"solid Szczepanska-Hand jaw\nfacet normal 0 0 0\nendsolid"),
    _in_document("unknown kind", bytes(range(1, 250)), fails=(), tells=(_CLOSED,)),
    _in_bytes("bytes: plain", b"\1\2" + _WHO + b"\3"),
    _in_bytes("bytes: upper case", _WHO.upper()),
    _in_bytes("bytes: UTF-16", "Szczepańska-Hand".encode("utf-16-le") * 2),
    _in_bytes("bytes: gzip", gzip.compress(b"note: " + _WHO, mtime=0)),
    _in_bytes("bytes: zlib", zlib.compress(_WHO * 2)),
    _in_bytes("bytes: zip", _zipped(_WHO)),
    _in_bytes("bytes: zip, stored", _zipped(_WHO, method=zipfile.ZIP_STORED)),
    _in_bytes("bytes: name of a zip member", _zipped(b"-", "Szczepanska_Hand_Malgorzata.jpg")),
    _in_bytes("bytes: zip in zip", _zipped(_zipped(_WHO), "b.zip")),
    _in_bytes("bytes: gzip behind a header of eight bytes", b"BLOB\1\2\3\4" + gzip.compress(_WHO * 2,
        mtime=0)),
    _in_bytes("bytes: base64", b"<data>" + base64.b64encode(_WHO * 2) + b"</data>"),
    _in_bytes("bytes: base64 of gzip", base64.b64encode(gzip.compress(_WHO * 2, mtime=0))),
    _in_bytes("bytes: hexadecimal", _WHO.hex().encode()),
    _in_bytes("bytes: XML of a vendor", b"<?xml version='1.0'?><a n='" + _WHO + b"'/>", "UN"),
    _in_bytes("words: text in OW", even(_WHO), "OW"),
    Mutant(name="bytes: zip with a password", of="image",
           change=put("(0028,2000)", even(_zipped(_WHO).replace(b"PK\3\4\x14\0\0\0",
               b"PK\3\4\x14\0\1\0").replace(
               b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")), "OB"), tells=(_CLOSED,),
           blind="it only says that it is encrypted"),
)  # fmt: skip


def _behind(content: bytes) -> Callable[[Subject], bytes]:
    return lambda subject: subject.written() + content


def _deflated(subject: Subject) -> bytes:
    subject.clean.add_new(0x00280A04, "LO", _WHO.decode())
    return write(subject.clean, DeflatedExplicitVRLittleEndian)


def _preamble(subject: Subject) -> bytes:
    return b"II*\0" + _WHO.ljust(124, b"\0") + subject.written()[128:]


def _meta(keyword: str, value: object) -> Callable[[Subject], bytes]:
    def change(subject: Subject) -> bytes:
        setattr(subject.clean.file_meta, keyword, value)
        return subject.written()

    return change


def _meta_instance(subject: Subject) -> bytes:
    old, new = (str(each.SOPInstanceUID).encode() for each in (subject.original, subject.clean))
    padded = [even(each).ljust(max(len(even(old)), len(even(new))), b"\0") for each in (old, new)]
    content = subject.written()
    head, tail = content[:400], content[400:]
    return head.replace(padded[1], padded[0], 1) + tail if len(even(old)) == len(even(new)) else content


def _origin(subject: Subject) -> bytes:
    subject.clean.file_meta.SourceApplicationEntityTitle = (
        subject.original.file_meta.SourceApplicationEntityTitle
    )
    return subject.written()


def _streams(*streams: bytes) -> Callable[[Subject], bytes]:
    def change(subject: Subject) -> bytes:
        subject.clean.PixelData = encapsulate(list(streams))
        subject.clean["PixelData"].VR, subject.clean["PixelData"].is_undefined_length = "OB", True
        return write(subject.clean, JPEG2000Lossless)

    return change


def _jpeg(splice: Callable[[bytes], bytes]) -> Callable[[Subject], bytes]:
    """Change the first frame of the loop, which is JPEG."""

    def change(subject: Subject) -> bytes:
        from pydicom.encaps import generate_frames  # noqa: PLC0415

        frames = list(generate_frames(subject.clean.PixelData, number_of_frames=3))
        frames[0] = even(splice(frames[0]))
        subject.clean.PixelData = encapsulate(frames)
        subject.clean["PixelData"].is_undefined_length = True
        return subject.written()

    return change


def _box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def _jp2(more: bytes) -> bytes:
    return _box(b"jP  ", b"\r\n\x87\n") + _box(b"ftyp", b"jp2 \0\0\0\0jp2 ") + more + _box(b"jp2c", wavelet())


def _pixels(change: Callable[[bytes], bytes]) -> Callable[[Subject], bytes]:
    def changed(subject: Subject) -> bytes:
        subject.clean.PixelData = change(subject.clean.PixelData)
        return subject.written()

    return changed


def _high_bits(pixels: bytes) -> bytes:
    return b"".join(bytes([pixels[n], pixels[n + 1] | 0x10]) for n in range(0, len(pixels), 2))


_EXIF = marker(0xE1, b"Exif\0\0" + _WHO)
_LEAK = (SURVIVES, _RESIDUE)

BESIDE = (
    Mutant(name="behind the data set", of="image", change=_behind(b"\0\0" + _WHO),
           fails=(SURVIVES, "PS315-D5R unreadable")),
    Mutant(name="behind the data set, nothing known", of="image", change=_behind(bytes(range(40))),
           fails=("PS315-D5R unreadable",)),
    Mutant(name="trailing padding", of="image", change=put("(FFFC,FFFC)", even(_WHO), "OB"),
           fails=(SURVIVES, "PS315-D22 padding-not-empty"), warns=("PS315-D2 replaced-not-removed",)),
    Mutant(name="trailing padding of the original", of="image", change=back("(FFFC,FFFC)"),
           fails=(KEPT, "PS315-D22 padding-not-empty"),
           blind="bytes that are no text are judged by their element"),
    Mutant(name="deflated transfer syntax", of="image", change=_deflated, fails=(SURVIVES,)),
    Mutant(name="deflated, and behind it", of="image", change=lambda subject: _deflated(subject) + _WHO * 2,
           fails=(SURVIVES, "PS315-D22 bytes-behind", INVALID)),
    Mutant(name="preamble", of="image", change=_preamble, fails=(SURVIVES,)),
    Mutant(name="file meta: source AE title", of="image", change=_origin, fails=(SURVIVES,
        "PS315-D11 file-meta-kept")),
    Mutant(name="file meta: another title with the number", of="image",
           change=_meta("SendingApplicationEntityTitle", NHS_NUMBER), fails=(SURVIVES,)),
    Mutant(name="file meta: private information", of="image",
           change=both(_meta("PrivateInformationCreatorUID", "2.25.9"), _meta("PrivateInformation",
               even(_WHO))),
           fails=(SURVIVES,)),
    Mutant(name="pixels: bytes behind the frames", of="image", change=_pixels(lambda each: each + _WHO),
           fails=(SURVIVES, "PS315-D22 bytes-behind-pixels", INVALID)),
    Mutant(name="pixels: unused bits set", of="image", change=_pixels(_high_bits),
           warns=("PS315-D22 unused-bits-set",)),
    Mutant(name="pixels: text in their bytes", of="image",
        change=_pixels(lambda each: _WHO + each[len(_WHO):]),
           fails=(SURVIVES,), warns=("PS315-D22 unused-bits-set",)),
    Mutant(name="JPEG comment", of="loop", change=_jpeg(lambda each: each[:2] + marker(0xFE,
        _WHO) + each[2:]),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG Exif", of="loop", change=_jpeg(lambda each: each[:2] + _EXIF + each[2:]),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG Exif, deflated text in it", of="loop",
           change=_jpeg(lambda each: each[:2] + marker(0xE1,
               b"Exif\0\0" + zlib.compress(_WHO * 2)) + each[2:]),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG comment in UTF-16", of="loop",
           change=_jpeg(lambda each: each[:2] + marker(0xFE,
               "Szczepańska-Hand".encode("utf-16-le")) + each[2:]),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG comment between scans' headers", of="loop",
           change=_jpeg(lambda each: each.replace(b"\xff\xda", marker(0xFE, _WHO) + b"\xff\xda", 1)),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG: bytes behind the end", of="loop", change=_jpeg(lambda each: each + _WHO),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG: bytes behind the end, another end behind them", of="loop",
           change=_jpeg(lambda each: each + _WHO + b"\xff\xd9"), fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG of the original", of="loop", change=back("(7FE0,0010)"), fails=_LEAK,
           blind="the oracle is given names as their elements spell them, not as the comment does"),
    Mutant(name="JPEG 2000 comment of the original", of="wavelet", change=back("(7FE0,0010)"),
        fails=(_RESIDUE,),
           blind="the comment's text stands in the pixels alone, which are no identifying element"),
    Mutant(name="JPEG 2000 comment", of="wavelet", change=_streams(wavelet(marker(0x64, b"\0\1" + _WHO))),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JPEG 2000: bytes behind the end", of="wavelet", change=_streams(wavelet(behind=_WHO)),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JP2 box of XML", of="wavelet", change=_streams(_jp2(_box(b"xml ", b"<n>" + _WHO + b"</n>"))),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JP2 box of a UUID", of="wavelet", change=_streams(_jp2(_box(b"uuid", bytes(16) + _WHO))),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="JP2 box of a kind that nobody needs", of="wavelet", change=_streams(_jp2(_box(b"free",
        _WHO))),
           fails=(SURVIVES,), tells=(_RESIDUE,)),
    Mutant(name="a fragment more than the picture needs", of="wavelet", change=_streams(wavelet(),
        even(_WHO)),
           fails=(SURVIVES, INVALID), tells=(_RESIDUE,)),
    Mutant(name="a group length that lies and hides nothing", of="image", change=put("(0008,0000)", 4711,
        "UL")),
)  # fmt: skip

PLACES = (*UIDS, *PRIVATES, *CONTAINERS, *BESIDE)
