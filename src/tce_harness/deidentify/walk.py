"""One walk over a data set at every depth, doing what the plan says, in place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import zip_longest

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.deidentify.ages import capped_age
from tce_harness.deidentify.conditions import remove_unmet
from tce_harness.deidentify.content_items import is_public
from tce_harness.deidentify.content_rewriting import dummy_content, rewrite_item, times_of_dates
from tce_harness.deidentify.dates import NotATime, shifted
from tce_harness.deidentify.document import replace_document
from tce_harness.deidentify.dummies import REMOVED, dummy_annotation, dummy_code, dummy_value
from tce_harness.deidentify.identity import Identity, texts_of
from tce_harness.deidentify.options import CLEAN_DESCRIPTORS
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.plan import Action, Decision, Plan
from tce_harness.deidentify.private_elements import private_element
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms
from tce_harness.deidentify.retaining import within_retained
from tce_harness.deidentify.safe_private import SafePrivate, is_creator
from tce_harness.deidentify.several_values import is_left_of
from tce_harness.deidentify.value_search import (
    CODE_MEANING,
    is_in_binary,
    search_of_kept,
    search_of_retained,
)
from tce_harness.deidentify.vocabulary import words_of
from tce_harness.deidentify.working_copy import elements_of

CHARACTER_SET = 0x00080005
PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
ENCAPSULATED_DOCUMENT = 0x00420011
TEXT_VALUE = 0x0040A160
GRAPHIC_ANNOTATION = 0x00700001
CONTENT_SEQUENCE = 0x0040A730
TEXT_VRS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT", "UR", "AE"})


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
    private
        Which private elements may stay; None where none may.
    """

    plan: Plan
    pseudonyms: Pseudonyms
    sop_class_uid: str
    identity: Identity
    patient: PatientPseudonym
    author_stays: bool
    notes: list[Note] = field(default_factory=list)
    private: SafePrivate | None = None
    _times: dict[int, str] = field(default_factory=dict)
    _item_times: dict[int, str] = field(default_factory=dict)

    def data_set(
        self,
        dataset: Dataset,
        path: tuple[int, ...] = (),
        place: str = "",
        *,
        scrub: bool = False,
        retained: bool = False,
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
        retained
            Whether it stands in a sequence that an option retains.
        """
        left: frozenset[int] = frozenset()
        if path:
            left = rewrite_item(self, dataset, place)
            if scrub:
                self._scrub(dataset)
        times = self.look_up_times(dataset)
        private = {} if self.private is None else self.private.known(dataset, self.identity.is_in_text)
        for element in elements_of(dataset):
            if element.tag in left:
                continue
            tag = int(element.tag)
            where = f"{place}/{_spell(tag)}" if place else _spell(tag)
            if tag in private:
                private_element(self, dataset, element, private[tag], path=(*path, tag), place=where)
            else:
                self._element(dataset, element, (*path, tag), where, scrub=scrub, retained=retained)
        self._times = times
        if self.private is not None:
            self.private.prune(dataset)
            if not path:
                self.private.prune_declarations(dataset)
        remove_unmet(dataset, self.plan.retained.tags)

    def look_up_times(self, dataset: Dataset) -> dict[int, str]:
        """Note the times that the dates of a data set move with; return those noted before."""
        before = self._times
        if self.plan.retained.dates:
            self._times = {
                int(element.tag): "\\".join(texts_of(element))
                for element in elements_of(dataset)
                if element.VR == "TM"
            }
            self._item_times |= times_of_dates(dataset)
        return before

    def _element(
        self,
        dataset: Dataset,
        element: DataElement,
        path: tuple[int, ...],
        place: str,
        *,
        scrub: bool,
        retained: bool = False,
    ) -> None:
        tag = int(element.tag)
        if tag == CHARACTER_SET:
            return
        if self.private is not None and tag >> 16 & 1:
            # creators are gone through when it is known what of their blocks stays
            if not is_creator(tag):
                del dataset[tag]
            return
        decision = self.plan.decision(self.sop_class_uid, path, element.VR)
        if retained:
            decision = within_retained(decision, tag, element.VR)
        if scrub and decision.action is Action.RETAIN:
            # the action on a sequence covers its contents, whatever an option says of them elsewhere (D3);
            # a moved date is as good a dummy, and keeps the order of all
            decision = replace(decision, action=decision.fallback)
        if element.VR == "SQ":
            self._sequence(dataset, element, decision, path, place, scrub=scrub, retained=retained)
        elif tag in (PATIENT_NAME, PATIENT_ID) and decision.action in (Action.EMPTY, Action.DUMMY):
            element.value = self.patient.name if tag == PATIENT_NAME else self.patient.id
        elif tag == ENCAPSULATED_DOCUMENT and decision.action is Action.DUMMY:
            replace_document(dataset)
            self.notes.append(Note(kind=NoteKind.DOCUMENT, element=place))
        elif tag == CODE_MEANING and not _scheme_is_public(dataset) and decision.action is Action.KEEP:
            self._clean_meaning(dataset, place)
        else:
            self.value(dataset, element, decision, place)

    def value(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Do with an element that is no sequence what was decided."""
        match decision.action:
            case Action.KEEP:
                self._keep(dataset, element, decision, place)
            case Action.RETAIN:
                self._retain(dataset, element, decision, place)
            case Action.SHIFT:
                self._shift(dataset, element, decision, place)
            case Action.CLEAN:
                self._clean(dataset, element, decision, place)
            case Action.MAP_UID:
                self._map_uid(dataset, element, decision.fallback)
            case _:
                self._discard(dataset, element, decision.action)

    def _discard(self, dataset: Dataset, element: DataElement, action: Action) -> None:
        match action:
            case Action.REMOVE | Action.KEEP:
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

    def _clean(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Clean a text; what is no text, or leaves nothing, is handled as the profile says.

        An AE title is cleaned to one that names no site (PS3.15 E.3.8): one title, one dummy.
        """
        if element.VR == "AE" and decision.listed and texts_of(element):
            titles = [self.pseudonyms.dummy("AE", text) for text in texts_of(element)]
            element.value = titles if len(titles) > 1 else titles[0]
            return
        if element.VR in TEXT_VRS - {"UR", "AE"}:
            values = [self.clean_text(text, place, by_row=decision.listed) for text in texts_of(element)]
            values = [value for value in values if value]
            if values:
                element.value = values if len(values) > 1 else values[0]
                return
        self._discard(dataset, element, decision.fallback)

    def clean_text(self, text: str, place: str, *, by_row: bool = False) -> str:
        """Return what the policy's vocabulary leaves of a text.

        Parameters
        ----------
        by_row
            Whether a row of the table asks for it under a claimed option; any other text is cleaned only
            where Clean Descriptors is claimed.
        """
        vocabulary = self.plan.policy.vocabulary
        if vocabulary is None or not (by_row or CLEAN_DESCRIPTORS in self.plan.policy.codes):
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

    def _shift(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Move dates and times by the patient's shift; what is none is handled as the profile says."""
        texts = texts_of(element)
        if not texts:
            return
        if self.patient.shift is None:
            raise CannotBeMadeSafe("no shift of the dates of this patient is known")
        partner = self.plan.companions.get(int(element.tag))
        times = self._item_times.get(id(dataset)) or self._times.get(partner or 0, "")
        try:
            moved = [
                shifted(element.VR, text, self.patient.shift, time)
                for text, time in zip_longest(texts, times.split("\\")[: len(texts)], fillvalue="")
            ]
        except NotATime:
            self.notes.append(Note(kind=NoteKind.NOT_A_TIME, element=place))
            self._discard(dataset, element, decision.fallback)
            return
        element.value = moved if len(moved) > 1 else moved[0]

    def _retain(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Keep what an option retains, unless it holds a whole name or identifier of the instance.

        A word of a name in it stays and is told: a clinic may be called like a patient.
        """
        if isinstance(element.value, bytes | bytearray):
            if is_in_binary(self.identity, element):
                self._not_retained(dataset, element, decision, place)
            return
        texts = texts_of(element)
        whole = "\\".join(texts)
        if not whole or element.VR == "UI":
            return
        identifies = search_of_retained(self.identity, element.VR, uids_stay=self.plan.retained.uids)
        if identifies(whole):
            if left := is_left_of(element, identifies, self.pseudonyms):
                self.notes.append(Note(kind=NoteKind.NOT_RETAINED, element=place))
                element.value = left
            else:
                self._not_retained(dataset, element, decision, place)
            return
        if not self.identity.name_words.isdisjoint(words_of(whole)):
            self.notes.append(Note(kind=NoteKind.RETAINED, element=place))
        if element.VR == "AS":
            ages = [capped_age(text, self.plan.policy.oldest_age) for text in texts]
            element.value = ages if len(ages) > 1 else ages[0]
        elif element.VR in TEXT_VRS and not self.plan.retained.uids:
            self._map_uids_of(element, texts)

    def _not_retained(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        self.notes.append(Note(kind=NoteKind.NOT_RETAINED, element=place))
        fallback = decision.fallback
        if fallback in (Action.MAP_UID, Action.KEEP) or isinstance(element.value, bytes | bytearray):
            fallback = Action.REMOVE if fallback is not Action.EMPTY else fallback
        self._discard(dataset, element, fallback)

    def _keep(self, dataset: Dataset, element: DataElement, decision: Decision, place: str) -> None:
        """Keep a value that no row names, unless it holds what identifies in this instance (D14, D21)."""
        if isinstance(element.value, (bytes, bytearray)):
            if is_in_binary(self.identity, element):
                self._identifying(dataset, element, decision, place)
            return
        texts = texts_of(element)
        if not texts or element.VR == "UI":
            return
        identifies = search_of_kept(self.identity, element, public_code=_scheme_is_public(dataset))
        if identifies("\\".join(texts)):
            if left := is_left_of(element, identifies, self.pseudonyms):
                self.notes.append(Note(kind=NoteKind.IDENTIFYING_VALUE, element=place))
                element.value = left if len(left) > 1 else left[0]
            else:
                self._identifying(dataset, element, decision, place)
        elif element.VR in TEXT_VRS and not self.plan.retained.uids:
            self._map_uids_of(element, texts)

    def _map_uids_of(self, element: DataElement, texts: tuple[str, ...]) -> None:
        if any(self.identity.uids_in_text(text) for text in texts):
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
        retained: bool,
    ) -> None:
        action = decision.action
        if action in (Action.REMOVE, Action.EMPTY):
            self._discard(dataset, element, action)
            return
        if action is Action.DUMMY and int(element.tag) == CONTENT_SEQUENCE:
            dummy_content(dataset, self.sop_class_uid)
            return
        as_dummy = action is Action.DUMMY and int(element.tag) != GRAPHIC_ANNOTATION
        if (as_dummy or scrub) and _is_code_sequence(element):
            element.value = [dummy_code()]
            return
        if action is Action.DUMMY and int(element.tag) == GRAPHIC_ANNOTATION:
            element.value = [dummy_annotation(item) for item in element.value]
        for number, item in enumerate(element.value, start=1):
            if action is Action.CLEAN and CODE_MEANING in item:
                self._clean_meaning(item, f"{place}[{number}]/{_spell(CODE_MEANING)}")
            self.data_set(
                item,
                path,
                f"{place}[{number}]",
                scrub=scrub or as_dummy,
                retained=retained or action is Action.RETAIN,
            )

    def _scrub(self, item: Dataset) -> None:
        """Replace the texts of an item by dummies."""
        for element in elements_of(item):
            if element.VR in TEXT_VRS and texts_of(element):
                element.value = dummy_value(
                    int(element.tag), element.VR, "\\".join(texts_of(element)), self.pseudonyms
                )

    def _clean_meaning(self, item: Dataset, place: str) -> None:
        """Clean the meaning of a code that may be in the words of whoever made it."""
        item.CodeMeaning = self.clean_text(str(item.CodeMeaning or ""), place) or REMOVED


def _is_code_sequence(element: DataElement) -> bool:
    return bool(element.value) and all(CODE_MEANING in item for item in element.value)


def _scheme_is_public(item: Dataset) -> bool:
    return is_public(str(item.get("CodingSchemeDesignator") or ""))


@cache
def _spell(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
