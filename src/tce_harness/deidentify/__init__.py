"""The reference de-identifier."""

from tce_harness.deidentify.certificates import load_certificate, load_private_key
from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.envelope import KeyTransport
from tce_harness.deidentify.folder_run import FolderRun
from tce_harness.deidentify.links import Link, identifying_part
from tce_harness.deidentify.log_file import Journal, PseudonymLogError
from tce_harness.deidentify.log_queries import Level, Origin, as_json, find, to_csv
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
from tce_harness.deidentify.pseudonym_log import PseudonymLog
from tce_harness.deidentify.pseudonyms import PatientKey, PatientPseudonym, Pseudonyms
from tce_harness.deidentify.recovery import Recovery, RecoveryError, restore
from tce_harness.deidentify.subjects import Subjects, load_subjects

__all__ = [
    "Already",
    "Author",
    "Deidentified",
    "Deidentifier",
    "FolderRun",
    "Journal",
    "KeyTransport",
    "Level",
    "Link",
    "Note",
    "NoteKind",
    "Origin",
    "PatientKey",
    "PatientPseudonym",
    "Policy",
    "PseudonymLog",
    "PseudonymLogError",
    "Pseudonyms",
    "Quarantined",
    "Recovery",
    "RecoveryError",
    "Subjects",
    "Trial",
    "as_json",
    "find",
    "find_policy",
    "identifying_part",
    "load_certificate",
    "load_policy",
    "load_private_key",
    "load_subjects",
    "restore",
    "to_csv",
    "with_options",
]
