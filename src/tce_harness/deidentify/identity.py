"""The values of one instance that identify: its names, identifiers, addresses and UIDs.

They are looked for wherever the table would let a value stay: in free text, in attributes that no row names,
in binary values (rules D14 and D21 of Annex E).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from tce_harness.deidentify.content_items import retained_values
from tce_harness.deidentify.defined_terms import is_term
from tce_harness.deidentify.dummies import FIXED_TEXTS
from tce_harness.deidentify.plan import STRUCTURAL_UIDS, Retained
from tce_harness.deidentify.pseudonyms import COMMON_WORDS, WELL_KNOWN_ROOT
from tce_harness.deidentify.spellings import Spellings, components_of, spellings_of, tokens_of
from tce_harness.deidentify.vocabulary import fold, titled_names, words_of
from tce_harness.deidentify.working_copy import elements_of
from tce_harness.deidentify.writing_in_bytes import writing_in
from tce_harness.standard.confidentiality import OptionColumn

#: Attributes besides those of VR PN whose words name a person, a place or an order.
IDENTITY_KEYWORDS = (
    "PatientID", "OtherPatientIDs", "IssuerOfPatientID", "MedicalRecordLocator", "PatientAddress",
    "PatientTelephoneNumbers", "PatientTelecomInformation", "CountryOfResidence", "RegionOfResidence",
    "PatientBirthDate", "MilitaryRank", "BranchOfService", "InsurancePlanIdentification",
    "ResponsibleOrganization", "NameToUse", "AccessionNumber", "AdmissionID", "ServiceEpisodeID",
    "PatientInstitutionResidence", "CurrentPatientLocation", "InstitutionName", "InstitutionAddress",
    "InstitutionalDepartmentName", "StationName", "ReferringPhysicianAddress",
    "ReferringPhysicianTelephoneNumbers", "PersonAddress", "PersonTelephoneNumbers", "DeviceSerialNumber",
    "FillerOrderNumberImagingServiceRequest", "PlacerOrderNumberImagingServiceRequest", "RequestingService",
    "RequestedProcedureID", "ClinicalTrialSubjectID", "ClinicalTrialSiteName", "VerifyingOrganization",
    "UniversalEntityID", "LocalNamespaceEntityID",
)  # fmt: skip
IDENTITY_TAGS = frozenset(
    tag for keyword in IDENTITY_KEYWORDS if (tag := tag_for_keyword(keyword)) is not None
)

#: Code sequences whose meaning is the name of a person or an institution (PS3.3 section 10.1).
_NAMING_SEQUENCES = frozenset({0x00401101, 0x00080082})
_CODE_MEANING = 0x00080104
#: Attributes of text that Retain Institution Identity keeps.
_INSTITUTION_TAGS = frozenset(
    {0x00080080, 0x00080081, 0x00081040, 0x00120031, 0x00120060, 0x00120081, 0x04000564}
)
_INSTITUTION = frozenset({OptionColumn.RETAIN_INSTITUTION_IDENTITY})
IDENTICAL_DOCUMENTS, _CONTENT_SEQUENCE, _PATIENT_GROUP = 0x0040A525, 0x0040A730, 0x0010
_FREE_TEXT = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})

_SHORTEST_IDENTIFIER = 5
_SHORTEST_NAME_WORD = 3
_SHORTEST_IN_BYTES = 8
_SHORTEST_DISTINCTIVE = 8
_LONG_NUMBER = re.compile(r"\d{8,}")
#: Where pixels hold no run of as many letters, they hold no such needle; one look instead of one for each.
_WORTH_A_GLANCE = 1 << 16
_WRITING = bytes(1 if 0x20 <= byte < 0x7F else 0 for byte in range(256))
_SMALLEST_WRITTEN = 0x2000  # as a little-endian word: every second byte is a letter or a space
_RUN = b"\x01" * _SHORTEST_IN_BYTES
_UID_LIKE = re.compile(r"(?<![\w.])[0-2](?:\.\d+){4,}(?![\w.]*\w)")
_SHORTEST_UID_LIKE = 20
_UID = re.compile(r"[0-2](?:\.\d+)+")
_DIGIT = re.compile(r"\d")
_PHRASE_WORD = re.compile(r"[^\W_]+")
_FIGURES = re.compile(r"[0-9+\-.eE\\ ]*")


def texts_of(element: DataElement) -> tuple[str, ...]:
    """Return the values of an element as text, one for each of a multi-valued one."""
    value = element.value
    if value is None or isinstance(value, bytes | bytearray):
        return ()
    if not isinstance(value, MultiValue | list):
        return (text,) if (text := str(value)) else ()
    return tuple(text for each in value if (text := str(each)))


@dataclass(frozen=True, slots=True)
class Traces:
    """What some elements tell of who is meant, before it is known what the others tell.

    Parameters
    ----------
    words, names
        Words of names, identifiers, institutions and addresses; those of person names alone. Folded.
    identifiers
        Whole values that hold a digit, as they stand.
    phrases
        Whole values as their words in order, folded.
    uids
        UIDs that are replaced.
    persons
        Whole person names as they stand, folded.
    institution
        What an option retains of the institution, as its words in order, folded.
    """

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()
    uids: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    institution: frozenset[str] = frozenset()

    @classmethod
    def of(cls, dataset: Dataset, retained: Retained) -> Traces:
        """Collect them from every depth of a data set, save from what an option retains."""
        collected = _Collected(retained)
        collected.add(dataset, naming=False)
        return collected.as_traces()

    @classmethod
    def union(cls, parts: Iterable[Traces]) -> Traces:
        """Return all that several tell."""
        collected = _Collected(Retained())
        for part in parts:
            collected.words |= part.words
            collected.names |= part.names
            collected.identifiers |= part.identifiers
            collected.phrases |= part.phrases
            collected.uids |= part.uids
            collected.persons |= part.persons
            collected.institution |= part.institution
        return collected.as_traces()


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies in one instance.

    Parameters
    ----------
    words
        All words of names, identifiers, institutions and addresses, folded: none of them stays in a cleaned
        text.
    name_words
        Words of person names.
    identifiers
        Whole identifiers, folded.
    phrases
        Whole names, institutions and addresses, as their words in order, folded.
    uids
        Instance, series, study, frame of reference and every other UID that is replaced.
    needles
        Identifiers and UIDs of eight characters and more, as they are looked for in bytes.
    spellings
        How names, identifiers and the date of birth may be written besides.
    """

    words: frozenset[str]
    name_words: frozenset[str]
    identifiers: frozenset[str]
    phrases: frozenset[str]
    uids: frozenset[str]
    needles: frozenset[bytes]
    spellings: Spellings

    @classmethod
    def of(cls, dataset: Dataset, retained: Retained) -> Identity:
        """Collect what identifies from every depth of a data set, save from what an option retains.

        Identical documents must stay identical, so that the texts of each are cleaned by what all have in
        common: their patient and their content, not the study that each belongs to.
        """
        identity = cls.from_traces(Traces.of(dataset, retained))
        if IDENTICAL_DOCUMENTS in dataset:
            return replace(identity, words=Traces.of(_common_part(dataset), retained).words)
        return identity

    @classmethod
    def from_traces(cls, traces: Traces) -> Identity:
        """Return what identifies by the traces of all elements.

        An institution that is retained is told already: where something else names it too, as Verifying
        Organization (0040,A027) may, its words identify nobody, unless they are those of a person.
        """
        told = _told(traces.institution) - traces.names
        phrases = frozenset(each for each in traces.phrases if not _is_told(each, told, traces.institution))
        # a patient born on the day that stands for every date has it in common with everybody
        identifiers = {
            text
            for text in traces.identifiers
            if len(text) >= _SHORTEST_IDENTIFIER
            and text not in FIXED_TEXTS
            and not (told and _is_told(_phrase(text), told, traces.institution))
        }
        spellings = {each for text in identifiers for each in (text, fold(text), text.upper())}
        folded = frozenset(map(fold, identifiers))
        identity = cls(
            words=traces.words - told,
            name_words=frozenset(word for word in traces.names if len(word) >= _SHORTEST_NAME_WORD),
            identifiers=folded,
            phrases=frozenset(text for text in phrases if len(text) >= _SHORTEST_IDENTIFIER),
            uids=frozenset(),
            needles=_needles(spellings),
            spellings=spellings_of(traces.persons, folded, phrases - FIXED_TEXTS),
        )
        return identity.and_uids(traces.uids)

    def and_uids(self, uids: Iterable[str]) -> Identity:
        """Return the same with more UIDs."""
        more = {uid for uid in uids if uid and not uid.startswith(WELL_KNOWN_ROOT)}
        return replace(self, uids=self.uids | more, needles=self.needles | _needles(more))

    def is_in_text(self, text: str) -> bool:
        """Return whether free text holds a name, an identifier, an institution or an address."""
        words = tokens_of(text)
        if not (self.name_words.isdisjoint(words) and self.phrases.isdisjoint(words)):
            return True
        return self.is_in_code(text) or self.spellings.is_in_text(text) or bool(titled_names(text))

    def is_in_code(self, text: str) -> bool:
        """Return whether a code string, number or coded meaning holds a whole name or identifier.

        Single words of names do not count, unless they are too long for a common word: BREAST stays in Body
        Part Examined of a patient called Breast.
        """
        folded = fold(text)
        if any(identifier in folded and _stands_in(identifier, folded) for identifier in self.identifiers):
            return True
        if _FIGURES.fullmatch(text):  # most of what is looked at, and no name
            return self.spellings.is_in_number(folded)
        if any(name in folded for name in self.name_words if _is_distinctive(name)):
            return True
        if self.spellings.is_in_code(text):
            return True
        phrase = _phrase(text)
        return " " in phrase and any(" " in known and known in phrase for known in self.phrases)

    def is_in_meaning(self, text: str) -> bool:
        """Return whether the meaning of a code of a public scheme holds a whole name, identifier or day."""
        return self.is_in_code(text) or self.spellings.is_day_in_text(text)

    def is_in_term(self, text: str) -> bool:
        """Return whether the value of a code string, a number or a time holds a name, identifier or day.

        A word of a name counts here unless it can be a term: HAND stays of a patient called Hand.
        """
        if self.is_in_code(text):
            return True
        if _FIGURES.fullmatch(text):
            return False
        found = tokens_of(text) & (self.name_words | self.spellings.joined)
        return not all(map(is_term, found))

    def uids_in_text(self, text: str) -> tuple[str, ...]:
        """Return the UIDs in a text that must not stay: known ones, and what looks like an instance's."""
        if "." not in text:
            return ()
        found = {uid for uid in self.uids if uid in text and _stands_in(uid, text)}
        found.update(
            match[0]
            for match in _UID_LIKE.finditer(text)
            if len(match[0]) >= _SHORTEST_UID_LIKE and not match[0].startswith(WELL_KNOWN_ROOT)
        )
        return tuple(sorted(found, key=len, reverse=True))

    def is_in_writing(self, content: bytes) -> bool:
        """Return whether bytes hold an original UID, or spell an identifier or a whole name."""
        return self.is_in_bytes(content) or self.is_in_code(writing_in(content))

    def is_in_bytes(self, content: bytes | memoryview) -> bool:
        """Return whether bytes hold an original UID, or an identifier of eight characters and more."""
        needles: list[bytes] = list(self.needles)
        if len(content) > _WORTH_A_GLANCE and not _may_hold_writing(content):
            needles = [needle for needle in needles if not _is_writing(needle)]
        if not needles:
            return False
        searched = bytes(content)
        return any(needle in searched and _among(needle, searched) for needle in needles)


@dataclass(slots=True)
class _Collected:
    """What identifies, while a data set is gone through."""

    retained: Retained
    words: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    phrases: set[str] = field(default_factory=set)
    uids: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)
    institution: set[str] = field(default_factory=set)

    def as_traces(self) -> Traces:
        """Return what was collected."""
        return Traces(
            words=frozenset(self.words),
            names=frozenset(self.names),
            identifiers=frozenset(self.identifiers),
            phrases=frozenset(self.phrases),
            uids=frozenset(self.uids),
            persons=frozenset(self.persons),
            institution=frozenset(self.institution),
        )

    def add(self, dataset: Dataset, *, naming: bool) -> None:
        """Add what identifies in a data set; ``naming`` says that the meaning of its code is a name."""
        kept = retained_values(dataset, self.retained.columns)
        institution = _INSTITUTION & self.retained.columns
        names_institution = _INSTITUTION_TAGS | retained_values(dataset, institution)
        for element in elements_of(dataset):
            tag = int(element.tag)
            retained = tag in kept or tag in self.retained.tags
            if element.VR == "SQ":
                for item in element.value:
                    self.add(item, naming=tag in _NAMING_SEQUENCES and not retained)
            elif retained:
                if tag in names_institution:
                    self.institution.update(map(_phrase, texts_of(element)))
            elif element.VR == "UI":
                if tag not in STRUCTURAL_UIDS and not self.retained.uids:
                    self.uids.update(text.strip("\x00 ") for text in texts_of(element))
            elif element.VR in _FREE_TEXT or element.VR == "PN" or tag in IDENTITY_TAGS:
                self._texts(element, naming=naming)

    def _texts(self, element: DataElement, *, naming: bool) -> None:
        identifies = element.tag in IDENTITY_TAGS or (naming and element.tag == _CODE_MEANING)
        for text in texts_of(element):
            if element.VR == "PN":
                self._name(text)
            elif element.VR == "DA" and self.retained.dates:
                # a newborn's day of birth is that of the study, which stays or moves onto any other
                self.phrases.add(_phrase(text))
            elif identifies:
                self._identify(text, shortest=_SHORTEST_NAME_WORD)
            else:
                self.words |= titled_names(text)

    def _name(self, text: str) -> None:
        folded = fold(text)
        self.persons.add(folded)
        # O'Neil may be written in one word, as are names of several
        whole = {part for parts in components_of(folded) for part in parts if len(part) > 3}
        self.names |= (words_of(text) | whole) - COMMON_WORDS
        self.words |= whole - COMMON_WORDS
        for group in text.split("="):
            self._identify(group, shortest=1)
            self.phrases.add(_phrase(" ".join(reversed(group.split("^")[:2]))))

    def _identify(self, text: str, *, shortest: int) -> None:
        words = words_of(text) - COMMON_WORDS
        self.words.update(words if shortest == 1 else (word for word in words if len(word) >= shortest))
        # a UID that an option retains tells no more where it stands as a name
        if _DIGIT.search(text) and not (self.retained.uids and _UID.fullmatch(text.strip())):
            self.identifiers.add(text.strip())
        self.phrases.add(_phrase(text))


def _is_writing(needle: bytes) -> bool:
    return 0 not in needle.translate(_WRITING)


def _may_hold_writing(content: bytes | memoryview) -> bool:
    """Tell whether there is a run of letters as long as a needle; numbers of 13 bits never make one."""
    words = np.frombuffer(content, dtype="<u2", count=len(content) // 2)
    return bool(words.max() >= _SMALLEST_WRITTEN) and _RUN in bytes(content).translate(_WRITING)


def _needles(texts: Iterable[str]) -> frozenset[bytes]:
    return frozenset(text.encode("utf-8", "ignore") for text in texts if len(text) >= _SHORTEST_IN_BYTES)


def _common_part(dataset: Dataset) -> Dataset:
    part = Dataset()
    for element in elements_of(dataset):
        of_patient = element.tag.group == _PATIENT_GROUP and (
            element.VR == "PN" or element.tag in IDENTITY_TAGS
        )
        if of_patient or element.tag == _CONTENT_SEQUENCE:
            part[element.tag] = element
    return part


@lru_cache(4096)
def _phrase(text: str) -> str:
    return " ".join(_PHRASE_WORD.findall(fold(text)))


def _told(phrases: Iterable[str]) -> frozenset[str]:
    """Return the words of some phrases that hold no digit."""
    return frozenset(word for each in phrases for word in each.split() if not _DIGIT.search(word))


def _is_told(phrase: str, told: frozenset[str], institution: frozenset[str]) -> bool:
    """Return whether a phrase is made of words that are told, or is told as a whole and has one of them."""
    words = phrase.split()
    return told.issuperset(words) or (phrase in institution and not told.isdisjoint(words))


def _is_distinctive(name: str) -> bool:
    return len(name) >= _SHORTEST_DISTINCTIVE and not is_term(name)


def _stands_in(needle: str, text: str) -> bool:
    if _LONG_NUMBER.fullmatch(needle):  # letters may be glued to it, as in ID9990001234
        return re.search(rf"(?<![\d.]){needle}(?!\.?\d)", text) is not None
    return re.search(rf"(?<![\w.]){re.escape(needle)}(?![\w.]*\w)", text) is not None


def _among(needle: bytes, content: bytes) -> bool:
    return re.search(rb"(?<![0-9A-Za-z.])" + re.escape(needle) + rb"(?![0-9A-Za-z])", content) is not None
