"""The reference de-identifier."""

from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.outcome import Deidentified, Note, NoteKind, Quarantined
from tce_harness.deidentify.policy import Author, Policy, find_policy, load_policy
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms

__all__ = [
    "Author",
    "Deidentified",
    "Deidentifier",
    "Note",
    "NoteKind",
    "PatientPseudonym",
    "Policy",
    "Pseudonyms",
    "Quarantined",
    "find_policy",
    "load_policy",
]
