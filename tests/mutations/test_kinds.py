from __future__ import annotations

import pytest
from pydicom.uid import (
    BasicTextSRStorage,
    BlendingSoftcopyPresentationStateStorage,
    ComprehensiveSRStorage,
    CTImageStorage,
    EncapsulatedPDFStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
    RawDataStorage,
    RTStructureSetStorage,
    SegmentationStorage,
    SpatialRegistrationStorage,
    TwelveLeadECGWaveformStorage,
    UltrasoundMultiFrameImageStorage,
)

from tce_harness.mutations import Kind, Numbering, kind_of


@pytest.mark.parametrize(
    ("sop_class_uid", "kind"),
    [
        (KeyObjectSelectionDocumentStorage, Kind.MANIFEST),
        (EnhancedSRStorage, Kind.TEACHING_FILE),
        (BasicTextSRStorage, Kind.SR),
        (ComprehensiveSRStorage, Kind.SR),
        (GrayscaleSoftcopyPresentationStateStorage, Kind.PRESENTATION_STATE),
        (BlendingSoftcopyPresentationStateStorage, Kind.PRESENTATION_STATE),
        (CTImageStorage, Kind.IMAGE),
        (UltrasoundMultiFrameImageStorage, Kind.IMAGE),
        (SegmentationStorage, Kind.IMAGE),
        (TwelveLeadECGWaveformStorage, Kind.OTHER),
        (EncapsulatedPDFStorage, Kind.OTHER),
        (RawDataStorage, Kind.OTHER),
        (SpatialRegistrationStorage, Kind.OTHER),
        (RTStructureSetStorage, Kind.OTHER),
        ("1.2.3.4", Kind.OTHER),
    ],
)
def test_the_sop_class_tells_the_kind(sop_class_uid: str, kind: Kind) -> None:
    assert kind_of(sop_class_uid) is kind


def test_objects_are_counted_in_all_and_by_kind(numbering: Numbering) -> None:
    passed = [CTImageStorage, KeyObjectSelectionDocumentStorage, CTImageStorage, EnhancedSRStorage]
    assert [numbering.next(uid) for uid in passed] == [(1, 1), (2, 1), (3, 2), (4, 1)]
