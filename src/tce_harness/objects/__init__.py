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

__all__ = [
    "ContentItemReading",
    "Manifest",
    "ManifestReading",
    "Reference",
    "ReferenceReading",
    "build_manifests",
    "is_export_manifest",
    "is_key_object_selection",
    "read_manifest",
    "reference_to",
]
