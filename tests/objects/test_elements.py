from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.charset import python_encoding
from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from tce_harness.objects.elements import element_reader, freeze_known, raw_elements

TEXT_VRS = ("AE", "AS", "CS", "DA", "DT", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UR", "UT")
TAG = Tag("ManufacturerModelName")


def holding(vr: str, value: bytes, encoding: str) -> tuple[Dataset, RawDataElement]:
    raw = RawDataElement(TAG, vr, len(value), value, 0, False, True)
    dataset = Dataset({TAG: raw})
    dataset.set_original_encoding(False, True, encoding)
    return dataset, raw


@pytest.mark.parametrize("encoding", sorted(set(python_encoding.values())))
@settings(deadline=None)
@given(vr=st.sampled_from(TEXT_VRS), text=st.text(st.characters(codec="ascii"), max_size=20))
def test_plain_text_is_decoded_as_pydicom_does(encoding: str, vr: str, text: str) -> None:
    dataset, raw = holding(vr, text.encode("ascii"), encoding)
    expected = convert_raw_data_element(raw, encoding=encoding, ds=dataset)
    found = element_reader(dataset)(TAG)
    assert (found.VR, found.value, type(found.value)) == (expected.VR, expected.value, type(expected.value))


@settings(deadline=None)
@given(
    vr=st.sampled_from(["DS", "IS"]),
    text=st.text(st.sampled_from("0123456789.-+eE \\"), max_size=18) | st.integers().map(str),
)
def test_numbers_are_decoded_as_pydicom_does(vr: str, text: str) -> None:
    dataset, raw = holding(vr, text.encode("ascii"), "iso8859")
    try:
        expected = convert_raw_data_element(raw, encoding="iso8859", ds=dataset).value
    except (ValueError, TypeError, OverflowError) as error:
        with pytest.raises(type(error)):
            element_reader(dataset)(TAG)
        return
    found = element_reader(dataset)(TAG).value
    assert (found, type(found), str(found)) == (expected, type(expected), str(expected))
    assert getattr(found, "original_string", None) == getattr(expected, "original_string", None)


def test_what_was_decoded_once_stands_in_the_next_frozen_data_set() -> None:
    first, raw = holding("LO", b"Somatom ", "iso8859")
    second = Dataset({TAG: raw})
    second.set_original_encoding(False, True, "iso8859")
    assert freeze_known(first) == [TAG]
    decoded = element_reader(first)(TAG)
    assert freeze_known(second) == []
    assert raw_elements(second)[BaseTag(TAG)] is decoded


def test_an_element_is_decoded_anew_in_another_character_set() -> None:
    first, raw = holding("LO", b"M\xfcller", "latin_1")
    second = Dataset({TAG: raw})
    second.set_original_encoding(False, True, "iso8859_5")
    assert element_reader(first)(TAG).value == "Müller"
    assert freeze_known(second) == [TAG]
    assert element_reader(second)(TAG).value == "Mќller"
