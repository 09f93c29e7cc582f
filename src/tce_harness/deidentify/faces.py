"""Whether a person could be recognised by the pixels: photographs, and volumes of the head.

Recognizable visual features are the subject of another option, 113102, which this de-identifier does not
have and never claims (PS3.15 section E.3.2): it can only hold such instances back, or let them go with a
note.
"""

from __future__ import annotations

import re
from enum import StrEnum

from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.uid import UID


class Faces(StrEnum):
    """What becomes of instances by whose pixels a person could be recognised."""

    QUARANTINE = "quarantine"
    ALLOW_WITH_NOTE = "allow-with-note"


_PHOTOGRAPHS = frozenset({uids.VLPhotographicImageStorage, uids.VideoPhotographicImageStorage})
#: Classes of slices from which a surface can be reconstructed.
_VOLUMES = frozenset(
    {
        uids.CTImageStorage,
        uids.EnhancedCTImageStorage,
        uids.LegacyConvertedEnhancedCTImageStorage,
        uids.MRImageStorage,
        uids.EnhancedMRImageStorage,
        uids.EnhancedMRColorImageStorage,
        uids.LegacyConvertedEnhancedMRImageStorage,
        uids.XRay3DAngiographicImageStorage,
        uids.XRay3DCraniofacialImageStorage,
    }
)
#: Body parts of CID 4, and words in which descriptions tell of the head, in several tongues.
_HEAD = re.compile(
    r"\b(head|headneck|brain|skull|cranium|cranial|face|facial|maxillofacial|maxilla|mandible|jaw|nose|nasal|"
    r"orbits?|eyes?|sinus(es)?|wholebody|whole body|kopf|sch[aä]del|t[eê]te|cerveau|cabeza|cr[aá]nio)\b",
    re.IGNORECASE,
)
_TEXTS = (
    "BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName",
)  # fmt: skip
#: What decides.
FACTS = frozenset({0x00080016, 0x00080060, 0x00180015, 0x00082218, 0x00081030, 0x0008103E, 0x00181030})


def reason_for_faces(dataset: Dataset) -> str | None:
    """Return why a person could be recognised, or None where class, body part and texts speak of nothing.

    The body part decides where it is told; descriptions are looked at where it is not.
    """
    sop_class = UID(str(dataset.get("SOPClassUID") or "").strip())
    if sop_class in _PHOTOGRAPHS:
        return f"{sop_class.name} may show a face"
    if sop_class not in _VOLUMES:
        return None
    told = _told_part(dataset)
    texts = told or [str(dataset.get(keyword) or "") for keyword in _TEXTS]
    if any(_HEAD.search(text.replace("_", " ")) for text in texts):
        return f"a face could be reconstructed from {sop_class.name} of the head"
    return None


def _told_part(dataset: Dataset) -> list[str]:
    part = str(dataset.get("BodyPartExamined") or "").strip()
    meanings = (
        str(item.get("CodeMeaning") or "").strip() for item in dataset.get("AnatomicRegionSequence") or ()
    )
    return [text for text in (part, *meanings) if text]
