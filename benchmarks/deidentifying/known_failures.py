"""What other measurements say that the tools fail at, and what of it the findings of a run show.

The statements are those of a measurement of fifteen de-identifiers over ten linked instances, by other means
than the rules of this project. A tool may have mended a fault since, or the synthetic set may not show it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from deidentifying.judging import Kind, without_numbers
from tce_harness.model.finding import Finding

_ROWS, _VALID, _UIDS, _REFERENCES = "PS315-D2", "PS315-D5", "TCE-RAD53-013", "TCE-RAD53-016"


@dataclass(frozen=True, slots=True)
class Known:
    """One stated failure, and the query that finds it among findings.

    Parameters
    ----------
    tool
        By its name in the catalogue.
    requirement, kind
        Of the findings that show it.
    element
        Pattern of their paths, without the numbers of items.
    codes
        Of the table's rows; any where empty.
    observed
        What the findings must quote.
    is_praise
        Whether the statement is that nothing of the kind is found.
    """

    tool: str
    stated: str
    requirement: str
    kind: str
    element: str = "*"
    codes: tuple[str, ...] = ()
    observed: str = ""
    is_praise: bool = False

    @property
    def looked_for(self) -> str:
        """The query in words."""
        of = f" of {' and '.join(self.codes)}" if self.codes else ""
        at = f" at `{self.element}`" if self.element != "*" else ""
        quoting = f", observed `{self.observed}`" if self.observed else ""
        return f"{'no ' if self.is_praise else ''}{self.requirement} {self.kind}{of}{at}{quoting}"

    def among(self, kinds: Iterable[Kind]) -> Shown:
        """Return what shows it."""
        found = [
            finding
            for kind in kinds
            if (kind.requirement, kind.kind) == (self.requirement, self.kind)
            and (not self.codes or kind.code in self.codes)
            for finding in kind.findings
            if self._is_shown_by(finding)
        ]
        elements = Counter(without_numbers(each.element or "no element") for each in found)
        return Shown(self, len(found), len({each.subject for each in found}), elements)

    def _is_shown_by(self, finding: Finding) -> bool:
        path = without_numbers(finding.element or "")
        return fnmatchcase(path, self.element) and self.observed in (finding.observed or "")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run shows of a statement.

    Parameters
    ----------
    findings, instances
        How many show it, in how many instances.
    elements
        How often at each path.
    """

    known: Known
    findings: int
    instances: int
    elements: Counter[str]

    @property
    def holds(self) -> bool:
        """Whether the statement is true of what was measured."""
        return bool(self.findings) != self.known.is_praise


_EVIDENCE = "(0040,A375)/*"
_CONTENT = "(0040,A730)/*"
_NESTED = "*/*"

KNOWN: tuple[Known, ...] = (
    Known("gdcmanon", "most X rows are emptied, not removed", _ROWS, "emptied-not-removed", codes=("X",)),
    Known("gdcmanon", "X/Z/D values are kept", _ROWS, "value-kept", codes=("X/Z/D",)),
    Known("gdcmanon", "X/D values are kept", _ROWS, "value-kept", codes=("X/D",)),
    Known("gdcmanon", "a table of 2008: much that has to go stays", _ROWS, "value-kept", "(0008,0012)"),
    Known("gdcmanon", "the private block is kept", "PS315-D14", "private-kept", "(0009,*)"),
    Known("gdcmanon", "UIDs of nested references are partly kept", _UIDS, "uid-kept", "*/(0008,1155)"),
    Known("gdcmanon", "UIDs that its table does not know stay", _UIDS, "uid-kept", "(0018,1002)"),
    Known("gdcmanon", "and so do other nested UIDs", _UIDS, "uid-kept", "*/(0020,9164)"),
    Known("gdcmanon", "original UIDs are still in the bytes", "PS315-D21", "original-uid-left"),
    Known("gdcmanon", "references are broken", _REFERENCES, "reference-broken", _CONTENT),
    Known("gdcmanon", "the method's codes are missing", "PS315-D10", "method-code-missing"),
    Known("gdcmanon", "planted text can be read", "PS315-B1", "canary-survives", "(0010,2110)"),
    Known("gdcmanon", "burned-in text stays beside Patient Identity Removed YES", "PS315-D20",
          "burned-in-contradiction", "(0028,0301)"),
    Known("dicom-anonymizer", "UIDs differ between files", _UIDS, "uid-mapped-inconsistently"),
    Known("dicom-anonymizer", "UIDs are left in the evidence sequences", _UIDS, "uid-kept", _EVIDENCE),
    Known("dicom-anonymizer", "UIDs are left in the references of frames", _UIDS, "uid-kept",
          "(5200,9230)/*(0008,1155)"),
    Known("dicom-anonymizer", "KOS and SR no longer resolve", _REFERENCES, "reference-broken", _EVIDENCE),
    Known("dicom-anonymizer", "the presentation state no longer resolves", _REFERENCES, "reference-broken",
          "(0008,1115)/(0008,1140)/(0008,1155)"),
    Known("dicom-anonymizer", "evidence points at originals", _REFERENCES, "reference-to-original",
          _EVIDENCE),
    Known("dicom-anonymizer", "dates 00010101, which dciodvfy rejects", _VALID, "not-valid", "(0008,0020)",
          observed="00010101"),
    Known("dicom-anonymizer", "no Patient Identity Removed", "TCE-RAD53-012", "not-marked-de-identified"),
    Known("dicom-anonymizer", "no method", "TCE-RAD53-014", "method-missing"),
    Known("dicom-anonymizer", "Frame Comments are kept", _ROWS, "value-kept", "*(0020,9158)"),
    Known("dicom-anonymizer", "nested dates are kept", _ROWS, "value-kept", "*/(0018,A002)"),
    Known("dicom-anonymizer", "Source Application Entity Title is kept", "PS315-D11", "file-meta-kept",
          "(0002,0016)"),
    Known("dicognito", "UIDs 2.<39 digits>, of an arc that nobody has", "PS315-D8", "uid-invalid",
          "(0008,0018)"),
    Known("dicognito", "which dciodvfy rejects", _VALID, "not-valid", "(0008,0018)",
          observed="Illegal root for UID"),
    Known("dicognito", "but UIDs are mapped consistently", _UIDS, "uid-mapped-inconsistently",
          is_praise=True),
    Known("dicognito", "and all references resolve", _REFERENCES, "reference-broken", is_praise=True),
    Known("dicognito", "private elements are kept", "PS315-D14", "private-kept"),
    Known("dicognito", "Study Description is kept", _ROWS, "value-kept", "(0008,1030)"),
    Known("dicognito", "telephone numbers are kept", _ROWS, "value-kept", "(0008,0094)"),
    Known("dicognito", "Ethnic Group is kept", _ROWS, "value-kept", "(0010,2160)"),
    Known("dicognito", "Patient Identity Removed is missing on some", "TCE-RAD53-012",
          "not-marked-de-identified"),
    Known("dcmanon", "UID root 9999., whose first arc must be 0 to 2", "PS315-D8", "uid-invalid",
          "(0008,0018)"),
    Known("dcmanon", "malformed UIDs in references too", "PS315-D8", "uid-invalid", _NESTED),
    Known("dcmanon", "nested sequences are untouched: UIDs in them stay", _UIDS, "uid-kept", _NESTED),
    Known("dcmanon", "values in sequences stay", _ROWS, "value-kept", "(0040,A370)/(0040,1001)"),
    Known("dcmanon", "no Patient Identity Removed", "TCE-RAD53-012", "not-marked-de-identified"),
    Known("dcmanon", "no method", "TCE-RAD53-014", "method-missing"),
    Known("orthanc", "Instance Creation Date is kept", _ROWS, "value-kept", "(0008,0012)"),
    Known("orthanc", "Instance Creation Time is kept", _ROWS, "value-kept", "(0008,0013)"),
    Known("orthanc", "overlays of group 6000 are kept", _ROWS, "value-kept", "(6000,3000)"),
    Known("orthanc", "and the comments on them", _ROWS, "value-kept", "(6000,4000)"),
    Known("orthanc", "Retrieve AE Title is kept", _ROWS, "value-kept", "(0008,0054)"),
    Known("orthanc", "Content Sequence has no content, so SR and KOS are hollow", _VALID, "not-valid",
          "(0040,A730)", observed="Empty attribute"),
)  # fmt: skip


def known_of(tool: str) -> tuple[Known, ...]:
    """Return what is stated of a tool."""
    return tuple(known for known in KNOWN if known.tool == tool)
