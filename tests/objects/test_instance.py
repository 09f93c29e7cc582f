"""Reading instances: what is wrong with a file is told in one sentence, and never with a patient's value."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from tce_harness.model.errors import FileFault, InstanceError
from tce_harness.objects.instance import (
    IMPLEMENTATION_CLASS_UID,
    check_uid,
    digest,
    encode_instance,
    file_meta,
    read_instance,
    wrap_data_set,
)

Maker = Callable[..., FileDataset]


def nested(instance: Maker) -> FileDataset:
    dataset = instance(1)
    item = Dataset()
    item.RequestedProcedureDescription = "Chest"
    item.RequestedProcedureID = "R1"
    dataset.RequestAttributesSequence = [item]
    dataset.Rows = 4
    return dataset


def test_a_written_instance_is_read_back_with_a_file_meta_of_our_own(instance: Maker) -> None:
    dataset = nested(instance)
    read = read_instance(encode_instance(dataset))
    assert read == dataset
    assert read.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert read.preamble == b"\0" * 128


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
    ids=lambda x: x.name,
)
def test_the_uncompressed_transfer_syntaxes_are_read_and_kept(syntax: UID, instance: Maker) -> None:
    dataset = nested(instance)
    dataset.file_meta.TransferSyntaxUID = syntax
    content = encode_instance(dataset)
    read = read_instance(content)
    assert read.file_meta.TransferSyntaxUID == syntax
    assert read.RequestAttributesSequence[0].RequestedProcedureID == "R1"
    assert digest(encode_instance(read)) == digest(content)


@pytest.mark.parametrize("start", [128, 132 + 8], ids=["without preamble", "from the middle of the meta"])
def test_only_a_start_that_dicom_allows_is_taken_for_dicom(start: int, instance: Maker) -> None:
    with pytest.raises(InstanceError, match="is not a DICOM file"):
        read_instance(encode_instance(instance(1))[start:])


def test_a_file_without_preamble_and_a_bare_data_set_are_read(instance: Maker) -> None:
    dataset = instance(1)
    content = encode_instance(dataset)
    assert read_instance(content[132:]).SOPInstanceUID == dataset.SOPInstanceUID
    length = 12 + int.from_bytes(content[140:144], "little")
    assert read_instance(content[132 + length :]).SOPInstanceUID == dataset.SOPInstanceUID


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"DICM",
        b'{"SOPClassUID": "1.2"}',
        b"<html>" * 60,
        b"name: value\n" * 40,
        b"\x00" * 400,
        b"MZ" * 200,
    ],
    ids=["nothing", "magic alone", "JSON", "HTML", "YAML", "zeros", "program"],
)
def test_what_is_not_dicom_is_called_that(content: bytes) -> None:
    with pytest.raises(InstanceError, match="is not a DICOM file"):
        read_instance(content)


def test_the_file_is_named_and_a_missing_one_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("The patient is Anna.")
    with pytest.raises(InstanceError, match=r"^notes\.txt is not a DICOM file$"):
        read_instance(tmp_path / "notes.txt")
    with pytest.raises(InstanceError, match=r"^gone\.dcm cannot be read: "):
        read_instance(tmp_path / "gone.dcm")


def test_a_dicomdir_is_no_instance() -> None:
    with pytest.raises(InstanceError, match="is a DICOMDIR"):
        read_instance(Path(str(get_testdata_file("DICOMDIR"))))


@pytest.mark.parametrize("undefined", [False, True], ids=["defined lengths", "undefined lengths"])
def test_every_cut_is_told_or_leaves_whole_elements(undefined: bool, instance: Maker) -> None:
    dataset = nested(instance)
    if undefined:
        dataset["RequestAttributesSequence"].is_undefined_length = True
        dataset.RequestAttributesSequence[0].is_undefined_length_sequence_item = True
        dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
        dataset["PixelData"].VR = "OB"
    content = encode_instance(dataset)
    whole = {each.tag: each for each in read_instance(content)}
    told = 0
    for length in range(len(content)):
        try:
            read = read_instance(content[:length])
        except InstanceError:
            told += 1
            continue
        assert all(each == whole[each.tag] for each in read), f"cut at {length} went unnoticed"
    assert told > len(content) - 2 * len(whole)


def test_a_length_of_two_gigabytes_is_refused_without_taking_the_memory(instance: Maker) -> None:
    content = encode_instance(instance(1))
    content += b"\xe0\x7f\x10\x00OW\x00\x00" + (2**31 - 2).to_bytes(4, "little") + b"\x00\x01"
    tracemalloc.start()
    try:
        with pytest.raises(InstanceError, match=r"\(7FE0,0010\) claims 2147483646 bytes and has 2"):
            read_instance(content)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_an_element_inside_an_item_that_claims_too_much_is_told_with_its_path(instance: Maker) -> None:
    content = encode_instance(nested(instance))
    spot = content.index(b"\x40\x00\x01\x10SH")
    broken = content[: spot + 6] + b"\x40\x00" + content[spot + 8 :]
    with pytest.raises(InstanceError, match=r"cut short: \(0040,0275\)\[1\]/\(0040,1001\) claims 64 bytes"):
        read_instance(broken)


def test_a_value_that_cannot_be_decoded_is_told_without_the_value(instance: Maker) -> None:
    content = encode_instance(nested(instance))
    spot = content.index(b"\x28\x00\x10\x00US")
    broken = content[: spot + 6] + b"\x03\x00abc"
    with pytest.raises(InstanceError, match=r"\(0028,0010\) cannot be decoded \(BytesLengthException\)$"):
        read_instance(broken)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.9999", "1.2.840.113619.5.2", "../up"])
def test_a_transfer_syntax_that_the_standard_lacks_is_told(syntax: str, instance: Maker) -> None:
    dataset = instance(1)
    body = BytesIO()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    written = wrap_data_set(b"", dataset.SOPClassUID, dataset.SOPInstanceUID, syntax)
    dataset.file_meta = file_meta(dataset.SOPClassUID, dataset.SOPInstanceUID, "1.2.840.10008.1.2.1")
    body.write(written)
    content = encode_instance(dataset)
    body.write(content[132 + 12 + int.from_bytes(content[140:144], "little") :])
    with pytest.raises(InstanceError, match=r"a transfer syntax that PS3\.5 does not define") as refused:
        read_instance(body.getvalue())
    assert syntax not in str(refused.value)
    assert refused.value.observed == syntax


@pytest.mark.parametrize(
    ("uid", "told"),
    [
        ("999-123-4567", "its character 4 of 12 is another sign"),
        ("1.2.THISTLEWOOD", "its character 5 of 15 is a letter"),
        ("1.2. 9991234567", "its character 5 of 15 is a space"),
        ("1.2..9991234567", "its component 3 is empty"),
        ("1.2.09991234567", "its component 3 has a leading zero"),
        ("1.2." + "9991234567" * 7, "has 74 characters"),
    ],
)
def test_what_is_wrong_with_a_uid_is_told_without_a_character_of_it(uid: str, told: str) -> None:
    with pytest.raises(InstanceError) as refused:
        check_uid(uid)
    assert told in str(refused.value)
    assert "9991234567" not in str(refused.value)
    assert "THISTLEWOOD" not in str(refused.value)
    assert refused.value.observed == uid


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"For the radiologist: see the report.", FileFault.NOT_DICOM),
        (b"\0\0\0\x01Bud1" + b"\0" * 200, FileFault.NOT_DICOM),
        (b"", FileFault.BROKEN),
        (b"\0" * 400, FileFault.BROKEN),
        (b"\0" * 132 + b"\x02\0\0\0UL\x04\0", FileFault.BROKEN),
    ],
    ids=["a note", "a file of the system", "nothing", "zeros", "an instance without its prefix"],
)
def test_a_file_of_another_kind_is_told_from_a_broken_instance(content: bytes, fault: FileFault) -> None:
    with pytest.raises(InstanceError) as refused:
        read_instance(content)
    assert refused.value.fault is fault


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.95"])
def test_a_transfer_syntax_of_the_standard_that_is_not_read_is_told_by_its_name(
    syntax: str, instance: Maker
) -> None:
    dataset = instance(1)
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    content = encode_instance(dataset)
    start = 132 + 12 + int.from_bytes(content[140:144], "little")
    written = wrap_data_set(content[start:], dataset.SOPClassUID, dataset.SOPInstanceUID, syntax)
    with pytest.raises(InstanceError, match=r"JPIP Referenced.*, which this program does not read"):
        read_instance(written)


def test_what_no_file_can_hold_is_refused_without_its_value(instance: Maker) -> None:
    dataset = instance(1)
    dataset.add_new(0x00020016, "AE", "WARD7")
    with pytest.raises(InstanceError, match="cannot be written as a file") as caught:
        encode_instance(dataset)
    assert "WARD7" not in str(caught.value)


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "SOPClassUID"])
@pytest.mark.parametrize(
    "value", ["", "../../etc/passwd", "1.2/3", "1.02.3", "1..2", "1." * 40 + "1", "C:\\x"]
)
def test_a_uid_that_could_not_name_a_file_is_refused(keyword: str, value: str, instance: Maker) -> None:
    dataset = instance(1)
    content = encode_instance(dataset)
    meta, body = dataset.file_meta, dcmread(BytesIO(content))
    body[keyword].value = value
    buffer = BytesIO()
    body.save_as(buffer)
    if not value and keyword == "SOPClassUID":
        assert (
            read_instance(buffer.getvalue()).file_meta.MediaStorageSOPClassUID == meta.MediaStorageSOPClassUID
        )
        return
    with pytest.raises(InstanceError, match=r"\((0008,0016|0008,0018)\)"):
        read_instance(buffer.getvalue())


@given(st.text(max_size=80))
def test_a_checked_uid_is_of_digits_and_dots(text: str) -> None:
    try:
        uid = check_uid(text)
    except InstanceError:
        return
    assert set(uid) <= set("0123456789.")
    assert uid == text


@settings(max_examples=150, deadline=None)
@example(b"\x08\x00\x16\x00" + b"\xff" * 200)
@given(st.binary(max_size=600))
def test_any_bytes_give_an_instance_or_an_instance_error(content: bytes) -> None:
    for candidate in (content, b"\0" * 128 + b"DICM" + content, b"\x08\x00" + content):
        with suppress(InstanceError):
            assert check_uid(read_instance(candidate).SOPInstanceUID)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_real_report_with_broken_bytes_gives_an_instance_or_an_instance_error(data: st.DataObject) -> None:
    content = bytearray(Path(str(get_testdata_file("reportsi.dcm"))).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InstanceError):
        assert check_uid(read_instance(bytes(content)).SOPInstanceUID)


def test_what_pydicom_warns_of_does_not_reach_the_users_stderr(instance: Maker, tmp_path: Path) -> None:
    dataset = instance(1)
    dataset.SpecificCharacterSet = "ISO_IR 999"
    path = tmp_path / "odd.dcm"
    path.write_bytes(encode_instance(dataset).replace(b"19570312", b"born1957"))
    program = (
        "import sys, pathlib\n"
        "from tce_harness.objects.instance import encode_instance, read_instance\n"
        "dataset = read_instance(pathlib.Path(sys.argv[1]))\n"
        "str(dataset.PatientName), encode_instance(dataset)\n"
        "print(dataset.PatientBirthDate)"
    )
    answer = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "born1957"
    assert answer.stderr == ""
