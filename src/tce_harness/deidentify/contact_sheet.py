"""The contact sheets of a preview: a page, pictures by series, and a list to confirm.

All of it is patient data, since it shows the originals: the folder is its owner's alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tce_harness.deidentify.confirmation import COLUMNS
from tce_harness.deidentify.pictures import LONGEST, Preview
from tce_harness.model.errors import HarnessError

INDEX, LIST = "index.html", "confirm.csv"
#: Rows of pictures on one sheet.
_ROWS = 12
_GAP, _LINE = 8, 18
_PAPER, _INK = "#f4f4f2", "#222222"
_STYLE = (
    "body{font:16px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222}"
    ".warning{border-left:.4rem solid #a40000;padding:.5rem 1rem;background:#fbeeee}"
    "img{max-width:100%;border:1px solid #ccc}code{overflow-wrap:anywhere}li{margin:.3rem 0}"
)


def write_sheets(previews: Sequence[Preview], folder: Path) -> int:
    """Write the sheets, the page that shows them, and the list to confirm.

    Returns
    -------
    int
        How many sheets there are.

    Raises
    ------
    HarnessError
        When the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        series = dict[str, list[Preview]]()
        for each in sorted(previews, key=lambda each: (each.series_instance_uid, each.sop_instance_uid)):
            series.setdefault(each.series_instance_uid, []).append(each)
        sections, sheets = list[str](), 0
        for number, (uid, members) in enumerate(series.items(), start=1):
            names = _write_series(folder, number, members)
            sheets += len(names)
            sections.append(_section(number, uid, members, names))
        _write(folder / INDEX, _page(sections).encode())
        _write(folder / LIST, _list(previews))
    except OSError as error:
        raise HarnessError(f"the preview cannot be written to {folder}: {error.strerror}") from None
    return sheets


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _write_series(folder: Path, number: int, members: Iterable[Preview]) -> list[str]:
    rows = [
        (f"{index}. {picture.label}".rstrip(". "), picture.before, picture.after)
        for index, member in enumerate(members, start=1)
        for picture in member.pictures
    ]
    names = []
    for page, start in enumerate(range(0, len(rows), _ROWS), start=1):
        name = f"series-{number:03}-{page:02}.png"
        _write(folder / name, _sheet(rows[start : start + _ROWS]))
        names.append(name)
    return names


def _sheet(rows: Sequence[tuple[str, bytes, bytes]]) -> bytes:
    opened = [(label, Image.open(BytesIO(one)), Image.open(BytesIO(other))) for label, one, other in rows]
    width = max(max(before.width, after.width) for _, before, after in opened)
    height = sum(max(before.height, after.height) + _LINE + _GAP for _, before, after in opened)
    column = max(width, LONGEST // 2) + _GAP
    sheet = Image.new("RGB", (2 * column + _GAP, height + _GAP), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    top = _GAP
    for label, before, after in opened:
        pen.text((_GAP, top), f"{label}  before", fill=_INK, font=font)
        pen.text((_GAP + column, top), "after", fill=_INK, font=font)
        sheet.paste(before.convert("RGB"), (_GAP, top + _LINE))
        sheet.paste(after.convert("RGB"), (_GAP + column, top + _LINE))
        top += max(before.height, after.height) + _LINE + _GAP
    buffer = BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _section(number: int, uid: str, members: Sequence[Preview], names: Iterable[str]) -> str:
    items = "".join(
        f"<li><code>{escape(each.sop_instance_uid)}</code>: {escape(_told(each))}</li>" for each in members
    )
    pictures = "".join(f'<p><img src="{name}" alt="series {number}, before and after"></p>' for name in names)
    return f"<h2>Series {number}</h2><p><code>{escape(uid)}</code></p><ol>{items}</ol>{pictures}"


def _told(preview: Preview) -> str:
    if not preview.pictures:
        return "its pixels cannot be shown here: look at it with another program, or do not confirm it"
    return "; ".join(preview.told) or "pixels go out as they are"


def _page(sections: Iterable[str]) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Before and after</title>'
        f"<style>{_STYLE}</style><h1>Before and after</h1>"
        '<p class="warning"><strong>Patient data.</strong> The pictures on the left are the originals. '
        "Delete this folder when the export is done.</p><p>Look at every picture on the right for names, "
        f"numbers and faces. Then write who looked, and when, into <code>{LIST}</code> beside each instance "
        "that may go, and give it to <code>--confirm</code>. What has no name beside it is held back.</p>"
        f"{''.join(sections)}</html>\n"
    )


def _list(previews: Iterable[Preview]) -> bytes:
    text = [",".join(COLUMNS)]
    text += [f"{each.sop_instance_uid},{each.pixels},," for each in previews if each.pictures]
    return ("\n".join(text) + "\n").encode()
