"""A policy compiled into what to do with each attribute at each place of each IOD."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from pydicom.datadict import dictionary_has_tag, keyword_for_tag

from tce_harness.deidentify.dates import TEMPORAL_VRS, TIME_ZONE, time_of_dates
from tce_harness.deidentify.options import deciding
from tce_harness.deidentify.policy import Policy
from tce_harness.standard.attribute_types import attribute_types
from tce_harness.standard.confidentiality import ConfidentialityTable, OptionColumn, Row, table

MUST_HAVE_VALUE = frozenset({"1", "1C"})
MAY_BE_EMPTY = frozenset({"2", "2C"})

#: UIDs that name a class, a syntax or a coding resource and no instance; never touched (D8).
STRUCTURAL_UIDS = frozenset(
    {
        0x00080016,  # SOP Class UID
        0x0008001A,  # Related General SOP Class UID
        0x0008001B,  # Original Specialized SOP Class UID
        0x00080062,  # SOP Classes Supported
        0x0008010C,  # Coding Scheme UID
        0x00080117,  # Context UID
        0x00080118,  # Mapping Resource UID
        0x00081150,  # Referenced SOP Class UID
        0x0008115A,  # SOP Classes in Study
        0x00083002,  # Available Transfer Syntax UID
        0x04000010,  # MAC Calculation Transfer Syntax UID
        0x04000510,  # Encrypted Content Transfer Syntax UID
    }
)
URN_CODE_VALUE = 0x00080120
ENCRYPTED_ATTRIBUTES = 0x04000500
PRIVATE_CHARACTERISTICS = 0x00080300
#: VRs that can tell who, where or when; unlisted attributes of these go unless the IOD demands them (D14).
TELLING_VRS = frozenset({"PN", "DA", "TM", "DT", "UR", "AE", "UN"})
#: VRs for sentences, and how the attributes of short text are named in which people write what they like.
SENTENCE_VRS = frozenset({"LT", "ST", "UC", "UT"})
_WRITTEN_BY_PEOPLE = re.compile(
    "(Description|Comments?|Label|Title|Reason|Summary|Indicator|InAlternativeCalendar|HistoryText)$"
)
#: Attributes that look so, and that devices and programs fill.
_WRITTEN_BY_DEVICES = frozenset(
    {
        "AlgorithmParameters", "BatteryLevel", "CodingSchemeExternalID",
        "ConceptualVolumeCombinationExpression", "DetectorDescription", "DetectorMode",
        "DeviceAlternateIdentifierFormat", "DimensionDescriptionLabel", "EXIFVersion",
        "ExposureControlModeDescription", "FieldOfViewDescription", "GridAbsorbingMaterial",
        "GridSpacingMaterial", "IntendedStartDayOfWeek", "LongCodeValue", "MetaboliteMapDescription",
        "OECFColumnNames", "PaddleDescription", "PixelSpacingCalibrationDescription",
        "PrivateDataElementEncoding", "PrivateDataElementKeyword",
        "SpatialFrequencyResponseColumnNames", "SpectralSensitivity",
    }
)  # fmt: skip
#: VRs that are harmless also where the IOD does not define the attribute.
NUMERIC_VRS = frozenset({"AT", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV", "US or SS"})


_FULL = OptionColumn.RETAIN_LONGITUDINAL_FULL_DATES
_MODIFIED = OptionColumn.RETAIN_LONGITUDINAL_MODIFIED_DATES


class Action(Enum):
    """What becomes of an element.

    KEEP is for what nothing speaks against, RETAIN for what a claimed option has to keep.
    """

    KEEP = auto()
    RETAIN = auto()
    REMOVE = auto()
    EMPTY = auto()
    DUMMY = auto()
    CLEAN = auto()
    MAP_UID = auto()
    SHIFT = auto()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an element.

    Parameters
    ----------
    fallback
        What to do where cleaning leaves nothing, or where an element that may stay holds an identifying
        value.
    listed
        Whether a row of Table E.1-1 says so.
    """

    action: Action
    fallback: Action
    listed: bool


def resolve(code: str, types: frozenset[str]) -> Action:
    """Resolve a code of Table E.1-1, compound or not, by the Types that the IOD gives the attribute there.

    Rules D2, D5 and D6 of Annex E: what the IOD does not define there may go; a value that it demands is
    replaced by a dummy, also where the table only says remove. A sequence under X/Z/U* stays unless it is
    optional, as other parts of the instance may count on its references (Common Instance Reference Module).

    Parameters
    ----------
    code
        Such as ``X/Z/D``.
    types
        Several where modules differ; the most demanding counts.
    """
    if code == "U":
        return Action.MAP_UID
    if not types:
        return Action.REMOVE
    least = demanded(types - {"1C"} if code == "X" else types)
    if code == "X":
        return least
    if code.endswith("U*"):
        # the UIDs within are replaced where the items are entered
        return Action.REMOVE if least is Action.REMOVE else Action.KEEP
    if code == "D" or (least is Action.EMPTY and "Z" not in code):
        return Action.DUMMY
    return Action.EMPTY if least is Action.REMOVE and "X" not in code else least


def demanded(types: frozenset[str]) -> Action:
    """Return how to be rid of a value while the instance stays valid."""
    if types & MUST_HAVE_VALUE:
        return Action.DUMMY
    return Action.EMPTY if types & MAY_BE_EMPTY else Action.REMOVE


@dataclass(frozen=True, slots=True)
class Retained:
    """What a policy retains, and what therefore counts as identifying nobody.

    Parameters
    ----------
    columns
        The options claimed.
    tags
        Attributes that an option keeps.
    uids
        Whether UIDs stay.
    dates
        Whether dates stay, moved or not.
    """

    columns: frozenset[OptionColumn] = frozenset()
    tags: frozenset[int] = frozenset()
    uids: bool = False
    dates: bool = False


class Plan:
    """Decisions of one policy, each made once for an attribute at a place of a SOP class."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._table: ConfidentialityTable = table(policy.edition)
        self._columns = frozenset(policy.columns)
        self._made: dict[tuple[str, tuple[int, ...], str], Decision] = {}
        self.retained = self._retained()
        #: Attributes whose new value depends on another one's of the same data set, and that one. What every
        #: other element becomes depends on the instance's identity and patient alone.
        self.companions: Mapping[int, int] = time_of_dates() if _MODIFIED in self._columns else {}

    def _retained(self) -> Retained:
        claims = self.policy.claims
        kept = (row.tag for row in self._table.rows if self._code(row)[1] == "K")
        return Retained(
            columns=self._columns,
            tags=frozenset(tag for tag in kept if tag is not None),
            uids=claims(OptionColumn.RETAIN_UIDS),
            dates=claims(_FULL) or claims(_MODIFIED),
        )

    def decision(self, sop_class_uid: str, path: tuple[int, ...], vr: str) -> Decision:
        """Return what to do with the element at the end of a path of tags.

        `Action.CLEAN` of a private element says that those known to be safe stay; which they are depends on
        the creators of its data set.
        """
        key = (sop_class_uid, path, vr)
        if key not in self._made:
            self._made[key] = self._decide(sop_class_uid, path, vr)
        return self._made[key]

    @property
    def keeps_private(self) -> bool:
        """Whether private elements may stay, which depends on others of their data set."""
        return OptionColumn.RETAIN_SAFE_PRIVATE in self._columns

    def _decide(self, sop_class_uid: str, path: tuple[int, ...], vr: str) -> Decision:
        tag = path[-1]
        types = attribute_types(sop_class_uid, path)
        row = self._table.row_for(tag)
        if _goes_always(tag) or (tag == PRIVATE_CHARACTERISTICS and not self.keeps_private):
            return Decision(Action.REMOVE, Action.REMOVE, listed=row is not None)
        if row is not None and path == (TIME_ZONE,) and vr == "SH" and self._code(row)[0] is _MODIFIED:
            # whatever is told in the zone is moved as Universal Time, see `time_zones`
            return Decision(Action.DUMMY, resolve(row.basic, types), listed=True)
        if row is not None:
            return self._listed(tag, vr, row, types)
        return Decision(self._unlisted(tag, vr, types), demanded(types), listed=False)

    def _code(self, row: Row) -> tuple[OptionColumn | None, str]:
        return deciding(row.options, self._columns) or (None, "")

    def _listed(self, tag: int, vr: str, row: Row, types: frozenset[str]) -> Decision:
        basic = resolve(row.basic, types)
        match self._code(row):
            case (_, "K"):
                return Decision(Action.RETAIN, basic, listed=True)
            case (OptionColumn.RETAIN_LONGITUDINAL_MODIFIED_DATES, _):
                if vr in TEMPORAL_VRS:
                    return Decision(Action.SHIFT, basic, listed=True)
                # what is neither is not moved: it goes as the profile says
                return Decision(basic, basic, listed=True)
            case (_, "C") if types or tag >> 16 & 1:
                return Decision(Action.CLEAN, basic, listed=True)
        return Decision(basic, basic, listed=True)

    def by_vr(self, vr: str) -> Action:
        """Return what becomes of a date, time or UID that is known by its VR alone."""
        if vr == "UI":
            return Action.KEEP if self.retained.uids else Action.MAP_UID
        if not self.retained.dates:
            return Action.REMOVE
        return Action.SHIFT if _MODIFIED in self._columns else Action.KEEP

    def _unlisted(self, tag: int, vr: str, types: frozenset[str]) -> Action:
        if vr == "UI" and self.retained.uids and dictionary_has_tag(tag):
            return Action.KEEP
        if types and vr in TEMPORAL_VRS and self.retained.dates:
            return self.by_vr(vr)
        return _unlisted(tag, vr, types)


def _goes_always(tag: int) -> bool:
    """Tell what no output needs: command, file meta and directory groups, group lengths, curves, overlays.

    Encrypted originals of an earlier step go as well: their reader would not know of this one.

    An overlay without its data is not valid, so all of its group goes; whether a plane shows text only a
    person can tell, so it goes under Clean Graphics too.
    """
    group = tag >> 16
    if group in (0x0000, 0x0002, 0x0004) or group >> 8 in (0x50, 0x60):
        return True
    return not tag & 0xFFFF or tag == ENCRYPTED_ATTRIBUTES


def _unlisted(tag: int, vr: str, types: frozenset[str]) -> Action:
    if not dictionary_has_tag(tag):
        return Action.REMOVE
    if vr == "UI":
        return Action.KEEP if tag in STRUCTURAL_UIDS else Action.MAP_UID
    if vr in NUMERIC_VRS:
        return Action.KEEP
    if not types:
        return Action.REMOVE
    if vr in TELLING_VRS and tag != URN_CODE_VALUE:
        return demanded(types)
    return Action.CLEAN if _is_written_by_people(tag, vr) else Action.KEEP


def _is_written_by_people(tag: int, vr: str) -> bool:
    """Tell an unlisted text that may hold anything from one that a device or program fills.

    Clean Descriptors speaks of every text attribute (E.3.5), and the table is the least that must be done.
    """
    keyword = keyword_for_tag(tag)
    if vr not in SENTENCE_VRS and not (vr in ("LO", "SH") and _WRITTEN_BY_PEOPLE.search(keyword)):
        return False
    return keyword not in _WRITTEN_BY_DEVICES
