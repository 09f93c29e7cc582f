"""The reference de-identifier."""

from tce_harness.deidentify.certificates import load_certificate, load_private_key
from tce_harness.deidentify.confirmation import (
    Clearance,
    Confirmation,
    confirm_all,
    read_confirmations,
    read_shown,
)
from tce_harness.deidentify.contact_sheet import INDEX, LIST, write_sheets
from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.device_layouts import DeviceLayout, load_device, load_devices
from tce_harness.deidentify.dropped_words import words_to_csv
from tce_harness.deidentify.envelope import KeyTransport
from tce_harness.deidentify.faces import Faces
from tce_harness.deidentify.folder_run import FolderRun
from tce_harness.deidentify.input_files import files_below
from tce_harness.deidentify.kinship import PatientKey
from tce_harness.deidentify.links import Link, identifying_part
from tce_harness.deidentify.log_file import Journal, PseudonymLogError
from tce_harness.deidentify.log_queries import Level, Origin, as_json, find, to_csv
from tce_harness.deidentify.outcome import Deidentified, Note, NoteKind, Quarantined
from tce_harness.deidentify.output_folders import make_folder
from tce_harness.deidentify.policy import (
    Already,
    Author,
    Policy,
    Preview,
    Trial,
    find_policy,
    load_policy,
    with_options,
)
from tce_harness.deidentify.pseudonym_log import PseudonymLog
from tce_harness.deidentify.pseudonyms import PatientPseudonym, Pseudonyms
from tce_harness.deidentify.recovery import Recovery, RecoveryError, restore
from tce_harness.deidentify.regions import Box, Regions, TextBox
from tce_harness.deidentify.subjects import Subjects, load_subjects
from tce_harness.deidentify.text_search import INSTALL, TextSearch
from tce_harness.deidentify.text_search import is_installed as text_search_is_installed

__all__ = [
    "INDEX",
    "INSTALL",
    "LIST",
    "Already",
    "Author",
    "Box",
    "Clearance",
    "Confirmation",
    "Deidentified",
    "Deidentifier",
    "DeviceLayout",
    "Faces",
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
    "Preview",
    "PseudonymLog",
    "PseudonymLogError",
    "Pseudonyms",
    "Quarantined",
    "Recovery",
    "RecoveryError",
    "Regions",
    "Subjects",
    "TextBox",
    "TextSearch",
    "Trial",
    "as_json",
    "confirm_all",
    "files_below",
    "find",
    "find_policy",
    "identifying_part",
    "load_certificate",
    "load_device",
    "load_devices",
    "load_policy",
    "load_private_key",
    "load_subjects",
    "make_folder",
    "read_confirmations",
    "read_shown",
    "restore",
    "text_search_is_installed",
    "to_csv",
    "with_options",
    "words_to_csv",
    "write_sheets",
]
