"""Additional teaching file information: the structured report that tells the teaching case.

Here is what one says and how it is read, whatever structured report it is and however wrong;
`teaching_file_building` makes right ones.

Sources: RAD TF Vol 3 section 4.52 and Table H-1 (the base template, an example); RCR guidance on teaching
archives, 2018, Table 1 (the UK template, a thinner one).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.objects.content_items import item_text
from tce_harness.objects.elements import concept, item_path, items, text
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Entry = str | Concept
"""A statement in free text, or coded."""

_STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who made the teaching case, as the five components of a person name (RCR Table 1, row 2).

    Parameters
    ----------
    identifier
        The fifth component: what tells this author from all others; for doctors ``GMC`` and seven digits.
    """

    family: str
    given: str = ""
    middle: str = ""
    prefix: str = ""
    identifier: str = ""

    @property
    def name(self) -> str:
        """The five components, parted by ``^``; empty ones are kept."""
        return "^".join((self.family, self.given, self.middle, self.prefix, self.identifier))

    @classmethod
    def from_name(cls, name: str) -> Author:
        """Take a name apart; what stands after a fifth ``^`` stays with the fifth component."""
        parts = [*name.split("^", 4), "", "", "", ""]
        return cls(family=parts[0], given=parts[1], middle=parts[2], prefix=parts[3], identifier=parts[4])


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingFileInformation:
    """What a teaching case says of itself. The order of the fields is that of Table H-1.

    Parameters
    ----------
    affiliation, contact
        Of the author; they stand below the author's item.
    abstract
        Subject and title of the case, in free text.
    category, level, diagnosis_confirmed
        Coded: values of CID 7017, CID 7016 (or their IHERADTF equals), and CID 230.
    """

    author: Author
    affiliation: str | None = None
    contact: str | None = None
    abstract: str
    keywords: tuple[Entry, ...] = ()
    history: tuple[Entry, ...] = ()
    findings: tuple[Entry, ...] = ()
    discussion: tuple[Entry, ...] = ()
    impression: tuple[Entry, ...] = ()
    diagnosis: tuple[Entry, ...] = ()
    anatomy: tuple[Entry, ...] = ()
    pathology: tuple[Entry, ...] = ()
    organ_systems: tuple[Entry, ...] = ()
    modalities: tuple[Concept, ...] = ()
    category: Concept | None = None
    level: Concept | None = None
    diagnosis_confirmed: Concept | None = None


REPEATED: dict[str, Concept] = {
    "keywords": codes.KEYWORDS,
    "history": codes.HISTORY,
    "findings": codes.FINDING,
    "discussion": codes.DISCUSSION,
    "impression": codes.IMPRESSION,
    "diagnosis": codes.DIAGNOSIS,
    "anatomy": codes.RADIOGRAPHIC_ANATOMY,
    "pathology": codes.PATHOLOGY,
    "organ_systems": codes.ORGAN_SYSTEM,
    "modalities": codes.MODALITY,
}
"""Fields that may stand more than once, with their concept, in the order of Table H-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingFileItem:
    """A content item at any depth below the root.

    Parameters
    ----------
    element
        Its path, such as ``(0040,A730)[1]/(0040,A730)[2]``.
    depth
        1 for a child of the root.
    parent
        Path of the item above it; empty for a child of the root.
    parent_concept
        Concept name of the item above it, the document title for a child of the root.
    value
        The code of a CODE item.
    """

    element: str
    depth: int
    parent: str
    parent_concept: Concept | None
    relationship: str
    value_type: str
    concept: Concept | None
    value: Concept | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingFileReading:
    """A structured report as read: its frame and its items in document order, parents first."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    modality: str
    title: Concept | None
    value_type: str
    continuity: str
    completion_flag: str
    verification_flag: str
    items: tuple[TeachingFileItem, ...]

    def items_of(self, *names: Concept) -> tuple[TeachingFileItem, ...]:
        """Return the items with one of several concept names, at all depths."""
        return tuple(item for item in self.items if item.concept in names)

    def information(self) -> TeachingFileInformation | None:
        """Return what it says as `TeachingFileInformation`, or None where author or abstract are missing.

        Items are taken where the template has them: affiliation and contact below the author, all others
        below the root. Of a thing that should stand once the first is taken.
        """
        author = self._first(codes.AUTHOR)
        abstract = self._first(codes.ABSTRACT)
        if author is None or abstract is None:
            return None
        repeated: dict[str, tuple[Entry, ...]] = {
            field: tuple(_entry(item) for item in self._at_root(name)) for field, name in REPEATED.items()
        }
        modalities = tuple(item.value for item in self._at_root(codes.MODALITY) if item.value is not None)
        del repeated["modalities"]
        return TeachingFileInformation(
            author=Author.from_name(author.text),
            affiliation=self._below(author, codes.AFFILIATION),
            contact=self._below(author, codes.CONTACT),
            abstract=abstract.text,
            modalities=modalities,
            category=self._first_value(*codes.CATEGORY),
            level=self._first_value(*codes.LEVEL),
            diagnosis_confirmed=self._first_value(codes.DIAGNOSIS_CONFIRMED),
            **repeated,
        )

    def _at_root(self, *names: Concept) -> tuple[TeachingFileItem, ...]:
        return tuple(item for item in self.items_of(*names) if item.depth == 1)

    def _first(self, *names: Concept) -> TeachingFileItem | None:
        return next(iter(self._at_root(*names)), None)

    def _first_value(self, *names: Concept) -> Concept | None:
        found = self._first(*names)
        return None if found is None else found.value

    def _below(self, parent: TeachingFileItem, name: Concept) -> str | None:
        return next((item.text for item in self.items_of(name) if item.parent == parent.element), None)


def is_structured_report(dataset: Dataset) -> bool:
    """Tell whether a data set is a structured report of any SOP class, key object selections left out."""
    sop_class = text(dataset, "SOPClassUID")
    return sop_class.startswith(_STRUCTURED_REPORTS) and sop_class != KeyObjectSelectionDocumentStorage


def is_teaching_file_information(dataset: Dataset) -> bool:
    """Tell whether a data set is a structured report titled as additional teaching file information.

    The title of either code set will do, and any SOP class of structured reports: that it is the right one
    is for a rule to say.
    """
    title = concept(dataset, "ConceptNameCodeSequence")
    return is_structured_report(dataset) and title in tuple(codes.ADDITIONAL_TEACHING_FILE_INFORMATION)


def read_teaching_file(dataset: Dataset) -> TeachingFileReading:
    """Read a structured report without judging it; never raises."""
    return TeachingFileReading(
        sop_class_uid=text(dataset, "SOPClassUID"),
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        study_instance_uid=text(dataset, "StudyInstanceUID"),
        modality=text(dataset, "Modality"),
        title=concept(dataset, "ConceptNameCodeSequence"),
        value_type=text(dataset, "ValueType"),
        continuity=text(dataset, "ContinuityOfContent"),
        completion_flag=text(dataset, "CompletionFlag"),
        verification_flag=text(dataset, "VerificationFlag"),
        items=tuple(_items(dataset)),
    )


def _items(dataset: Dataset) -> Iterator[TeachingFileItem]:
    """Walk without recursion: the depth of what others wrote has no bound."""
    waiting = [_Waiting(dataset, "", 0)]
    while waiting:
        here = waiting.pop()
        children = items(here.item, "ContentSequence")
        # The last is pushed first, so that the first is taken first.
        for number in range(len(children), 0, -1):
            path = item_path(here.element, "ContentSequence", number)
            waiting.append(_Waiting(children[number - 1], path, here.depth + 1, here))
        if here.parent is not None:
            yield _item(here, here.parent)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An item that is to be visited."""

    item: Dataset
    element: str
    depth: int
    parent: _Waiting | None = None


def _item(here: _Waiting, parent: _Waiting) -> TeachingFileItem:
    return TeachingFileItem(
        element=here.element,
        depth=here.depth,
        parent=parent.element,
        parent_concept=concept(parent.item, "ConceptNameCodeSequence"),
        relationship=text(here.item, "RelationshipType"),
        value_type=text(here.item, "ValueType"),
        concept=concept(here.item, "ConceptNameCodeSequence"),
        value=concept(here.item, "ConceptCodeSequence"),
        text=item_text(here.item),
    )


def _entry(item: TeachingFileItem) -> Entry:
    return item.text if item.value is None else item.value
