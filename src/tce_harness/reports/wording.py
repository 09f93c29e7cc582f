"""The words that every report uses for verdicts, levels, grades, actors, statuses, and for foreign values."""

from __future__ import annotations

import re
from typing import Final

from pydicom.datadict import dictionary_description, dictionary_has_tag

from tce_harness.model.claims import Option
from tce_harness.model.requirement import Actor, Grade, Level, Testable
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict

LONGEST: Final = 400
TIMES: Final = "\u00d7"

REAL_PATIENTS: Final = "Evidence of real patients: patient data"

NAMES_STAND: Final = (
    "a file name may hold a patient's name, so files are called by numbers here; their names stand in "
    "evidence/log.jsonl, under path"
)

VERDICTS_BY_GRAVITY: Final = tuple(sorted(Verdict, key=lambda verdict: -verdict.rank))

VERDICT_MEANS: Final = {
    Verdict.ERROR: "the harness itself failed; nothing is said of the system",
    Verdict.FAIL: "a requirement is not met; the finding names the evidence",
    Verdict.INCONCLUSIVE: "nothing was there to examine, or what it depends on failed",
    Verdict.NOT_RUN: "not performed, with the reason",
    Verdict.WARNING: "not as asked, where the text is a wish, its evidence weak, or nothing leaked",
    Verdict.ATTESTED: "a person said so; never counted as a pass",
    Verdict.PASS: "examined, and nothing found against it",
    Verdict.NOT_APPLICABLE: "the option is not claimed, or the exchange cannot be observed",
}

GRADE_MEANS: Final = {
    Grade.NORMATIVE: "the text itself was seen",
    Grade.RESTATED: "restated by the profile's authors or testers",
    Grade.IMPLEMENTED: "seen in implementations only, so at worst a warning",
    Grade.MEMORY: "from memory, so at worst a warning",
}

LEVEL_MEANS: Final = {
    Level.SHALL: "an obligation",
    Level.SHOULD: "a wish, so at worst a warning",
    Level.MAY: "allowed, so at worst a warning",
}

TESTABLE_MEANS: Final = {
    Testable.WIRE: "judged on the wire",
    Testable.OBJECT: "judged on the objects",
    Testable.ATTEST: "attested by a person",
    Testable.NO: "not testable",
}

ACTOR_NAMES: Final = {
    Actor.EXPORT_SELECTOR: "Export Selector",
    Actor.EXPORT_MANAGER: "Export Manager",
    Actor.RECEIVER: "Receiver",
}

OPTION_NAMES: Final = {
    Option.ADDITIONAL_TEACHING_FILE_INFORMATION: "Additional Teaching File Information",
    Option.DELAY_FOR_REASON: "Delay for Reason",
    Option.DEIDENTIFY_PIXEL_DATA: "De-identify Pixel Data",
    Option.REMAP_IDENTIFIERS: "Remap Identifiers",
}

TRANSACTION_NAMES: Final = {
    "RAD-50": "Store Instances",
    "RAD-51": "Store Export Selection",
    "RAD-52": "Store Additional Teaching File Information",
    "RAD-53": "Export Instances",
}

_EXIT_MEANS: Final = {
    0: "every required requirement that applies was examined and none failed",
    3: "a required requirement failed",
    4: "a required requirement is inconclusive or was not run",
    5: "a scenario, system file or content file is invalid",
    6: "the harness itself failed",
    7: "the baseline is stale or a case has vanished",
}

_STATUS_CLASSES: Final = (
    (0xA700, 0xA7FF, "refused: out of resources"),
    (0xA900, 0xA9FF, "error: data set does not match"),
    (0xB000, 0xBFFF, "stored, with a warning"),
    (0xC000, 0xCFFF, "error: cannot understand"),
)

# Controls, marks that turn the direction of writing, surrogates and noncharacters: each is illegal or harmful
# in XML or HTML, and hides what a value really holds. Line feed and tabulator may stay.
_UNSHOWABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LAST_TAG: Final = re.compile(r"\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)(?:\[\d+\])?$")


def shown(value: str, longest: int = LONGEST) -> str:
    r"""Return a foreign value as a report may show it.

    Control characters, marks of writing direction and code points that XML forbids are spelled out
    (``\x1b``, ``\u202e``); a value of more than ``longest`` characters is cut, and says how long it was.
    """
    if len(value) > longest:
        value = f"{value[:longest]}… ({len(value)} characters in all)"
    return _UNSHOWABLE.sub(_spelled, value)


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def counted(number: int, unit: str) -> str:
    """Return a number with its unit, the plural taken off for one: ``1 instance``, ``5 instances``."""
    if number == 1 and unit.endswith("s"):
        unit = unit[:-3] + "y" if unit.endswith("ies") else unit[:-1]
    return f"{number} {unit}"


def exit_means(status: int) -> str:
    """Return what an exit status says, in words."""
    return _EXIT_MEANS.get(status, "not a status of this harness")


def nothing_to_repair(result: RunResult) -> str:
    """Return what to say where no finding asks for a repair: not the same where nothing was looked at."""
    if result.obstacles:
        kept = {case for each in result.obstacles for case in each.cases}
        of = f"{len(kept)} of {counted(len(result.cases), 'cases')}"
        return f"{of} could not be judged, so that nobody knows what is to repair."
    if not any(rule.examined for case in result.cases for rule in case.rules):
        return "No check of this run examined anything, so that nobody knows what is to repair."
    return "Nothing to repair: no check of this run found anything against a requirement."


def actor_name(actor: str) -> str:
    """Return an actor as the profile writes it; a word that names none stays as it is."""
    return next((name for known, name in ACTOR_NAMES.items() if known.value == actor), actor)


def element_name(path: str | None) -> str | None:
    """Return the name of the element that a path ends at, from the data dictionary (PS3.6).

    None where there is no path, or the dictionary does not know the element (private ones).
    """
    match = _LAST_TAG.search(path or "")
    if match is None:
        return None
    tag = int(match[1] + match[2], 16)
    return dictionary_description(tag) if dictionary_has_tag(tag) else None


def status_words(status: int | None) -> str:
    """Return a C-STORE status as four hexadecimal digits (PS3.4 Table B.2-1), or that none came."""
    return "no answer" if status is None else f"{status:04X}"


def status_means(status: int | None) -> str:
    """Return the class of a C-STORE status: success, warning, refused, error (PS3.4 section B.2.3)."""
    if status is None:
        return "no answer came"
    if status == 0:
        return "success"
    return next((means for first, last, means in _STATUS_CLASSES if first <= status <= last), "failure")
