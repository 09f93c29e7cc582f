"""The values of one instance that identify: its names, identifiers, addresses and UIDs.

They are looked for wherever the table would let a value stay: in free text, in attributes that no row names,
in binary values (rules D14 and D21 of Annex E).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.deidentify.dummies import FIXED_TEXTS
from tce_harness.deidentify.plan import STRUCTURAL_UIDS
from tce_harness.deidentify.pseudonyms import WELL_KNOWN_ROOT
from tce_harness.deidentify.vocabulary import fold, words_of

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

_SHORTEST_IDENTIFIER = 5
_SHORTEST_NAME_WORD = 3
_SHORTEST_IN_BYTES = 8
_UID_LIKE = re.compile(r"(?<![\w.])[0-2](?:\.\d+){4,}(?![\w.]*\w)")
_SHORTEST_UID_LIKE = 20


def texts_of(element: DataElement) -> tuple[str, ...]:
    """Return the values of an element as text, one for each of a multi-valued one."""
    if element.value is None or isinstance(element.value, bytes):
        return ()
    values = element.value if element.VM > 1 else [element.value]
    return tuple(str(value) for value in values if str(value))


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
        Whole names, institutions and addresses as their words in order, folded.
    uids
        Instance, series, study, frame of reference and every other UID that is replaced.
    """

    words: frozenset[str]
    name_words: frozenset[str]
    identifiers: frozenset[str]
    phrases: frozenset[str]
    uids: frozenset[str]

    @classmethod
    def of(cls, dataset: Dataset) -> Identity:
        """Collect what identifies from every depth of a data set."""
        words: set[str] = set()
        names: set[str] = set()
        identifiers: set[str] = set()
        phrases: set[str] = set()
        uids: set[str] = set()
        for element in dataset.iterall():
            if element.VR == "UI":
                if element.tag not in STRUCTURAL_UIDS:
                    uids.update(text.strip("\x00 ") for text in texts_of(element))
            elif element.VR == "PN" or element.tag in IDENTITY_TAGS:
                for text in texts_of(element):
                    found = words_of(text)
                    words |= {
                        word for word in found if element.VR == "PN" or len(word) >= _SHORTEST_NAME_WORD
                    }
                    if element.VR == "PN":
                        names |= found
                    if any(character.isdigit() for character in text):
                        identifiers.add(fold(text).strip())
                    phrases.add(_phrase(text))
        return cls(
            words=frozenset(words),
            name_words=frozenset(word for word in names if len(word) >= _SHORTEST_NAME_WORD),
            # a patient born on the day that stands for every date has it in common with everybody
            identifiers=frozenset(
                text for text in identifiers if len(text) >= _SHORTEST_IDENTIFIER and text not in FIXED_TEXTS
            ),
            phrases=frozenset(text for text in phrases if len(text) >= _SHORTEST_IDENTIFIER),
            uids=frozenset(uid for uid in uids if uid and not uid.startswith(WELL_KNOWN_ROOT)),
        )

    def is_in_text(self, text: str) -> bool:
        """Return whether free text holds a name, an identifier, an institution or an address."""
        return self.is_in_code(text) or not self.name_words.isdisjoint(words_of(text))

    def is_in_code(self, text: str) -> bool:
        """Return whether a code string, number or coded meaning holds a whole name or identifier.

        Single words of names do not count: BREAST stays in Body Part Examined of a patient called Breast.
        """
        folded = fold(text)
        if any(_stands_in(identifier, folded) for identifier in self.identifiers):
            return True
        phrase = _phrase(text)
        return any(known in phrase for known in self.phrases if " " in known)

    def uids_in_text(self, text: str) -> tuple[str, ...]:
        """Return the UIDs in a text that must not stay: known ones, and what looks like an instance's."""
        found = {uid for uid in self.uids if uid in text and _stands_in(uid, text)}
        found.update(
            match[0]
            for match in _UID_LIKE.finditer(text)
            if len(match[0]) >= _SHORTEST_UID_LIKE and not match[0].startswith(WELL_KNOWN_ROOT)
        )
        return tuple(sorted(found, key=len, reverse=True))

    def is_in_bytes(self, content: bytes) -> bool:
        """Return whether bytes hold an original UID, or an identifier of eight characters and more."""
        return any(needle in content and _among(needle, content) for needle in self._needles())

    def _needles(self) -> Iterator[bytes]:
        yield from (uid.encode("ascii", "ignore") for uid in self.uids if len(uid) >= _SHORTEST_IN_BYTES)
        for text in self.identifiers:
            if len(text) >= _SHORTEST_IN_BYTES:
                yield from {text.encode("utf-8"), text.upper().encode("utf-8")}


def _phrase(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _stands_in(needle: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(needle)}(?![\w.]*\w)", text) is not None


def _among(needle: bytes, content: bytes) -> bool:
    return re.search(rb"(?<![0-9A-Za-z.])" + re.escape(needle) + rb"(?![0-9A-Za-z])", content) is not None
