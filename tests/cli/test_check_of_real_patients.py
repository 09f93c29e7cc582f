"""``tce check`` without --synthetic: whatever a system misuses for a patient's value, no result shows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, EnhancedSRStorage, ExplicitVRLittleEndian

if TYPE_CHECKING:
    from tests.cli.conftest import Tce

NAME, UPPER, NUMBER, DASHED = "Thistlewood", "THISTLEWOOD", "9991234567", "999-123-4567"
UIDS = ("1.2.9991234567", "1.2.999.123.4567.99", "1.2.0123.9991234567")
SECRETS = (NAME, UPPER, "Marigold", NUMBER, DASHED, "999.123.4567", "19570312", *UIDS)

CLAIMS = """\
system: Gateway
version: "4.2"
actors: [export-manager]
ae_title: GW
host: localhost
port: 104
calls: {archive: {ae_title: A, port: 105}}
deidentification: {codes: [113100, 113103, 113104, 113105, DATES, 113108, 113109, 113111, 113112]}
"""

VALUES = {
    "AE": UPPER, "AS": UPPER, "CS": UPPER, "DA": "19570312", "DT": "19570312", "DS": NUMBER, "IS": NUMBER,
    "LO": f"{NAME} {NUMBER}", "LT": NAME, "PN": f"{NAME}^Marigold", "SH": DASHED, "ST": NAME, "TM": UPPER,
    "UC": NAME, "UI": UIDS[0], "UR": NAME, "UT": NAME,
}  # fmt: skip
STRUCTURE = {"SOPClassUID", "SOPInstanceUID", "SpecificCharacterSet", "SeriesNumber", "InstanceNumber"}


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def image(number: int) -> FileDataset:
    """Return an image of the patient, with a value of hers wherever text may stand."""
    one = dcmread(str(get_testdata_file("CT_small.dcm")))
    for element in one:
        if element.VR in VALUES and element.keyword not in STRUCTURE:
            element.value = VALUES[element.VR]
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = UID(f"1.2.840.99.{number}")
    one.SeriesNumber, one.InstanceNumber = 1, number
    one.file_meta.SourceApplicationEntityTitle = UPPER
    one.preamble = NAME.encode().ljust(128, b"\0")
    block = one.private_block(0x0029, f"{NAME} PRIVATE", create=True)
    block.add_new(0x10, "LO", NUMBER)
    one.DeidentificationMethod = NAME
    one.DeidentificationMethodCodeSequence = [code(NUMBER, NAME, NAME), code("113100", "DCM", NAME)]
    for keyword in (
        "PatientIdentityRemoved",
        "BurnedInAnnotation",
        "LongitudinalTemporalInformationModified",
    ):
        setattr(one, keyword, UPPER)
    one.ProcedureCodeSequence = [code(NUMBER, UPPER, NAME)]
    return one


def report(number: int) -> FileDataset:
    """Return a report whose concepts, relationships and value types are the patient's."""
    one = image(number)
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated"):
        delattr(one, keyword)
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = EnhancedSRStorage
    one.ConceptNameCodeSequence = [code(NUMBER, UPPER, NAME)]
    one.ValueType = UPPER
    items = []
    for value_type in ("TEXT", UPPER, "PNAME", "DATE"):
        item = Dataset()
        item.RelationshipType, item.ValueType = UPPER, value_type
        item.ConceptNameCodeSequence = [code(NUMBER if value_type != "DATE" else "121031", "DCM", NAME)]
        item.TextValue, item.PersonName, item.Date = NAME, f"{NAME}^Marigold", "19570312"
        items.append(item)
    one.ContentSequence = items
    return one


def spoilt() -> Iterator[tuple[str, FileDataset]]:
    """Yield instances that cannot be taken for one, for a value of the patient."""
    for number, uid in enumerate((DASHED, f"{UPPER}^M", *UIDS[1:], f"1..{NUMBER}", f"1.2.{NUMBER * 7}")):
        one = image(20 + number)
        one.SOPInstanceUID = uid
        yield f"{uid}.dcm", one
    for number, uid in enumerate((f"{UPPER}^MARIGOLD", UIDS[0])):
        one = image(30 + number)
        one.SOPClassUID = uid
        yield f"class{number}.dcm", one


def write(folder: Path) -> None:
    named = folder / f"{NAME}^Marigold" / "19570312"
    named.mkdir(parents=True)
    for number in (1, 2):
        image(number).save_as(named / f"{NUMBER}_{number}.dcm")
    report(3).save_as(named / f"{NAME}.dcm")
    for name, one in spoilt():
        one.save_as(named / name.replace("/", ""))
    whole = (named / f"{NUMBER}_1.dcm").read_bytes()
    syntax = ExplicitVRLittleEndian.encode() + b"\0"
    for number, other in enumerate((UIDS[1], UPPER)):
        (named / f"syntax{number}.dcm").write_bytes(
            whole.replace(syntax, other.encode().ljust(len(syntax), b"\0")[: len(syntax)], 1)
        )
    (named / f"{NUMBER}.txt").write_text(f"{NAME} {NUMBER}", encoding="utf-8")
    (named / f"{NAME} {DASHED}.dcm").write_text(NAME, encoding="utf-8")
    (named / f"{NAME} cut.dcm").write_bytes(whole[:-1000])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("real")
    write(root / f"{NAME}^Marigold")
    shutil.copytree(root / f"{NAME}^Marigold", root / f"out of {NUMBER}")
    return root


def shown(out: Path, printed: str) -> set[str]:
    """Return which values stand in the results, their names, or on the console."""
    texts = [printed, "\n".join(str(path.relative_to(out)) for path in out.rglob("*"))]
    texts += [path.read_text(encoding="utf-8") for path in out.rglob("*") if _is_result(path, out)]
    return {f"{secret} in {text[:40]!r}" for secret in SECRETS for text in texts if secret in text}


def _is_result(path: Path, out: Path) -> bool:
    return path.is_file() and path.relative_to(out).parts[0] != "evidence"


@pytest.mark.parametrize("dates", ["113106", "113107", None])
@pytest.mark.parametrize("with_originals", [True, False], ids=["with originals", "alone"])
def test_no_result_shows_a_value_of_a_patient(
    dates: str | None, with_originals: bool, folders: Path, tce: Tce, tmp_path: Path
) -> None:
    claims = tmp_path / "gateway.yaml"
    claims.write_text(CLAIMS.replace("DATES", dates or ""), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["check", folders / f"out of {NUMBER}", "--out", out]
    arguments += ["--originals", folders / f"{NAME}^Marigold"] if with_originals else []
    arguments += ["--claims", claims] if dates else []
    called = tce(*arguments)
    assert called.status == 3
    assert {path.name for path in out.iterdir()} == {"evidence", "junit.xml", "report.html", "result.json"}
    assert shown(out, called.out + called.err) == set()


def test_of_synthetic_instances_the_wrong_uid_is_shown(folders: Path, tce: Tce, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tce("check", folders / f"out of {NUMBER}", "--synthetic", "--out", out)
    result = (out / "result.json").read_text(encoding="utf-8")
    assert DASHED in result
    assert "its character 4 of 12 is another sign" in result
