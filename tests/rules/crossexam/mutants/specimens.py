"""The study that is cross-examined: originals that hold something everywhere, and what is to be compared."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.multival import MultiValue
from pydicom.uid import JPEG2000Lossless, generate_uid

from mutant import Specimen, read, write
from tce_harness.content import Content
from tce_harness.fixtures import find_recipe, synthesise

SEED = 29
NAME = "Szczepańska-Hand^Małgorzata=石動丸^圭太郎"
OTHER_NAME = "O'Shaughnessy^Siobhan Mary^^Mrs"
NHS_NUMBER = "9998607566"
BORN = "19570312"
ACCESSION = "RX44910273"
STUDY_ID = "S8821377"
COMMENT = "Asked for by Dr Bernadette Okonkwo of ward 7, Kestrelcombe"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"

Deidentify = Callable[[Path, Path], None]

_RECIPES = {
    "ct-complete": ("image", "", "", "", "report", "note", "state"),
    "cr-hand": ("film",),
    "us-jpeg": ("loop",),
}


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def originals(content: Content) -> dict[str, Dataset]:
    """Return the originals by name."""
    found: dict[str, Dataset] = {}
    for block, (recipe, names) in enumerate(_RECIPES.items(), start=1):
        study = synthesise(find_recipe(recipe, content), seed=SEED, block=block, name=recipe)
        for name, instance in zip(names, study.instances, strict=False):
            if name:
                found[name] = read(instance.content)
    for name in ("image", "report", "note", "state", "loop"):
        _name_patient(found[name])
    _name_by_date(found["loop"])
    found["enhanced"] = _enhanced(found["image"])
    return found


def _name_patient(dataset: Dataset) -> None:
    """Write who it is in UTF-8, with values that the tables can name."""
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = NAME, NHS_NUMBER, BORN
    dataset.OtherPatientNames = OTHER_NAME
    dataset.AccessionNumber, dataset.StudyID = ACCESSION, STUDY_ID
    dataset.PatientComments = COMMENT


def _name_by_date(dataset: Dataset) -> None:
    """Give an instance UIDs as vendors make them: of root, device, day and time."""
    root = "1.2.826.0.1.3680043.10.5.77881.20150906.153629"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = root, f"{root}.1"
    dataset.SOPInstanceUID = f"{root}.1.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def _enhanced(image: Dataset) -> Dataset:
    """Return an enhanced image: what of it matters here is the functional groups of each frame."""
    one = copy.deepcopy(image)
    one.SOPClassUID, one.SOPInstanceUID = ENHANCED_CT, f"{image.SOPInstanceUID}7"
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
    one.SeriesInstanceUID, one.SeriesNumber, one.NumberOfFrames = f"{image.SeriesInstanceUID}7", 77, 2
    one.PixelData = image.PixelData * 2
    frames = []
    for number in (1, 2):
        content = Dataset()
        content.FrameAcquisitionDateTime = f"20170516{140600 + number}.112233+0000"
        content.FrameReferenceDateTime = f"20170516{140700 + number}.445566+0000"
        content.FrameComments = f"Frame {number} shown to Dr Bernadette Okonkwo"
        content.StackID, content.InStackPositionNumber = "1", number
        position = Dataset()
        position.ImagePositionPatient = [-28.2, -28.2, float(number)]
        frame = Dataset()
        frame.FrameContentSequence, frame.PlanePositionSequence = [content], [position]
        source = Dataset()
        source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = (
            image.SOPClassUID,
            image.SOPInstanceUID,
        )
        source.PurposeOfReferenceCodeSequence = [_code("121322", "DCM", "Source image")]
        derivation = Dataset()
        derivation.SourceImageSequence = [source]
        frame.DerivationImageSequence = [derivation]
        frame.add(DataElement(0x00210010, "LO", "FERNHILL FRAMES"))
        frame.add(DataElement(0x00211001, "LO", f"Bedside of Szczepańska-Hand, run {number}"))
        frames.append(frame)
    one.PerFrameFunctionalGroupsSequence = frames
    dimension = Dataset()
    dimension.DimensionOrganizationUID = generate_uid(None, ["dimension"])
    one.DimensionOrganizationSequence = [dimension]
    return one


def specimens(content: Content, folder: Path, deidentify: Deidentify) -> dict[str, Specimen]:
    """Return every specimen; the clean outputs are made by a de-identifier that is told a folder and another.

    Raises
    ------
    AssertionError
        When it did not write one instance for each original.
    """
    given = originals(content)
    before, after = folder / "originals", folder / "clean"
    before.mkdir()
    for name, dataset in given.items():
        (before / f"{name}.dcm").write_bytes(write(dataset))
    deidentify(before, after)
    written = {_key(read(path.read_bytes())): path.read_bytes() for path in sorted(after.rglob("*.dcm"))}
    assert len(written) == len(given)
    made = {
        name: Specimen(name, (before / f"{name}.dcm").read_bytes(), written[_key(dataset)])
        for name, dataset in given.items()
    }
    return made | {each.name: each for each in (_document(made["image"]), _wavelet(made["image"]))}


def _key(dataset: Dataset) -> tuple[str, str, str]:
    return str(dataset.SOPClassUID), str(dataset.Modality), f"{dataset.SeriesNumber}/{dataset.InstanceNumber}"


def pdf(text: str, *, deflate: bool = True, more: bytes = b"") -> bytes:
    """Return a PDF of one page that shows a text."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1", "replace")
    packed = zlib.compress(stream) if deflate else stream
    kind = b" /Filter /FlateDecode" if deflate else b""
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        + more
        + b"4 0 obj\n<< /Length "
        + str(len(packed)).encode()
        + kind
        + b" >>\nstream\n"
        + packed
        + b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    )


def even(content: bytes) -> bytes:
    """Pad a value to an even length."""
    return content + b"\0" * (len(content) % 2)


def _document(image: Specimen) -> Specimen:
    """Return an encapsulated PDF of the same patient, de-identified by hand."""

    def made(content: bytes, document: bytes) -> bytes:
        one = read(content)
        for element in [each for each in one if each.tag.group in (0x0028, 0x0018, 0x7FE0, 0x0029)]:
            if element.keyword not in ("LongitudinalTemporalInformationModified", "BurnedInAnnotation"):
                del one[element.tag]
        one.SOPClassUID, one.Modality = ENCAPSULATED_PDF, "DOC"
        one.SOPInstanceUID = f"{one.SOPInstanceUID[:-2]}9"
        one.AcquisitionDateTime = one.get("AcquisitionDateTime", "")
        one.MIMETypeOfEncapsulatedDocument = "application/pdf"
        one.EncapsulatedDocument = even(document)
        return write(one)

    text = "Summary for Szczepanska-Hand, seen by Dr Bernadette Okonkwo"
    return Specimen(
        "document", made(image.original, pdf(text)), made(image.clean, pdf("Nothing is shown here"))
    )


def marker(code: int, content: bytes) -> bytes:
    """Return a marker segment of a JPEG or JPEG 2000 codestream."""
    return b"\xff" + bytes([code]) + (len(content) + 2).to_bytes(2, "big") + content


def wavelet(*segments: bytes, behind: bytes = b"") -> bytes:
    """Return what has the markers of a JPEG 2000 codestream; nobody here decodes its samples."""
    size = marker(0x51, bytes(36))
    return even(
        b"\xff\x4f" + size + b"".join(segments) + marker(0x90, bytes(8)) + b"\xff\x93\xff\xd9" + behind
    )


def _wavelet(image: Specimen) -> Specimen:
    """Return the image in JPEG 2000; the original bears a comment in its codestream."""

    def made(content: bytes, stream: bytes) -> bytes:
        one = read(content)
        one.PixelData = encapsulate([stream])
        one["PixelData"].VR, one["PixelData"].is_undefined_length = "OB", True
        return write(one, JPEG2000Lossless)

    comment = marker(0x64, b"\0\1scanned for Dr Bernadette Okonkwo")
    return Specimen("wavelet", made(image.original, wavelet(comment)), made(image.clean, wavelet()))


def texts_of(dataset: Dataset) -> frozenset[str]:
    """Return every text of a data set, at every depth."""
    found: set[str] = set()
    for element in (*getattr(dataset, "file_meta", ()), *dataset.iterall()):
        if element.VR in ("CS", "SQ", "OB", "OW", "US", "SS", "UL", "SL", "FD", "FL", "AT", "OF"):
            continue
        values = element.value if isinstance(element.value, MultiValue | list) else [element.value]
        for value in values:
            text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value or "")
            if text.strip("\0 "):
                found.add(text.strip("\0 "))
    return frozenset(found)


#: The same values as other people spell them, for the oracle; written by hand.
SPELLED = frozenset(
    {
        "Szczepanska-Hand", "Szczepanska Hand", "SzczepanskaHand", "Szczepanska_Hand", "Szczepańska-Hand",
        "Szczepa?ska-Hand", "Szczepaska-Hand", "Małgorzata", "Malgorzata", "石動丸", "圭太郎",
        "O'Shaughnessy Siobhan", "O\N{RIGHT SINGLE QUOTATION MARK}Shaughnessy", "OShaughnessy",
            "O'Shaughnessy^Siobhan",
        NHS_NUMBER, "999 860 7566", "999-860-7566", "999.860.7566", "999\u00a0860\u00a07566",
            NHS_NUMBER.translate({ord("0") + digit: ord("\uff10") + digit for digit in range(10)}),
        ACCESSION, "RX 44910273", "RX-4491-0273", BORN, "12/03/1957", "12/3/1957", "03/12/1957",
            "12-MAR-1957",
        "March 12, 1957", "12th March 1957", "1957-03-12", "12.03.1957", "1957年3月12日",
    }
)  # fmt: skip
