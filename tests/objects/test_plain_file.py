"""Plain files are read as pydicom reads them, and equal elements are one only where they mean the same."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from tce_harness.model.errors import InstanceError
from tce_harness.objects.elements import element_reader
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.plain_file import StoredElement, read_plain, read_plain_head, stored_element

Maker = Callable[..., FileDataset]

_NAME = 0x00100010


def element(content: bytes, tag: int) -> object:
    dataset = read_plain(content)
    assert dataset is not None
    return element_reader(dataset)(dataset.get_item(tag).tag)


def written(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def test_real_files_are_read_and_written_as_pydicom_does() -> None:
    read = 0
    name = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(name, str)
    for path in sorted(Path(name).parent.glob("*.dcm")):
        content = path.read_bytes()
        found = read_plain(content)
        if found is None:
            continue
        read += 1
        expected = dcmread(BytesIO(content))
        assert (found, found.file_meta, found.preamble) == (expected, expected.file_meta, expected.preamble)
        assert found.original_character_set == expected.original_character_set
        assert found.original_encoding == expected.original_encoding
        frozen = read_plain(content, frozen=True)
        assert frozen is not None
        assert (frozen, frozen.file_meta, frozen.preamble) == (found, found.file_meta, found.preamble)
        assert frozen.original_character_set == expected.original_character_set
        again = read_plain(content)
        assert again is not None
        assert written(again) == written(dcmread(BytesIO(content)))
    assert read >= 5


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless])
def test_another_transfer_syntax_is_left_to_pydicom(instance: Maker, syntax: str) -> None:
    one = instance(1)
    one.file_meta.TransferSyntaxUID = UID(syntax)
    assert read_plain(encode_instance(one)) is None


def test_what_is_not_plain_is_left_to_pydicom(instance: Maker) -> None:
    whole = encode_instance(instance(1))
    assert read_plain(whole) is not None
    for content in (
        b"", whole[132:], whole[:132], whole[:-1], whole + b"\0" * 8, whole + whole[-10:],
        whole.replace(b"\x10\x00\x10\x00PN", b"\x10\x00\x10\x00??"),
        whole.replace(b"\x10\x00\x20\x00LO", b"\x08\x00\x05\x00LO"),
    ):  # fmt: skip
        assert read_plain(content) is None


def test_a_sequence_of_undefined_length_is_left_to_pydicom(instance: Maker) -> None:
    one = instance(1)
    one.ReferencedStudySequence = [Dataset()]
    assert read_plain(encode_instance(one)) is not None
    one["ReferencedStudySequence"].is_undefined_length = True
    assert read_plain(encode_instance(one)) is None


def test_the_same_bytes_in_another_character_set_are_another_name(instance: Maker) -> None:
    one, other, third = instance(1), instance(2), instance(3)
    one.PatientName = b"\xb8\xd2\xd0\xdd\xde\xd2^\xbe\xdb\xd5\xd3"
    other.PatientName, third.PatientName = one.PatientName.original_string, one.PatientName.original_string
    contents = [encode_instance(each) for each in (one, other, third)]
    contents[1] = contents[1].replace(b"ISO_IR 100", b"ISO_IR 144")
    names = [element(each, _NAME) for each in contents]
    assert names[0] is names[2]
    latin, cyrillic = bytes(one.PatientName.original_string).decode("latin-1"), "Иванов^Олег"
    assert [str(each.value) for each in names] == [latin, cyrillic, latin]  # type: ignore[attr-defined]


def test_changing_one_data_set_changes_no_other(instance: Maker) -> None:
    first, second = (read_plain(encode_instance(instance(number))) for number in (1, 2))
    assert first is not None
    assert second is not None
    first.PatientSex = "M"
    first["PatientName"].value = "Somebody^Else"
    assert (second.PatientSex, str(second.PatientName)) == ("F", "Müller-O'Neill^Anna")
    third = read_plain(encode_instance(instance(3)))
    assert third is not None
    assert (third.PatientSex, str(third.PatientName)) == ("F", "Müller-O'Neill^Anna")


def long_file(instance: Maker, folder: Path, **changes: object) -> Path:
    one = instance(1)
    one.Rows, one.Columns, one.BitsAllocated, one.PixelRepresentation = 300, 200, 16, 0
    one.PixelData = bytes(range(240)) * 500
    for keyword, value in changes.items():
        setattr(one, keyword, value)
    path = folder / "long.dcm"
    path.write_bytes(encode_instance(one))
    return path


def test_the_pixels_of_a_long_file_stay_in_it(instance: Maker, tmp_path: Path) -> None:
    path = long_file(instance, tmp_path)
    expected = dcmread(path)
    for found in (read_plain_head(path), read_instance(path, frozen=True)):
        assert found is not None
        stored = stored_element(found)
        assert isinstance(stored, StoredElement)
        assert found["PixelData"] is stored
        assert (found, found.file_meta, found.preamble) == (expected, expected.file_meta, expected.preamble)
        assert path.read_bytes()[stored.start : stored.start + stored.length] == expected.PixelData
        assert encode_instance(found) == path.read_bytes()
    assert stored_element(read_instance(path)) is None
    assert stored_element(Dataset()) is None


def test_nobody_changes_what_stays_in_a_file(instance: Maker, tmp_path: Path) -> None:
    found = read_plain_head(long_file(instance, tmp_path))
    assert found is not None
    with pytest.raises(AttributeError, match="that of its file"):
        found["PixelData"].value = b""
    path = long_file(instance, tmp_path)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(OSError, match="was cut after it was read"):
        _ = found["PixelData"].value


def test_what_else_is_long_is_read_whole(instance: Maker, tmp_path: Path) -> None:
    behind, words = {"DataSetTrailingPadding": b"\0" * 20}, {"TextValue": "word " * 20_000}
    for changes in (behind, words, {"PixelData": b"\0\1"}):
        path = long_file(instance, tmp_path, **changes)
        assert read_plain_head(path) is None
        assert read_instance(path, frozen=True) == dcmread(path)
    cut = long_file(instance, tmp_path)
    cut.write_bytes(cut.read_bytes()[:-7])
    assert read_plain_head(cut) is None
    with pytest.raises(InstanceError, match="cut short"):
        read_instance(cut, frozen=True)
