"""What a pass means, and what was and was not examined: the part of a page that no template may leave out."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from markupsafe import Markup

from tce_harness.model.errors import HarnessError
from tce_harness.model.result import RunResult
from tce_harness.reports.wording import REAL_PATIENTS, shown

NOTICE_ID: Final = "what-a-pass-means"
# Inline and important, so that no style sheet hides the notice by accident.
_SEEN: Final = "display:block!important;visibility:visible!important;opacity:1!important"
_VOID: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)  # elements without an end tag (HTML Living Standard, 13.1.2)


def notice(result: RunResult) -> Markup:
    """Return the sentence and the coverage box as HTML."""
    examined = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(shown(what), shown(amount))
        for what, amount in result.coverage.examined
    ) or Markup("<div><dt>nothing</dt><dd>no verdict of this run rests on an examination</dd></div>")
    left_out = Markup("").join(
        Markup("<li>{}</li>").format(shown(what)) for what in result.coverage.not_examined
    ) or Markup("<li>the run lists nothing that it left out</li>")
    return Markup(
        '<section id="{id}" class="notice" style="{seen}" '
        'aria-label="What a pass means, and what was examined">'
        '<p class="notice-sentence">{sentence}</p>'
        '<div class="coverage">'
        "<div><h2>Examined</h2><dl>{examined}</dl></div>"
        "<div><h2>Not examined</h2><ul>{left_out}</ul></div>"
        "</div></section>"
    ).format(
        id=NOTICE_ID,
        seen=_SEEN,
        sentence=shown(result.pass_means, 2000),
        examined=examined,
        left_out=left_out,
    )


def patient_banner(result: RunResult) -> Markup:
    """Return what marks evidence of real patients, on screen and on each printed page; or nothing."""
    if not result.real_patients:
        return Markup("")
    return Markup(
        '<style>@page{{@top-center{{content:"{text}";font-weight:700;color:#8a1111}}}}</style>'
        '<p class="patients" role="note" style="{seen}"><strong>⚠ {text}.</strong> '
        "Values are withheld here; the evidence folder holds them.</p>"
    ).format(text=REAL_PATIENTS, seen=_SEEN)


def require_notice(page: str) -> None:
    """Make sure that a finished page shows its notice once, as a child of ``main``, outside any comment.

    Raises
    ------
    HarnessError
        When a template has swallowed it, by an open comment or an element that is not closed.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    if reader.places != [("html", "body", "main")]:
        raise HarnessError(
            "the report's templates hide what a pass means and what was examined: look in header.html.j2 "
            "for a comment or an element that is not closed"
        )


class _Reader(HTMLParser):
    """Notes inside which elements the notice stands."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[str, ...]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ("id", NOTICE_ID) in attrs:
            self.places.append(tuple(self._open))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass
