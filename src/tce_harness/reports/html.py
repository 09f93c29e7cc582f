"""One run result as one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from tce_harness.content import Content
from tce_harness.model.errors import HarnessError
from tce_harness.model.finding import Finding
from tce_harness.model.result import CaseResult, Picture, RequirementResult, RuleResult, RunResult, StepResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import wording
from tce_harness.reports.notice import notice, patient_banner, require_notice
from tce_harness.reports.repair_groups import RepairGroup, grouped
from tce_harness.reports.sequence import Drawing, clock, draw_case, draw_exchange, finding_verdict
from tce_harness.reports.withhold import withhold_quotes

MOST_FINDINGS: Final = 25
MOST_MESSAGES: Final = 500

_UNDECIDED: Final = (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_RUN)
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LONGEST_PICTURE: Final = 40_000
_SAFE_PATH: Final = re.compile(r"[A-Za-z0-9_][\w.,=+ -]*(/[\w][\w.,=+ -]*)*")

# The page is laid out here and not in a template, so that none can leave out the notice. Its policy lets it
# load nothing and run no script but its own, whatever a foreign value or a template holds.
_FRAME: Final = Markup(
    "<!DOCTYPE html>\n"
    '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; "
    "script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="referrer" content="no-referrer">\n'
    "<title>{title}</title>\n<style>\n{style}\n</style>\n</head>\n<body>\n{banner}\n<main>\n"
    "{header}\n{notice}\n{body}\n</main>\n{banner}\n<script>{script}</script>\n</body>\n</html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as the page shows it.

    Parameters
    ----------
    anchor
        Its place in the page.
    rules
        Worst first.
    tally
        Verdict and number of its rules, worst first.
    names
        Evidence record to the file that it speaks of, as the user knows it.
    """

    case: CaseResult
    anchor: str
    drawing: Drawing | None
    rules: tuple[RuleResult, ...]
    steps: tuple[StepResult, ...]
    tally: tuple[tuple[Verdict, int], ...]
    names: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """What the templates are given beside the result.

    Parameters
    ----------
    counts
        Verdict and number of requirements, worst first.
    roll_ups
        Verdict and how many of its requirements only sum others up.
    repairs
        What to repair, what is against one element together.
    undecided
        Required requirements that are an error, inconclusive or not run.
    by_id
        Requirements by their id.
    anchors
        Case id to its place in the page.
    pictures
        Case id to the pictures of its pixels.
    documents
        Requirements by the document they stand in, in catalogue order.
    """

    counts: tuple[tuple[Verdict, int], ...]
    roll_ups: dict[Verdict, int]
    repairs: tuple[RepairGroup, ...]
    undecided: tuple[RequirementResult, ...]
    by_id: dict[str, RequirementResult]
    anchors: dict[str, str]
    pictures: dict[str, tuple[Picture, ...]]
    cases: tuple[CaseView, ...]
    documents: tuple[tuple[str, tuple[RequirementResult, ...]], ...]
    exchange: Drawing | None


def to_html(result: RunResult, content: Content) -> str:
    """Return the report as one HTML page that needs no network and no script.

    Parameters
    ----------
    content
        Where the templates, the style sheet and the script lie: ``reports/header.html.j2``,
        ``report.html.j2`` and what they include, ``style.css``, ``filter.js``. A user's own lie over them.

    Raises
    ------
    HarnessError
        When a template is missing or broken, or hides what a pass means.
    """
    result = withhold_quotes(result)
    environment = _environment(content)
    variables = {"result": result, "page": _page_view(result), "words": wording}
    script = content.file("reports/filter.js").read_text(encoding="utf-8")
    page = str(
        _FRAME.format(
            title=wording.shown(f"{result.under_test}: TCE conformance report"),
            hash=Markup(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()),
            style=Markup(content.file("reports/style.css").read_text(encoding="utf-8")),
            banner=patient_banner(result),
            header=_render(environment, "header.html.j2", variables),
            notice=notice(result),
            body=_render(environment, "report.html.j2", variables),
            script=Markup(script),
        )
    )
    require_notice(page)
    return page


class _ContentLoader(BaseLoader):
    """Templates from the content folder ``reports``, a user's own before the shipped ones."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:
        if ".." in template.split("/"):
            raise TemplateNotFound(template)
        try:
            path = self._content.file(f"reports/{template}")
        except HarnessError as error:
            raise TemplateNotFound(template, str(error)) from None
        return path.read_text(encoding="utf-8"), str(path), None


def _environment(content: Content) -> Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=_ContentLoader(content),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
    )
    environment.filters.update(
        actor=wording.actor_name,
        anchor=_anchor,
        counted=wording.counted,
        clock=clock,
        element=wording.element_name,
        link=file_link,
        picture=picture,
        status=wording.status_words,
    )
    environment.globals.update(
        finding_verdict=finding_verdict, most_findings=MOST_FINDINGS, most_messages=MOST_MESSAGES
    )
    return environment


def _finalize(value: object) -> object:
    """Make every value that a template prints showable; what we wrote as HTML is left alone."""
    return wording.shown(str(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _render(environment: Environment, name: str, variables: dict[str, object]) -> Markup:
    try:
        return Markup(environment.get_template(name).render(variables))
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"reports/{getattr(error, 'name', None) or name}" + (f":{line}" if line else "")
        raise HarnessError(f"the report template {where} is broken: {error.message or error}") from None


def file_link(path: str, name: str | None = None) -> Markup:
    """Return a link to a file of the run's folder; text where the path could lead anywhere else.

    Parameters
    ----------
    name
        What to show; the path itself by default.
    """
    text = wording.shown(name or path)
    if len(path) > wording.LONGEST or ".." in path.split("/") or not _SAFE_PATH.fullmatch(path):
        return Markup("<code>{}</code>").format(text)
    return Markup('<a href="{}"><code>{}</code></a>').format(quote(path), text)


def picture(finding: Finding, pictures: Iterable[Picture]) -> Markup:
    """Return the pictures of the pixels that a finding speaks of, before and after; nothing where none is."""
    for each in pictures:
        if each.subject == finding.subject and each.region == finding.region:
            shown = [_image(each.before, "before"), _image(each.after, "after")]
            return Markup('<span class="pictures">{}{}</span>').format(*shown) if all(shown) else Markup("")
    return Markup("")


def _image(png: str, when: str) -> Markup:
    """Return a picture that lies in the page itself; nothing where the text is no PNG in base64."""
    try:
        content = base64.b64decode(png, validate=True)
    except ValueError:
        return Markup("")
    if len(png) > _LONGEST_PICTURE or not content.startswith(_PNG):
        return Markup("")
    return Markup(
        '<span class="picture"><img alt="the pixels {}" src="data:image/png;base64,{}">{}</span>'
    ).format(when, base64.b64encode(content).decode("ascii"), when)


def _anchor(id: str) -> str:
    """Return the place of a requirement in the page, fit for an ``id`` and a link alike."""
    return "requirement-" + re.sub(r"[^A-Za-z0-9.-]", "-", id)[:80]


def _page_view(result: RunResult) -> PageView:
    documents: dict[str, list[RequirementResult]] = {}
    for each in result.requirements:
        documents.setdefault(f"{each.requirement.document}, {each.requirement.edition}", []).append(each)
    cases = tuple(_case_view(case, number) for number, case in enumerate(result.cases, 1))
    return PageView(
        counts=_tally(each.verdict for each in result.requirements),
        roll_ups=dict(_tally(each.verdict for each in result.requirements if each.requirement.proven_by)),
        repairs=grouped(result.repairs),
        undecided=tuple(each for each in result.requirements if each.required and each.verdict in _UNDECIDED),
        by_id={each.requirement.id: each for each in result.requirements},
        anchors={view.case.id: view.anchor for view in cases},
        pictures={case.id: case.pictures for case in result.cases},
        cases=cases,
        documents=tuple((name, tuple(rows)) for name, rows in documents.items()),
        exchange=draw_exchange(result.cases),
    )


def _case_view(case: CaseResult, number: int) -> CaseView:
    return CaseView(
        case=case,
        anchor=f"case-{number}",
        drawing=draw_case(case),
        rules=tuple(sorted(case.rules, key=lambda rule: -rule.verdict.rank)),
        steps=case.steps,
        tally=_tally(rule.verdict for rule in case.rules),
        names=dict(case.names),
    )


def _tally(verdicts: Iterable[Verdict]) -> tuple[tuple[Verdict, int], ...]:
    counts = Counter(verdicts)
    return tuple((verdict, counts[verdict]) for verdict in wording.VERDICTS_BY_GRAVITY if counts[verdict])
