"""Which rows of Table E.1-1 the editions have that tools name and that the harness does not judge by.

Between them and the edition that a tool is judged by the table grew; what only the later one asks is told
apart from what contradicts the tool's claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from tce_harness.standard.confidentiality import PRIVATE, table

_TAG = re.compile(r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)")

# All rows of the table of 2008, the first that there was.
_ROWS_OF_2008 = """
0008: 0014 0018 0050 0080 0081 0090 0092 0094 1010 1030 103E 1040 1048 1050 1060 1070 1080 1155 2111
0010: 0010 0020 0030 0032 0040 1000 1001 1010 1020 1030 1090 2160 2180 21B0 4000
0018: 1000 1030
0020: 000D 000E 0010 0052 0200 4000
0040: 0275 A124 A730
0088: 0140
3006: 0024 00C2
"""

# Rows of 2023b that 2021b had not. Orthanc's own table of 2021b leaves exactly these as they are.
_NOT_YET_IN_2021B = """
0008: 0012 0013 0017 0019 0054 0055 0106 0107 1000 1088
0012: 0086 0087
0014: 407C 407E
0018: 0027 0035 1012 1014 1042 1043 1072 1073 1078 1079 1200 1201 1202 1203 700C 700E 9074 9151 9623 9701
0018: 9804 9919 A002
0020: 0027 3403 3405
0032: 0032 0033 0034 0035 1000 1001 1010 1011 1040 1041 1050 1051
0038: 001A 001B 001C 001D 0030 0032
003A: 0329 032B
0040: 2004 2005 A023 A024 A030 A032 A033 A082 A110 A112 A120 A121 A122 A13A DB06 DB07 E004
0042: 0011
0044: 0004 000B 0010 0104 0105
0064: 0003
0068: 6226 6270
006A: 0003 0005 0006
0070: 0082 0083
0072: 000A 005E 005F 0061 0063 0065 0066 0068 006A 006B 006C 006D 006E 0070 0071
0074: 1234 1236
0100: 0420
0400: 0105 0115 0310 0562 0563 0564 0565
2100: 0040 0050 0070 0140
3002: 0121 0123
3008: 0024 0025 0162 0164 0166 0168
300A: 000B 022C 022E 0785 078E 0792 0794 079A
300C: 0127
300E: 0004 0005
3010: 0085
4008: 0040 0100 0101 0108 0109 0112 0113 0200
"""


def _listed(rows: str) -> Iterator[str]:
    for line in rows.split("\n"):
        group, _, elements = line.partition(":")
        yield from (f"({group},{element})" for element in elements.split())


@cache
def rows_since(named: str, judged: str) -> frozenset[str]:
    """Return the rows of the edition that a tool is judged by which the edition that it names had not.

    Raises
    ------
    ValueError
        For an edition whose rows are not known here.
    """
    rows = {row.key for row in table(judged).rows} - {PRIVATE}
    if named == judged:
        return frozenset()
    if named == "2008":
        return frozenset(rows - set(_listed(_ROWS_OF_2008)))
    if named == "2021b" and judged == "2023b":
        return frozenset(_listed(_NOT_YET_IN_2021B)) & rows
    raise ValueError(f"nobody has listed which rows of {judged} {named} had not")


def is_of(rows: frozenset[str], path: str | None) -> bool:
    """Return whether a path of elements has one of some rows in it; an overlay is of its repeating group."""
    for tag in _TAG.findall((path or "").upper()):
        repeating = f"({tag[1:3].lower()}xx,{tag[6:]}" if tag[1:3] in ("50", "60") else tag
        curve = "(50xx,xxxx)" if tag[1:3] == "50" else tag
        if rows & {tag, repeating, curve}:
            return True
    return False
