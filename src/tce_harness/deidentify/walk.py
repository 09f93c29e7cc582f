"""One walk over a data set at every depth, doing what the plan says, in place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.deidentify.conditions import remove_unmet
from tce_harness.deidentify.content_items import (
    AUTHOR_CONCEPTS,
    concept_of,
    is_public,
    row_of,
    text_may_be_cleaned,
)
from tce_harness.deidentify.document import replace_document
from tce_harness.deidentify.dummies import LABELS, REMOVED, dummy_code, dummy_value
from tce_harness.deidentify.identity import Identity, texts_of
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.plan import Action, Decision, Plan
from tce_harness.deidentify.policy import Author
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms
from tce_harness.deidentify.working_copy import elements_of
from tce_harness.standard import codes

CHARACTER_SET = 0x00080005
PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
CODE_MEANING = 0x00080104
ENCAPSULATED_DOCUMENT = 0x00420011
TEXT_VALUE = 0x0040A160
GRAPHIC_ANNOTATION = 0x00700001
CONTENT_SEQUENCE = 0x0040A730
TEXT_VRS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT", "UR", "AE"})
CODE_VRS = frozenset({"CS", "AS", "DA", "DS", "DT", "IS", "TM"})


@dataclass(slots=True)
class Walk:
    """The de-identification of one data set.

    Parameters
    ----------
    sop_class_uid
        Of the instance, for the Types of its attributes.
    identity
        What identifies in it.
    patient
        What stands in place of its patient.
    author_stays
        Whether its items Author, Affiliation and Contact are kept.
    """

    plan: Plan
    pseudonyms: Pseudonyms
    sop_class_uid: str
    identity: Identity
    patient: PatientPseudonym
    author_stays: bool
    notes: list[Note] = field(default_factory=list)

    def data_set(
        self, dataset: Dataset, path: tuple[int, ...] = (), place: str = "", *, scrub: bool = False
    ) -> None:
        """De-identify a data set or item.

        Parameters
        ----------
        path
            Tags of the sequences that it stands in.
        place
            The same as text, with item numbers, for notes.
        scrub
            Whether it stands in a sequence that is replaced by dummies as a whole (rule D3).
        """
        kept: frozenset[int] = frozenset()
        if path:
            kept = self._content_item(dataset, place)
            if scrub:
                self._scrub(dataset)
        for element in elements_of(dataset):
            if element.tag in kept:
                continue
            where = f"{place}/{_spell(element.tag)}" if place else _spell(element.tag)
            self._element(dataset, element, (*path, int(element.tag)), where, scrub=scrub)
        remove_unmet(dataset)

    def _element(
        self, dataset: Dataset, element: DataElement, path: tuple[int, ...], place: str, *, scrub: bool
    ) -> None:
        tag = int(element.tag)
        if tag == CHARACTER_SET:
            return
        decision = self.plan.decision(self.sop_class_uid, path, element.VR)
        if element.VR == "SQ":
            self._sequence(dataset, element, decision, path, place, scrub=scrub)
        elif tag in (PATIENT_NAME, PATIENT_ID) and decision.action in (Action.EMPTY, Action.DUMMY):
            element.value = self.patient.name if tag == PATIENT_NAME else self.patient.id
        elif tag == ENCAPSULATED_DOCUMENT and decision.action is Action.DUMMY:
            replace_document(dataset)
            self.notes.append(Note(kind=NoteKind.DOCUMENT, element=place))
        elif tag == CODE_MEANING and not _scheme_is_public(dataset) and decision.action is Action.KEEP:
            self._clean_meaning(dataset, place)
        else:
            self._value(dataset, element, decision, place)

    def _value(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        match decision.action:
            case Action.KEEP:
                self._keep(dataset, element, decision, place)
            case Action.CLEAN:
                self._clean(dataset, element, decision.fallback, place)
            case Action.MAP_UID:
                self._map_uid(dataset, element, decision.fallback)
            case _:
                self._discard(dataset, element, decision.action)

    def _discard(self, dataset: Dataset, element: DataElement, action: Action) -> None:
        match action:
            case Action.REMOVE:
                del dataset[element.tag]
            case Action.EMPTY:
                element.value = None if element.VR not in ("SQ",) else []
            case _:
                original = "\\".join(texts_of(element))
                element.value = dummy_value(int(element.tag), element.VR, original, self.pseudonyms)

    def _map_uid(self, dataset: Dataset, element: DataElement, fallback: Action) -> None:
        if element.VR != "UI":
            # a row of the table whose element was written with another VR: the value is not kept
            self._discard(dataset, element, fallback if fallback is not Action.MAP_UID else Action.REMOVE)
            return
        mapped = [self.pseudonyms.uid(text) for text in texts_of(element)]
        element.value = mapped if len(mapped) > 1 else mapped[0] if mapped else None

    def _clean(self, dataset: Dataset, element: DataElement, fallback: Action, place: str) -> None:
        """Clean a text; what is no text, or leaves nothing, is handled as the profile says."""
        if element.VR in TEXT_VRS - {"UR", "AE"}:
            values = [self._clean_text(text, place) for text in texts_of(element)]
            values = [value for value in values if value]
            if values:
                element.value = values if len(values) > 1 else values[0]
                return
        self._discard(dataset, element, fallback)

    def _clean_text(self, text: str, place: str) -> str:
        vocabulary = self.plan.policy.vocabulary
        if vocabulary is None:
            return ""
        cleaned = vocabulary.clean(text, self.identity.words)
        if cleaned.dropped:
            self.notes.append(
                Note(
                    kind=NoteKind.WORDS_DROPPED,
                    element=place,
                    detail=f"{len(cleaned.dropped)} not in the vocabulary, or part of a name or identifier",
                    words=cleaned.dropped,
                )
            )
        return cleaned.text

    def _keep(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Keep a value that no row names, unless it holds what identifies in this instance (D14, D21)."""
        if isinstance(element.value, (bytes, bytearray)):
            if self.identity.is_in_bytes(bytes(element.value)):
                self._identifying(dataset, element, decision, place)
            return
        texts = texts_of(element)
        if not texts or element.VR == "UI":
            return
        whole = " ".join(texts)
        in_code = element.VR in CODE_VRS and element.tag not in LABELS
        in_code |= element.tag == CODE_MEANING and _scheme_is_public(dataset)
        leaks = self.identity.is_in_code(whole) if in_code else self.identity.is_in_text(whole)
        if leaks:
            self._identifying(dataset, element, decision, place)
        elif element.VR in TEXT_VRS and any(self.identity.uids_in_text(text) for text in texts):
            mapped = [self._map_uids_in(text) for text in texts]
            element.value = mapped if len(mapped) > 1 else mapped[0]

    def _map_uids_in(self, text: str) -> str:
        for uid in self.identity.uids_in_text(text):
            text = text.replace(uid, self.pseudonyms.uid(uid))
        return text

    def _identifying(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        if decision.fallback is Action.DUMMY and isinstance(element.value, (bytes, bytearray)):
            raise CannotBeMadeSafe(f"{place} holds an identifying value and cannot be left out")
        self.notes.append(Note(kind=NoteKind.IDENTIFYING_VALUE, element=place))
        self._discard(dataset, element, decision.fallback)

    # -- sequences

    def _sequence(
        self,
        dataset: Dataset,
        element: DataElement,
        decision: Decision,
        path: tuple[int, ...],
        place: str,
        *,
        scrub: bool,
    ) -> None:
        action = decision.action
        if action in (Action.REMOVE, Action.EMPTY):
            self._discard(dataset, element, action)
            return
        as_dummy = action is Action.DUMMY and int(element.tag) not in (CONTENT_SEQUENCE, GRAPHIC_ANNOTATION)
        if (as_dummy or scrub) and _is_code_sequence(element):
            element.value = [dummy_code()]
            return
        if action is Action.DUMMY and int(element.tag) == GRAPHIC_ANNOTATION:
            element.value = [_dummy_annotation(item) for item in element.value]
        for number, item in enumerate(element.value, start=1):
            if action is Action.CLEAN and CODE_MEANING in item:
                self._clean_meaning(item, f"{place}[{number}]/{_spell(CODE_MEANING)}")
            self.data_set(item, path, f"{place}[{number}]", scrub=scrub or as_dummy)

    def _scrub(self, item: Dataset) -> None:
        """Replace the texts of an item by dummies."""
        for element in elements_of(item):
            if element.VR in TEXT_VRS and texts_of(element):
                element.value = dummy_value(
                    int(element.tag), element.VR, "\\".join(texts_of(element)), self.pseudonyms
                )

    def _clean_meaning(self, item: Dataset, place: str) -> None:
        """Clean the meaning of a code that may be in the words of whoever made it."""
        item.CodeMeaning = self._clean_text(str(item.CodeMeaning or ""), place) or REMOVED

    # -- content items

    def _content_item(self, item: Dataset, place: str) -> frozenset[int]:
        """Handle the value of a content item; return the tags that must be left as they are."""
        if "ValueType" not in item or "ConceptNameCodeSequence" not in item:
            return frozenset()
        row = row_of(item)
        match str(item.ValueType).strip():
            case "TEXT":
                return self._text_item(item, place)
            case "CODE":
                if row is not None:
                    item.ConceptCodeSequence = [_undetermined()]
            case "NUM":
                if row is not None:
                    item.MeasuredValueSequence = []
        return frozenset()

    def _text_item(self, item: Dataset, place: str) -> frozenset[int]:
        if self.author_stays and concept_of(item) in AUTHOR_CONCEPTS:
            self.notes.append(Note(kind=NoteKind.AUTHOR_KEPT, element=f"{place}/{_spell(TEXT_VALUE)}"))
            return frozenset({TEXT_VALUE})
        is_author = concept_of(item) in AUTHOR_CONCEPTS  # whose name could be a word of the vocabulary
        may = not is_author and text_may_be_cleaned(item)
        text = str(item.get("TextValue") or "")
        cleaned = self._clean_text(text, f"{place}/{_spell(TEXT_VALUE)}") if may else ""
        item.TextValue = cleaned or REMOVED
        return frozenset({TEXT_VALUE})


def author_stays(plan: Plan, *, teaching_file_information: bool) -> bool:
    """Return whether the policy keeps the author of a document."""
    return teaching_file_information and plan.policy.author is Author.KEEP


def _undetermined() -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = codes.UNDETERMINED.value, codes.UNDETERMINED.scheme
    item.CodeMeaning = codes.UNDETERMINED.meaning
    return item


def _dummy_annotation(annotation: Dataset) -> Dataset:
    """Return a point in the corner in place of an annotation, on the same layer and images (rule D3).

    Even a drawn line can be writing, and where an annotation lies tells what it marked.
    """
    point, dummy = Dataset(), Dataset()
    for keyword in ("ReferencedImageSequence", "GraphicLayer"):
        if keyword in annotation:
            dummy[keyword] = annotation[keyword]
    point.GraphicAnnotationUnits = "DISPLAY"
    point.GraphicDimensions, point.NumberOfGraphicPoints = 2, 1
    point.GraphicData, point.GraphicType = [0.0, 0.0], "POINT"
    dummy.GraphicObjectSequence = [point]
    return dummy


def _is_code_sequence(element: DataElement) -> bool:
    return bool(element.value) and all(CODE_MEANING in item for item in element.value)


def _scheme_is_public(item: Dataset) -> bool:
    return is_public(str(item.get("CodingSchemeDesignator") or ""))


@cache
def _spell(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
