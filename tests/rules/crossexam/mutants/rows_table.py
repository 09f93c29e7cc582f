"""Rows of Table E.1-1: each action code, at each depth, done too little, too much or in another way."""

from __future__ import annotations

from mutant import (
    BASIC,
    INVALID,
    KEPT,
    PRIVATE,
    REFERS,
    SURVIVES,
    UID_KEPT,
    UID_LEFT,
    Change,
    Mutant,
    back,
    claiming,
    drop,
    put,
)

_EMPTIED = "PS315-D2 emptied-not-removed"
_REPLACED = "PS315-D2 replaced-not-removed"
_MISSING = "PS315-D2 replacement-missing"
_EMPTY = "PS315-D2 replacement-empty"
_LOST = "PS315-D2 retained-value-lost"
_CHANGED = "PS315-D2 retained-value-changed"
_IN_REPORTS = (KEPT, SURVIVES, "PS315-113104 not-cleaned", "PS315-113104 content-item-kept")
_SHORT = "the oracle is asked for eight characters and more"
_NO_TEXT = "bytes that are no text"
_REST = "a claimed option retains the rest"
_NESTED_NAME = "(0040,0275)[1]/(0040,0008)[1]/(0040,0440)[1]/(0040,0441)[1]/(0040,A123)"


def _kept(name: str, path: str, *fails: str, of: str = "image", blind: str = "") -> Mutant:
    """Return the mutant that keeps an original value where the table names it."""
    return Mutant(name=f"{name} kept", of=of, change=back(path), fails=fails or (KEPT, SURVIVES), blind=blind)


def _other(
    name: str, change: Change, warns: tuple[str, ...], of: str = "image", fails: tuple[str, ...] = ()
) -> Mutant:
    return Mutant(name=name, of=of, change=change, warns=warns, fails=fails)


KEPT_VALUES = (
    _kept("Z: patient's name", "(0010,0010)"),
    _kept("Z/D: patient ID", "(0010,0020)"),
    _kept("Z: birth date", "(0010,0030)"),
    _kept("Z: sex, too short to be searched", "(0010,0040)", KEPT, blind=_SHORT),
    _kept("Z: study date", "(0008,0020)"),
    _kept("Z: study time", "(0008,0030)"),
    _kept("Z: accession number", "(0008,0050)"),
    _kept("Z: referring physician", "(0008,0090)"),
    _kept("Z: study ID", "(0020,0010)"),
    _kept("Z/D: content date", "(0008,0023)"),
    _kept("Z/D: contrast agent", "(0018,0010)"),
    _kept("X: other names", "(0010,1001)"),
    _kept("X: age, too short to be searched", "(0010,1010)", KEPT, blind=_SHORT),
    _kept("X: weight, a number", "(0010,1030)", KEPT, blind=_SHORT),
    _kept("X: address", "(0010,1040)"),
    _kept("X: telephone (SH)", "(0010,2154)"),
    _kept("X: history (LT)", "(0010,21B0)"),
    _kept("X: comments (LT)", "(0010,4000)"),
    _kept("X: study description (LO)", "(0008,1030)"),
    _kept("X: physicians of record (PN, several)", "(0008,1048)"),
    _kept("X: station AE title (AE)", "(0008,0055)"),
    _kept("X: institution address (ST)", "(0008,0081)"),
    _kept("X: time zone (SH)", "(0008,0201)", blind=_SHORT),
    _kept("X: calibration date (DA)", "(0018,1200)"),
    _kept("X: contrast start (TM)", "(0018,1042)"),
    _kept("X: gantry (LO)", "(0018,1008)"),
    _kept("X: reason for visit (UT)", "(0032,1066)"),
    _kept("X: image comments", "(0020,4000)"),
    _kept("X/Z: procedure description", "(0032,1060)"),
    _kept("X/D: creation date", "(0008,0012)"),
    _kept("X/D: protocol name", "(0018,1030)"),
    _kept("X/Z/D: creation time", "(0008,0013)"),
    _kept("X/Z/D: institution", "(0008,0080)"),
    _kept("X/Z/D: operators (PN, several)", "(0008,1070)"),
    _kept("X/Z/D: serial number", "(0018,1000)"),
    _kept("X/Z/D: acquisition moment (DT)", "(0008,002A)"),
    _kept("X: other IDs in their sequence", "(0010,1002)"),
    Mutant(name="X: physician's identification kept, names in the meaning of its code", of="image",
           change=back("(0008,0096)"), fails=(KEPT, SURVIVES)),
    _kept("X: request attributes, whole", "(0040,0275)", KEPT, SURVIVES, PRIVATE, UID_LEFT, UID_KEPT,
          REFERS),
    _kept("X: one value of a removed sequence", "(0040,0275)[1]/(0032,1060)"),
    _kept("D: a name four sequences down", _NESTED_NAME, KEPT, SURVIVES, INVALID),
    _kept("X: original attributes", "(0400,0561)"),
    _kept("X: name in the original attributes", "(0400,0561)[1]/(0400,0550)[1]/(0010,0010)",
          KEPT, SURVIVES, INVALID),
    _kept("X: icon", "(0088,0200)", KEPT, of="film", blind=_NO_TEXT),
    _kept("X: contribution moment in a kept sequence", "(0018,A001)[1]/(0018,A002)"),
    _kept("X/Z/D: operators in a kept sequence", "(0018,A001)[1]/(0008,1070)"),
    _kept("X: curve label", "(5000,2500)", of="film"),
    _kept("X: curve data", "(5000,3000)", KEPT, of="film", blind=_NO_TEXT),
    _kept("X: overlay data", "(6000,3000)", KEPT, INVALID, of="film", blind=_NO_TEXT),
    _kept("X: overlay comments", "(6000,4000)", of="film"),
    _kept("D: name of the observer in a report", "(0040,A730)[3]/(0040,A123)", *_IN_REPORTS, of="report"),
    _kept("D: date inside a report", "(0040,A730)[7]/(0040,A730)[2]/(0040,A121)", *_IN_REPORTS,
        of="report"),
    _kept("D: frame acquisition moment", "(5200,9230)[2]/(0020,9111)[1]/(0018,9074)", of="enhanced"),
    _kept("X: frame comments", "(5200,9230)[2]/(0020,9111)[1]/(0020,9158)", of="enhanced"),
    _kept("Z: requests of a key object note", "(0040,A370)[1]/(0008,0050)", of="note"),
    _kept("D: content date of a note", "(0008,0023)", of="note"),
    _kept("X: creation date of a presentation", "(0070,0082)", of="state"),
    Mutant(name="D: annotation texts kept", of="state", change=back("(0070,0001)[1]/(0070,0008)"),
           fails=(KEPT, SURVIVES), warns=("PS315-D2 rewritten-without-claim",)),
    _kept("Z/D: content creator", "(0070,0084)", of="state"),
    _kept("Z: Japanese name", "(0010,0010)", of="film"),
    _kept("U: device UID", "(0018,1002)", KEPT, SURVIVES, UID_KEPT),
    _kept("U: irradiation event", "(0008,3010)", KEPT, SURVIVES, UID_KEPT),
    _kept("U: frame of reference", "(0020,0052)", KEPT, SURVIVES, UID_KEPT, UID_LEFT),
    _kept("U: study", "(0020,000D)", KEPT, SURVIVES, UID_KEPT, UID_LEFT),
    _kept("U: series", "(0020,000E)", KEPT, SURVIVES, UID_KEPT, UID_LEFT),
    _kept("U: instance", "(0008,0018)", KEPT, SURVIVES, UID_KEPT, UID_LEFT),
    _kept("U: observation", "(0040,A730)[7]/(0040,A730)[1]/(0040,A171)", KEPT, SURVIVES, UID_KEPT,
          of="report"),
    _kept("U: dimension organisation", "(0020,9221)[1]/(0020,9164)", KEPT, SURVIVES, UID_KEPT, of="enhanced"),
)  # fmt: skip

OTHER_OUTCOMES = (
    _other("X emptied", put("(0008,1030)", "", "LO"), (_EMPTIED,)),
    _other("X replaced", put("(0008,1030)", "removed by the gateway", "LO"), (_REPLACED,)),
    _other("X sequence left empty", put("(0010,1002)", [], "SQ"), (_EMPTIED,), fails=(INVALID,)),
    _other("Z of Type 2 removed", drop("(0008,0090)"), (_MISSING,), fails=(INVALID,)),
    _other("Z/D of Type 1 emptied", put("(0008,0023)", ""), (_EMPTY,), of="note", fails=(INVALID,)),
    _other("Z/D of Type 1 removed", drop("(0008,0023)"), (_MISSING,), of="note", fails=(INVALID,)),
    _other("D of Type 1 removed", drop("(0070,0001)[1]/(0070,0009)[1]/(0070,0023)"), (), of="state",
           fails=(INVALID,)),
    _other("a UID emptied", put("(0020,0052)", ""), (_EMPTY,), fails=(INVALID,)),
    _other("a series UID removed", drop("(0020,000E)"), (_MISSING,), fails=(INVALID,)),
    Mutant(name="what no row names is removed: modality", of="image", change=drop("(0008,0060)"),
           fails=(INVALID,)),
    Mutant(name="what no row names is removed: value type", of="note", change=drop("(0040,A040)"),
           fails=(INVALID,)),
    Mutant(name="an enumerated value is replaced", of="image", change=put("(0028,0301)", "MAYBE"),
           fails=(INVALID,)),
    Mutant(name="a date that is none", of="note", change=put("(0008,0023)", "1985"), fails=(INVALID,)),
)  # fmt: skip

_CHARACTERISTICS = back(
    "(0010,0040)", "(0010,1010)", "(0010,1020)", "(0010,2160)", "(0010,21A0)", "(0010,1030)"
)
_INSTITUTION = back(
    "(0008,0080)", "(0008,0081)", "(0008,0082)", "(0008,1040)", "(0018,A001)[1]/(0008,0080)",
    "(0018,A001)[1]/(0008,0081)",
)  # fmt: skip

RETAINED = (
    Mutant(name="K: characteristics retained but the weight", of="image", claims=(*BASIC, "113108"),
           change=claiming("113108", "Retain Patient Characteristics Option", _CHARACTERISTICS,
                           drop("(0010,1030)")),
           fails=(_LOST, "PS315-113108 retained-value-lost"), blind=_REST),
    Mutant(name="K: weight retained as another weight", of="image", claims=(*BASIC, "113108"),
           change=claiming("113108", "Retain Patient Characteristics Option", _CHARACTERISTICS,
                           put("(0010,1030)", "60")),
           fails=(_CHANGED, "PS315-113108 retained-value-changed"), blind=_REST),
    Mutant(name="K: nothing of a claimed option done", of="image", claims=(*BASIC, "113108"),
           change=claiming("113108", "Retain Patient Characteristics Option"),
           fails=(_LOST, "PS315-113108 retained-value-lost")),
    Mutant(name="K: institution retained, and the physician too", of="image", claims=(*BASIC, "113112"),
           change=claiming("113112", "Retain Institution Identity Option", _INSTITUTION,
                           back("(0008,0090)")),
           fails=(KEPT, SURVIVES)),
    Mutant(name="K: the institution of the equipment's item lost", of="image", claims=(*BASIC, "113112"),
           change=claiming("113112", "Retain Institution Identity Option", _INSTITUTION,
                           drop("(0018,A001)[1]/(0008,0080)")),
           fails=(_LOST, "PS315-113112 retained-value-lost"), blind=_REST),
)  # fmt: skip

ROWS = (*KEPT_VALUES, *OTHER_OUTCOMES, *RETAINED)
