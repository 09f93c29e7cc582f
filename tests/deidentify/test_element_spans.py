"""Elements found by their headers: the same as pydicom finds, or an error that sends them to it."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom import uid as uids
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.deidentify.element_spans import EncodedInstance, UnusualEncodingError
from tce_harness.objects.instance import encode_instance, read_instance

FILES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "JPEG2000.dcm",
    "MR_small_implicit.dcm",
    "liver_1frame.dcm",
    "rtplan.dcm",
)


def file_content(name: str) -> bytes:
    with open(str(get_testdata_file(name)), "rb") as file:
        return file.read()


@pytest.mark.parametrize("name", FILES)
def test_the_elements_are_those_that_pydicom_finds(name: str) -> None:
    content = file_content(name)
    encoded = EncodedInstance.of(content)
    dataset = dcmread(BytesIO(content))
    assert [span[0] for span in encoded.spans] == sorted(map(int, dataset.keys()))
    assert encoded.transfer_syntax_uid == dataset.file_meta.TransferSyntaxUID
    assert encoded.spans[-1][3] == len(content)
    for tag, _, value, end in encoded.spans:
        raw = dataset.get_item(tag)
        if raw.VR != "SQ" and raw.is_raw and not encoded.transfer_syntax_uid.is_encapsulated:
            assert content[value:end] == (raw.value or b"")


def test_sequences_of_undefined_length_end_where_their_delimiter_says(ct: Dataset) -> None:
    inner, outer = Dataset(), Dataset()
    inner.CodeValue = "\ufffe-like"
    outer.AnatomicRegionSequence = [inner]
    outer["AnatomicRegionSequence"].is_undefined_length = True
    ct.SourceImageSequence = [outer, Dataset()]
    ct["SourceImageSequence"].is_undefined_length = True
    outer.is_undefined_length_sequence_item = True
    ct.SpecificCharacterSet = "ISO_IR 192"
    content = encode_instance(ct)
    tags = [span[0] for span in EncodedInstance.of(content).spans]
    assert tags == sorted(map(int, ct.keys()))


@pytest.mark.parametrize("syntax", [uids.ExplicitVRBigEndian, uids.DeflatedExplicitVRLittleEndian])
def test_other_layouts_are_left_to_pydicom(syntax: UID, cr: Dataset) -> None:
    cr.file_meta.TransferSyntaxUID = syntax
    with pytest.raises(UnusualEncodingError, match="another layout"):
        EncodedInstance.of(encode_instance(cr))


def test_a_file_without_preamble_is_left_to_pydicom(cr: Dataset) -> None:
    with pytest.raises(UnusualEncodingError, match="no preamble"):
        EncodedInstance.of(encode_instance(cr)[132:])


@given(cut=st.integers(1, 4000))
def test_what_is_cut_inside_an_element_is_not_taken_for_whole(cut: int) -> None:
    content = file_content("CT_small.dcm")
    whole = EncodedInstance.of(content)
    left = len(content) - cut
    if left in {span[1] for span in whole.spans}:
        return
    with pytest.raises(UnusualEncodingError):
        EncodedInstance.of(content[:left])


@given(st.binary(max_size=300))
def test_any_bytes_after_the_prefix_give_elements_or_the_error(content: bytes) -> None:
    whole = b"\0" * 128 + b"DICM" + content
    try:
        spans = EncodedInstance.of(whole).spans
    except UnusualEncodingError:
        return
    assert sum(end - start for _, start, _, end in spans) <= len(whole)


def test_elements_out_of_order_are_left_to_pydicom(cr: Dataset) -> None:
    content = encode_instance(cr)
    first, second = EncodedInstance.of(content).spans[:2]
    swapped = (
        content[: first[1]]
        + content[second[1] : second[3]]
        + content[first[1] : first[3]]
        + content[second[3] :]
    )
    with pytest.raises(UnusualEncodingError, match="do not rise"):
        EncodedInstance.of(swapped)
    assert read_instance(swapped).SOPInstanceUID == cr.SOPInstanceUID
