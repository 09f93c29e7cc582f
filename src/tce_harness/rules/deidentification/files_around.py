"""What a folder tells besides its instances: names of files and folders, a DICOMDIR, other files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.canary import CanaryKind
from tce_harness.model.finding import Finding, Severity
from tce_harness.rules.deidentification.bytes_of_case import found_in_bytes
from tce_harness.rules.deidentification.canary_search import CanarySearch
from tce_harness.rules.deidentification.containers import open_value
from tce_harness.rules.deidentification.findings import finding
from tce_harness.rules.deidentification.hits import Found, Value, severity_of, telling
from tce_harness.rules.deidentification.places import Place, spell, walk
from tce_harness.rules.deidentification.spellings import Part

_CODE_STRING = 0x00080060  # what a family name tells in a file's name it tells in a code
_NOBODYS = ""
_SHORTEST_NUMBER = 7
#: The dots of `CT.1.2.3.dcm` that belong to no UID.
_BESIDE_LETTERS = re.compile(r"(?<=[A-Za-z])\.|\.(?=[A-Za-z])")


def in_names_of_files(case: CaseEvidence, search: CanarySearch) -> Iterator[Finding]:
    """Yield what can be read in the paths of exported files; the paths themselves are not told."""
    labels = {each.digest: each.label for each in case.subjects}
    for recorded in case.object_records:
        record = recorded.record
        if record.group != "exported" or not record.path:
            continue
        apart = _BESIDE_LETTERS.sub(" ", record.path)
        element = DataElement(_CODE_STRING, "CS", apart, already_converted=True)
        place = Place("", (_CODE_STRING,), element, Dataset())
        found = search.in_place(place, labels.get(record.digest, _NOBODYS), [])
        for value, part in telling(found) if found else ():
            planted = search.planted[value][0]
            yield Finding(
                kind="canary-in-file-name" if part is not Part.OTHER else "name-part-in-file-name",
                severity=severity_of(part),
                message=f"the {planted.kind} of {planted.element} in {planted.subject} stands in the name of "
                "the file, or of a folder above it",
                subject=record.label,
                expected="gone",
                observed=planted.value,
                evidence=(recorded.id,),
            )


def in_other_file(case: CaseEvidence, search: CanarySearch, unread: EvidenceInstance) -> Iterator[Finding]:
    """Search what is no readable instance: a DICOMDIR by its elements, any other file by bytes and text."""
    closed = open_value(unread.content).closed
    if closed is not None:
        text = f"what the file holds was not searched: {closed}"
        yield finding("not-opened", unread, text, severity=Severity.INFO)
    told: set[Value] = set()
    for value, offset, path, severity in _in_file(case, search, unread):
        if value in told:
            continue
        told.add(value)
        planted = search.planted[value][0]
        where = f" at byte {offset}" if offset is not None else ""
        what = "a DICOMDIR" if path else "a file that is no readable instance"
        part = "a part of " if severity is Severity.WARNING else ""
        yield finding(
            "canary-survives" if not part else "name-part-survives",
            unread,
            f"{part}the {planted.kind} of {planted.element} in {planted.subject} can still be read{where} of "
            f"{what}",
            element=path,
            expected="gone",
            observed=planted.value,
            severity=severity,
        )


_Told = tuple[Value, int | None, str | None, Severity]


def _in_file(case: CaseEvidence, search: CanarySearch, unread: EvidenceInstance) -> Iterator[_Told]:
    directory = unread.unread.directory if unread.unread is not None else None
    for place in walk(directory) if directory is not None else ():
        # a record repeats what the instances say, so that its elements are those of an instance
        alone = Place(spell(place.tag), (place.tag,), place.element, place.item)
        for value, part in telling(search.in_place(alone, _NOBODYS, [])):
            yield value, None, place.path, severity_of(part)
    for (value, _), offset in search.named(found_in_bytes(case, unread), unread.content):
        yield value, offset, None, Severity.FAIL
    if directory is None:
        for content in open_value(unread.content).contents:
            for value, part in telling((*search.in_unpacked(content), *_short(search, content))):
                yield value, None, None, severity_of(part)


def _short(search: CanarySearch, content: bytes) -> Iterable[Found]:
    """Yield whole names and numbers that are not too short to be met by chance in a program."""
    for (kind, text), part in search.in_any_instance(content):
        if part is Part.WHOLE and (kind is CanaryKind.NAME or len(text) >= _SHORTEST_NUMBER):
            yield (kind, text), part
