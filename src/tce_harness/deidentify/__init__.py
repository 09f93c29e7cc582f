"""The reference de-identifier."""

from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.outcome import Deidentified, Note, NoteKind, Quarantined
from tce_harness.deidentify.policy import (
    Already,
    Author,
    Policy,
    Trial,
    find_policy,
    load_policy,
    with_options,
)
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms

__all__ = [
    "Already",
    "Author",
    "Deidentified",
    "Deidentifier",
    "Note",
    "NoteKind",
    "PatientPseudonym",
    "Policy",
    "Pseudonyms",
    "Quarantined",
    "Trial",
    "find_policy",
    "load_policy",
    "with_options",
]
