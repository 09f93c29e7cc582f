"""What the makers of a de-identifier say that it does, and which findings contradict them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from pydicom.datadict import dictionary_VR, keyword_for_tag

from deidentifying.editions import is_of, rows_since
from tce_harness.model.finding import Finding, Severity

_LAST_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)$")


@dataclass(frozen=True, slots=True)
class Documented:
    """What a tool documents that claims no profile of PS3.15.

    Parameters
    ----------
    requirements
        Those that its documentation promises as a whole.
    vrs, keywords
        The attributes that it says are removed or replaced: for them, it must do so wherever they stand.
    """

    requirements: frozenset[str]
    vrs: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()

    def covers(self, requirement: str, finding: Finding) -> bool:
        """Return whether a finding contradicts the documentation."""
        if requirement in self.requirements:
            return True
        last = _LAST_TAG.search(finding.element or "")
        if requirement not in _OF_ATTRIBUTES or last is None or finding.severity is not Severity.FAIL:
            return False
        tag = int("".join(last.groups()), 16)
        return keyword_for_tag(tag) in self.keywords or _vr(tag) in self.vrs


PROFILE = "113100"
_OF_ATTRIBUTES = frozenset({"PS315-D2", "PS315-D21"})
_OF_TABLE = frozenset({*_OF_ATTRIBUTES, "PS315-B1", "TCE-RAD53-013"})
_OF_OPTION = re.compile(r"PS315-(1131\d\d)")


def _is_about_options(requirement: str, finding: Finding, recorded: frozenset[str]) -> bool:
    """Return whether a finding is only about options that the instance does not say were applied."""
    option = _OF_OPTION.match(requirement)
    if option is not None:
        return option.group(1) not in recorded
    return finding.kind == "method-code-missing"


def _vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed of a tool.

    Parameters
    ----------
    says
        In a few words, what its documentation says.
    codes
        Of CID 7050, what it is judged by.
    edition
        Of PS3.15, the nearest to the one that it names.
    documented
        Where it claims no profile; its findings are then counted by this.
    names
        The edition that it names, where the harness has not that one; empty otherwise.
    """

    says: str
    codes: tuple[str, ...] = ("113100",)
    edition: str = "2026d"
    documented: Documented | None = None
    names: str = ""

    @property
    def rows_since(self) -> frozenset[str]:
        """Rows that it is judged by and that the edition which it names had not."""
        return rows_since(self.names or self.edition, self.edition)

    def covers(self, requirement: str, finding: Finding, recorded: frozenset[str]) -> bool:
        """Return whether a finding contradicts what is claimed.

        Parameters
        ----------
        recorded
            Codes in the instance itself. A tool that records its method so claims an option for the instances
            that name it, and for no others.
        """
        if self.documented is not None:
            return self.documented.covers(requirement, finding)
        if requirement in _OF_TABLE and is_of(self.rows_since, f"{finding.row} {finding.element}"):
            return False
        return PROFILE not in recorded or not _is_about_options(requirement, finding, recorded)

    def write(self, path: Path, system: str, version: str) -> Path:
        """Write it as a system file for ``tce check``; JSON is YAML too."""
        document = {
            "system": system,
            "version": version,
            "actors": ["export-manager"],
            "ae_title": "FILES",
            "host": "127.0.0.1",
            "port": 11112,
            "calls": {"archive": {"ae_title": "FILES_TOO", "port": 11113}},
            "deidentification": {"codes": list(self.codes), "edition": self.edition},
            "template": ["base", "rcr-uk"],
        }
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
        return path
