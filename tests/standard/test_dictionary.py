"""Tags that pydicom lacks."""

from __future__ import annotations

from io import BytesIO

from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

import tce_harness.standard  # noqa: F401  registers the tags
from tce_harness.standard.confidentiality import table
from tce_harness.standard.dictionary import MISSING_ENTRIES, register


def test_every_registered_tag_is_a_row_with_the_name_of_the_table() -> None:
    for tag, (_, _, name, _, keyword) in MISSING_ENTRIES.items():
        row = table("2026d").row_for(tag)
        assert row is not None
        assert row.name.replace(" ", "").lower() == name.replace(" ", "").lower() == keyword.lower()


def test_registering_twice_changes_nothing() -> None:
    register()
    register()
    assert dictionary_VR(0x00100011) == "SQ"


def test_a_sequence_that_pydicom_lacks_is_entered_when_read_from_implicit_vr() -> None:
    item = Dataset()
    item.NameToUse = "Jo"
    dataset = Dataset()
    dataset.PersonNamesToUseSequence = [item]
    buffer = BytesIO()
    dataset.save_as(buffer, implicit_vr=True, little_endian=True)
    read = dcmread(BytesIO(buffer.getvalue()), force=True)
    assert read.original_encoding == (True, True)
    assert ImplicitVRLittleEndian.is_implicit_VR
    assert read[0x00100011].value[0][0x00100012].value == "Jo"
