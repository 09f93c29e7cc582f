"""The figures as a page of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pixel_figures.figures import Counted, Figures
from pixel_figures.judging import REQUIREMENT, Verdict

_HEAD = """\
# Burned-in text in pixels

Written by `benchmarks/pixels.py`; do not edit. The images are synthetic: names, numbers, dates and hospitals
are painted into them, with every painted pixel known, and beside them a side marker and a scale that name
nobody. Each representation is painted in several faces, heights (10 to 40 pixels), contrasts (1.0, 0.45,
0.22) and in light and dark ink.

That no planted text was found in the images listed here does not show that other images are free of text.
"""
_SHOWN = (Verdict.GONE, Verdict.LEGIBLE, Verdict.REDUCED, Verdict.UNKNOWN, Verdict.OTHER)


def page(figures: Figures, command: str) -> str:
    """Return the page."""
    parts = [_HEAD, f"`{command}`\n", _reference(figures)]
    if figures.is_judged:
        parts += [_faults(figures), _clean(figures)]
    else:
        parts.append(f"No rule judges {REQUIREMENT} in this version: what was written was not judged.\n")
    if figures.reading:
        parts.append(f"## OCR as a second opinion\n\nrapidocr-onnxruntime, {figures.reading}\n")
    return "\n".join(parts).rstrip() + "\n"


def _reference(figures: Figures) -> str:
    total = Counted()
    for each in figures.representations.values():
        total.images += each.images
        total.written += each.written
        total.same_outside += each.same_outside
        total.empty_besides += each.empty_besides
        total.fails += each.fails
        total.verdicts += each.verdicts
        total.held_back += each.held_back
    head = ["representation", "images", "held back", "written", *map(str, _SHOWN)]
    head += ["same outside the bands", "nothing left besides"]
    lines = [_line(name, each) for name, each in figures.representations.items()]
    claims = "claims" if "113101" in figures.claims else "does not claim"
    text = (
        "## The reference de-identifier, by representation\n\n"
        f"`tce deidentify` by a policy that {claims} Clean Pixel Data (113101). A device layout tells it\n"
        "that this device writes in a band above and a band below the image, and nothing tells it what is\n"
        "painted there. *Same outside the bands*: every stored value is what it was, after lossy\n"
        "compression nearly so. *Nothing left besides*: no icon, no overlay, no bit above those stored.\n"
    )
    return f"{text}\n{_table(head, [*lines, _line('**all**', total)])}\n{_reasons(total.held_back)}"


def _line(name: str, each: Counted) -> list[str]:
    verdicts = [_number(each.verdicts[verdict]) for verdict in _SHOWN]
    return [name, str(each.images), _number(each.images - each.written), _number(each.written), *verdicts,
            _number(each.same_outside), _number(each.empty_besides)]  # fmt: skip


def _number(count: int) -> str:
    return str(count) if count else ""


def _reasons(reasons: Counter[str]) -> str:
    if not reasons:
        return ""
    return "Held back:\n\n" + "".join(f"- {count}: {reason}\n" for reason, count in reasons.most_common())


def _faults(figures: Figures) -> str:
    head = ["done with the text", "images", *map(str, _SHOWN), "failed", "as it should be"]
    lines = []
    for fault, each in figures.faults.items():
        right = each.fails == 0 if fault.removes else each.fails == each.images
        verdicts = [_number(each.verdicts[verdict]) for verdict in _SHOWN]
        told = ("yes" if right else "**no**") if each.images else "none made"
        lines.append([str(fault), str(each.images), *verdicts, _number(each.fails), told])
    text = (
        "## The judge, by mistake\n\n"
        f"{REQUIREMENT} on exports in which the text was dealt with as named, and which say that nothing is\n"
        "burned in. The last three remove it.\n"
    )
    return f"{text}\n{_table(head, lines)}"


def _clean(figures: Figures) -> str:
    each, cost = figures.clean, figures.cost
    return (
        f"## No false alarm\n\n{each.images} images without identifying text, each judged by itself and\n"
        f"as a perfect removal from its twin with text: {each.fails} failures.\n\n"
        f"Judging took {cost.milliseconds_a_box:.1f} ms of processor time a painted text,\n"
        f"the decoding of both images included ({cost.boxes} texts).\n"
    )


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells) + "\n"
