"""Replacement values that are the same for the same original and key, and tell nothing without the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Self

from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.deidentify.kinship import CONTRADICTION, Kinship, PatientKey, Told
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.subjects import Subjects
from tce_harness.model.errors import HarnessError

#: Words, folded, that every pseudonym holds; they name nobody in an output that is de-identified again.
COMMON_WORDS = frozenset({"tce", "pseudonym"})
WELL_KNOWN_ROOT = "1.2.840.10008."
MINIMUM_KEY_LENGTH = 16
#: Fewest and most days of a shift of dates where nothing else is said: one to ten years back.
SHIFT_DAYS = (-3650, -365)
_LAST_MINUTE = 24 * 60 - 1
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class PatientPseudonym:
    """What stands in place of Patient ID and Patient's Name, and by how much the patient's dates move."""

    id: str
    name: str
    shift: timedelta | None = None


def recipient_name(name: str) -> str:
    """Return how a recipient is told from others: upper and lower case and padding make no difference."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class Pseudonyms:
    """A keyed mapping of originals to replacements (HMAC-SHA-256).

    An unkeyed hash would be undone by trying out all NHS numbers. Nothing is stored: the same key gives the
    same replacements in the next run and in another process, another key unrelated ones. What was replaced is
    kept by `PseudonymLog`, by which its holder can go back.

    Parameters
    ----------
    key
        At least 16 bytes, kept secret and never in an output.
    subjects
        Subject identifiers that somebody else gave out, such as a trial's randomisation list. A patient whom
        it does not name has no pseudonym, and none is invented. Without it they follow from the key.
    kinship
        Whose instances are that do not say so themselves, and what is passed as it is.

    Raises
    ------
    HarnessError
        When the key is too short.
    """

    def __init__(
        self,
        key: bytes,
        subjects: Subjects | None = None,
        kinship: Kinship | None = None,
    ) -> None:
        if len(key) < MINIMUM_KEY_LENGTH:
            raise HarnessError(
                f"the pseudonym key has {len(key)} bytes; at least {MINIMUM_KEY_LENGTH} are needed"
            )
        self._key = key
        self.subjects = subjects
        self.kinship = kinship or Kinship()
        self._new_uid = lru_cache(_REMEMBERED)(self._make_uid)

    @classmethod
    def with_random_key(cls, subjects: Subjects | None = None) -> Pseudonyms:
        """Return a mapping that nobody can repeat."""
        return cls(secrets.token_bytes(32), subjects)

    def __reduce__(self) -> tuple[type[Self], tuple[bytes, Subjects | None, Kinship]]:
        """Travel to another process by the key, without what is remembered."""
        return type(self), (self._key, self.subjects, self.kinship)

    def within(self, kinship: Kinship) -> Self:
        """Return the same mapping, which knows whose instances are that do not say so themselves."""
        return type(self)(self._key, self.subjects, kinship)

    def key_of(self, dataset: Dataset) -> PatientKey:
        """Return what tells the patient of an instance from others.

        Raises
        ------
        CannotBeMadeSafe
            When it names another patient than its study has.
        """
        key = self.kinship.key_of(Told.of(dataset))
        if key is None:
            raise CannotBeMadeSafe(CONTRADICTION)
        return key

    def for_recipient(self, name: str) -> Self:
        """Return the mapping for one recipient, unrelated to that for any other.

        Two recipients cannot join what they were given, other than by subject identifiers that both got from
        the same list. Upper and lower case in the name make no difference.

        Raises
        ------
        HarnessError
            When the name is empty.
        """
        folded = recipient_name(name)
        if not folded:
            raise HarnessError("the name of the recipient is empty")
        return type(self)(self._digest("recipient", folded), self.subjects, self.kinship)

    @property
    def check_value(self) -> str:
        """What tells whether another key is the same one, and nothing else of it."""
        return self._digest("check value").hex()

    def file_digest(self, content: bytes) -> str:
        """Return a keyed digest of a file, by which the key's holder can show which file it was."""
        return hmac.new(self._digest("file digest"), content, hashlib.sha256).hexdigest()

    def uid(self, original: str) -> UID:
        """Return the replacement of a UID, ``2.25.`` and a UUID as a number (PS3.5 annex B.2).

        UIDs that DICOM itself gives out (``1.2.840.10008.``) stay, and so do an empty one and those of
        instances that are passed as they are.
        """
        plain = original.strip("\x00 ")
        if not plain or plain.startswith(WELL_KNOWN_ROOT) or plain in self.kinship.passed_uids:
            return UID(plain)
        return self._new_uid(plain)

    def _make_uid(self, original: str) -> UID:
        return UID(f"2.25.{uuid.UUID(bytes=self._digest('uid', original)[:16], version=4).int}")

    def patient(self, patient_id: str, issuer: str = "") -> PatientPseudonym:
        """Return the pseudonym of a patient, who is told by identifier and its issuer.

        Raises
        ------
        CannotBeMadeSafe
            When there is a list of subjects and it does not name the patient.
        """
        passed = self.kinship.passed_patients.get(PatientKey(patient_id, issuer))
        if passed is not None:
            return PatientPseudonym(*passed)
        if self.subjects is not None:
            subject = self.subjects.of(patient_id, issuer)
            if subject is None:
                raise CannotBeMadeSafe("the patient is not in the list of subjects, and no id is invented")
            return PatientPseudonym(id=subject, name=subject)
        code = self._code("patient", patient_id.strip(), issuer.strip(), length=12)
        return PatientPseudonym(id=f"TCE-{code}", name=f"TCE-{code}^PSEUDONYM")

    def shift(self, patient_id: str, issuer: str = "", days: tuple[int, int] = SHIFT_DAYS) -> timedelta:
        """Return by how much all dates and times of a patient are moved (PS3.15 E.3.6).

        Parameters
        ----------
        days
            Fewest and most days, both included; the time of day is moved on by 1 to 1,439 minutes besides,
            so that no time stays either.

        Returns
        -------
        timedelta
            The same for one patient, key and range; whole minutes.
        """
        digest = self._digest("shift", patient_id.strip(), issuer.strip())
        first, last = days
        day = first + int.from_bytes(digest[:8], "big") % (last - first + 1)
        return timedelta(days=day, minutes=1 + int.from_bytes(digest[8:16], "big") % _LAST_MINUTE)

    def dummy(self, entity: str, original: str) -> str:
        """Return a dummy of eleven characters for an identifier or label: one original, one dummy.

        Parameters
        ----------
        entity
            What is named, so that equal values of unlike entities get unlike dummies.
        """
        return f"R{self._code('dummy', entity, original.strip(), length=10)}"

    def _code(self, *parts: str, length: int) -> str:
        return base64.b32encode(self._digest(*parts)).decode("ascii")[:length]

    def _digest(self, *parts: str) -> bytes:
        # each part with its length before it, so that no two lists of parts look the same
        message = b"".join(
            len(raw).to_bytes(4, "big") + raw for raw in (p.encode("utf-8", "surrogatepass") for p in parts)
        )
        return hmac.new(self._key, message, hashlib.sha256).digest()
