"""What a pseudonym log remembers of what the recipient of a run was given before."""

from __future__ import annotations

from collections.abc import Collection

from tce_harness.deidentify.kinship import PatientKey
from tce_harness.deidentify.log_file import plainly
from tce_harness.deidentify.pseudonym_log import OWNERS, PseudonymLog, recipient_of
from tce_harness.deidentify.pseudonyms import Pseudonyms

#: By the new UID, which there is an index of; it is the original one where UIDs stay.
_HANDED_OUT = """
SELECT 1 FROM instances
JOIN series ON series.id = instances.series
JOIN studies ON studies.id = series.study
JOIN patients ON patients.id = studies.patient
JOIN exports ON exports.instance = instances.id
WHERE instances.new IN (?, ?) AND instances.original = ? AND patients.recipient = ? LIMIT 1
"""
_CALLED = "SELECT DISTINCT patient_id, issuer FROM patients WHERE recipient = ? AND patient_id = ?"


def handed_out(
    log: PseudonymLog, run: int, originals: Collection[str], pseudonyms: Pseudonyms
) -> frozenset[str]:
    """Return which of some original SOP Instance UIDs the recipient of a run was given, ever."""
    with plainly(log.path):
        recipient = recipient_of(log.path, log.connection, run)
        return frozenset(
            each
            for each in originals
            if log.connection.execute(_HANDED_OUT, (pseudonyms.uid(each), each, each, recipient)).fetchone()
        )


def patients_of(
    log: PseudonymLog, run: int, studies: Collection[str], pseudonyms: Pseudonyms
) -> dict[str, frozenset[PatientKey]]:
    """Return whose studies are, by original Study Instance UID, that the recipient of a run was given."""
    found: dict[str, frozenset[PatientKey]] = {}
    with plainly(log.path):
        recipient = recipient_of(log.path, log.connection, run)
        for each in studies:
            rows = log.connection.execute(OWNERS, (pseudonyms.uid(each), each, each, recipient)).fetchall()
            if rows:
                found[each] = frozenset(PatientKey(*row) for row in rows)
    return found


def patients_called(log: PseudonymLog, run: int, patient_ids: Collection[str]) -> set[PatientKey]:
    """Return the patients with one of these Patient IDs whom the recipient of a run was given."""
    with plainly(log.path):
        recipient = recipient_of(log.path, log.connection, run)
        return {
            PatientKey(*row)
            for each in patient_ids
            if each
            for row in log.connection.execute(_CALLED, (recipient, each))
        }
