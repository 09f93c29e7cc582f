"""Where everything stands in the drawing of a case's messages, and in that of the whole exchange.

Widths are given in per cent of the drawing and heights in pixels, so that the text keeps its
size on a phone and on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from tce_harness.model.finding import Finding, Severity
from tce_harness.model.record import Role
from tce_harness.model.requirement import Actor
from tce_harness.model.result import CaseResult, Message, RuleResult
from tce_harness.model.verdict import Verdict, worst
from tce_harness.reports.wording import (
    ACTOR_NAMES,
    TIMES,
    TRANSACTION_NAMES,
    counted,
    shown,
    status_means,
    status_words,
)

MOST_ARROWS: Final = 40
_HEAD: Final = 74
_ROW: Final = 50
_FOOT: Final = 14
_COLUMN: Final = 128
_LABEL: Final = 43
_NAME: Final = 17

Marks = Mapping[str, Mapping[str, Verdict]]
_Stream = tuple[str, Actor, Actor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifeline:
    """One role: its place in per cent from the left, and the lines of text in its box."""

    x: float
    name: str
    part: str
    role: str
    under_test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One message, or several alike.

    Parameters
    ----------
    start, end
        Places of sender and receiver in per cent from the left.
    y
        Pixels from the top.
    time
        Of the first message, ``HH:MM:SS.s``.
    above, below
        The text on either side of the line.
    mark
        The worst that findings say about these messages; None where there is no finding.
    title
        Everything in one sentence, for a pointer and for a screen reader.
    """

    start: float
    end: float
    y: int
    time: str
    above: str
    below: str
    mark: Verdict | None
    title: str

    @property
    def middle(self) -> float:
        """Where the text is centred, in per cent."""
        return (self.start + self.end) / 2

    @property
    def direction(self) -> int:
        """1 where it points to the right, -1 where it points to the left."""
        return 1 if self.end >= self.start else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Lifelines and arrows with the drawing's measures.

    Parameters
    ----------
    height, least_width
        In pixels; narrower than that it has to be scrolled.
    left_out
        How many messages come after the last arrow that is drawn.
    """

    lifelines: tuple[Lifeline, ...]
    arrows: tuple[Arrow, ...]
    height: int
    least_width: int
    left_out: int


def finding_verdict(rule: RuleResult, finding: Finding) -> Verdict | None:
    """Return what one finding amounts to once its rule's verdict has been capped; None for a mere remark."""
    if finding.severity is Severity.INFO:
        return None
    failed = finding.severity is Severity.FAIL and rule.verdict is Verdict.FAIL
    return Verdict.FAIL if failed else Verdict.WARNING


def marks(case: CaseResult) -> Marks:
    """Return, for each evidence record that findings rest on, the requirements and how they fared."""
    found: dict[str, dict[str, Verdict]] = {}
    for rule in case.rules:
        for finding in rule.findings:
            verdict = finding_verdict(rule, finding)
            for record in finding.evidence if verdict else ():
                known = found.setdefault(record, {})
                known[rule.requirement] = worst(filter(None, (verdict, known.get(rule.requirement))))
    return found


def draw_case(case: CaseResult) -> Drawing | None:
    """Return the sequence of a case's messages; messages in a row that are alike become one arrow.

    None where the case exchanged no message.
    """
    if not case.messages:
        return None
    found = marks(case)
    names = _role_names(case)
    places = _places(names)

    def alike(message: Message) -> tuple[object, ...]:
        return (
            message.transaction, message.sender, message.receiver, message.sop_class, message.status,
            frozenset(found.get(message.evidence, {}).items()),
        )  # fmt: skip

    groups = [tuple(group) for _, group in groupby(case.messages, key=alike)]
    drawn = groups[:MOST_ARROWS]
    arrows = tuple(
        _case_arrow(group, found.get(group[0].evidence, {}), places, _HEAD + _ROW * row + 24)
        for row, group in enumerate(drawn)
    )
    roles = {role.name: role for role in case.roles}
    return _drawing(
        tuple(_lifeline(name, roles.get(name), places[name]) for name in names),
        arrows,
        left_out=sum(len(group) for group in groups[MOST_ARROWS:]),
    )


def _role_names(case: CaseResult) -> list[str]:
    """Return the roles from left to right: as the transactions flow, then who is no role of the case."""
    order = list(Actor)
    names = [role.name for role in sorted(case.roles, key=lambda role: order.index(role.actor))]
    for message in case.messages:
        names += [name for name in (message.sender, message.receiver) if name not in names]
    return list(dict.fromkeys(names))


def _places(names: Sequence[str]) -> dict[str, float]:
    return {name: round((index + 0.5) / len(names) * 100, 2) for index, name in enumerate(names)}


def _lifeline(name: str, role: Role | None, x: float) -> Lifeline:
    part = "no role of this case"
    if role is not None:
        part = "under test" if role.under_test else "simulated"
    return Lifeline(
        x=x,
        name=_short(ACTOR_NAMES[role.actor] if role else name, _NAME),
        part=part,
        role=_short(name, _NAME),
        under_test=role is not None and role.under_test,
    )


def _case_arrow(
    group: Sequence[Message], found: Mapping[str, Verdict], places: Mapping[str, float], y: int
) -> Arrow:
    first = group[0]
    mark = worst(found.values()) if found else None
    flag = f" · {mark.symbol} {counted(len(found), 'requirements')}" if mark else ""
    status, means = status_words(first.status), status_means(first.status)
    if mark is None and first.status:
        flag = f" · {means.partition(':')[0]}"
    labels = ", ".join(dict.fromkeys(message.label for message in group if message.label))
    title = (
        f"{first.time}: {first.sender} to {first.receiver}, {first.transaction} "
        f"{TRANSACTION_NAMES.get(first.transaction, '')}, {len(group)} {TIMES} {first.sop_class}, "
        f"status {status} ({means})"
        + (f"; {labels}" if labels else "")
        + (f"; {mark.value}: {', '.join(found)}" if mark else "")
    )
    return Arrow(
        start=places[first.sender],
        end=places[first.receiver],
        y=y,
        time=clock(first.time),
        above=_short(f"{len(group)} {TIMES} {first.sop_class}", _LABEL),
        below=_short(f"{first.transaction} → {status}{flag}", _LABEL),
        mark=mark or (None if first.status == 0 else Verdict.WARNING),
        title=shown(title),
    )


def draw_exchange(cases: Iterable[CaseResult]) -> Drawing | None:
    """Return who sent what to whom over the whole run, one arrow for each transaction.

    None where nothing was exchanged, as in a check of folders.
    """
    cases = tuple(cases)
    streams = _streams(cases)
    if not streams:
        return None
    under_test = {role.actor for case in cases for role in case.roles if role.under_test}
    places = _places([actor.value for actor in Actor])
    lifelines = tuple(
        Lifeline(
            x=places[actor.value],
            name=ACTOR_NAMES[actor],
            part="under test" if actor in under_test else "simulated",
            role="",
            under_test=actor in under_test,
        )
        for actor in Actor
    )
    arrows = tuple(
        _total_arrow(stream, verdicts, places, _HEAD + _ROW * row + 14)
        for row, (stream, verdicts) in enumerate(sorted(streams.items()))
    )
    return _drawing(lifelines, arrows)


def _streams(cases: Iterable[CaseResult]) -> dict[_Stream, list[Verdict | None]]:
    """Return transaction, sender and receiver with what findings say about each of their messages."""
    streams: dict[_Stream, list[Verdict | None]] = {}
    for case in cases:
        found = marks(case)
        actors = {role.name: role.actor for role in case.roles}
        for message in case.messages:
            if message.sender in actors and message.receiver in actors:
                stream = (message.transaction, actors[message.sender], actors[message.receiver])
                verdicts = found.get(message.evidence, {}).values()
                streams.setdefault(stream, []).append(worst(verdicts) if verdicts else None)
    return streams


def _total_arrow(
    stream: _Stream, verdicts: Sequence[Verdict | None], places: Mapping[str, float], y: int
) -> Arrow:
    transaction, sender, receiver = stream
    flagged = [verdict for verdict in verdicts if verdict]
    mark = worst(flagged) if flagged else None
    flag = f" · {mark.symbol} {len(flagged)} with findings" if mark else ""
    name = TRANSACTION_NAMES.get(transaction, "")
    return Arrow(
        start=places[sender.value],
        end=places[receiver.value],
        y=y,
        time="",
        above=_short(f"{len(verdicts)} {TIMES} {transaction}{flag}", _LABEL),
        below=_short(name, _LABEL),
        mark=mark,
        title=f"{transaction} {name}: {counted(len(verdicts), 'messages')} from {ACTOR_NAMES[sender]} to "
        f"{ACTOR_NAMES[receiver]}{flag}",
    )


def _drawing(lifelines: tuple[Lifeline, ...], arrows: tuple[Arrow, ...], left_out: int = 0) -> Drawing:
    return Drawing(
        lifelines=lifelines,
        arrows=arrows,
        height=_HEAD + _ROW * len(arrows) + _FOOT,
        least_width=_COLUMN * len(lifelines),
        left_out=left_out,
    )


def _short(text: str, longest: int) -> str:
    text = shown(text)
    if len(text) > longest:
        text = text.removesuffix(" Storage")
    return text if len(text) <= longest else text[: longest - 1] + "…"


def clock(time: str) -> str:
    """Return the time of day of an ISO 8601 time to a tenth of a second; anything else cut short."""
    day, separator, rest = time.partition("T")
    return rest.rstrip("Z").removesuffix("+00:00")[:10] if separator else shown(day)[:10]
