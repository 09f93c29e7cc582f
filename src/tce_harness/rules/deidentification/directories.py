"""What a DICOMDIR says of the instances that it lists."""

from __future__ import annotations

from collections.abc import Iterator

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.rules.deidentification.places import Place, places

_DIRECTORY_RECORDS = 0x00041220


def searched_places(subject: EvidenceInstance) -> Iterator[Place]:
    """Yield the elements of an instance; those of a directory record as if they stood in what it lists.

    A record repeats attributes of its patient, study, series or instance (PS3.3 section F.5).
    """
    for place in places(subject).all:
        if place.tags[0] == _DIRECTORY_RECORDS and len(place.tags) > 1:
            yield place._replace(path=place.path.partition("/")[2], tags=place.tags[1:])
        else:
            yield place
