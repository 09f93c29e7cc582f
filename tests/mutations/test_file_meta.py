from __future__ import annotations

from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tce_harness.objects.instance import file_meta

Apply = Callable[..., Dataset]


def test_file_meta_and_preamble_stay_the_originals(apply: Apply, image: Dataset, original: Dataset) -> None:
    image.file_meta = file_meta(CTImageStorage, "2.25.11", ExplicitVRLittleEndian)
    original.file_meta = file_meta(CTImageStorage, "1.2.3", ExplicitVRLittleEndian)
    original.file_meta.SourceApplicationEntityTitle = "STMARYS_PACS"
    original.preamble = b"somebody".ljust(128, b"\0")
    sent = apply([{"keep-file-meta": {}}], image, original)
    assert sent.file_meta.SourceApplicationEntityTitle == "STMARYS_PACS"
    assert sent.file_meta.MediaStorageSOPInstanceUID == "1.2.3"
    assert sent.preamble == original.preamble
    assert sent.SOPInstanceUID == "2.25.11"
