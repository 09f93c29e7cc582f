"""The DICOM objects of the profile, built and read.

The walker over references (`tce_harness.objects.references`) is not handed on from here: the judge may not
use it, as it serves the de-identifier that is judged.
"""

from tce_harness.objects.manifest import (
    ContentItemReading,
    Manifest,
    ManifestReading,
    Reference,
    ReferenceReading,
    is_export_manifest,
    is_key_object_selection,
    read_manifest,
)
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.objects.teaching_file import (
    Author,
    TeachingFileInformation,
    TeachingFileItem,
    TeachingFileReading,
    is_structured_report,
    is_teaching_file_information,
    read_teaching_file,
)
from tce_harness.objects.teaching_file_building import Coding, build_teaching_file

__all__ = [
    "Author",
    "Coding",
    "ContentItemReading",
    "Manifest",
    "ManifestReading",
    "Reference",
    "ReferenceReading",
    "TeachingFileInformation",
    "TeachingFileItem",
    "TeachingFileReading",
    "build_manifests",
    "build_teaching_file",
    "is_export_manifest",
    "is_key_object_selection",
    "is_structured_report",
    "is_teaching_file_information",
    "read_manifest",
    "read_teaching_file",
    "reference_to",
]
