from __future__ import annotations

from pathlib import Path

from tce_harness.content import Content
from tce_harness.engine import load_library
from tce_harness.engine.exported_files import export_files
from tce_harness.objects.instance import read_instance

LIBRARY = load_library(Content.with_overlays())
CASES = {case.id: case for scenario in LIBRARY.scenarios for case in scenario.cases()}
CASE = CASES["EM-020/manifest-first/one"]


def heads(folder: Path) -> list[bytes]:
    return [path.read_bytes()[:128] for path in sorted(folder.iterdir())]


def test_the_reference_writes_each_object_of_the_case_anew(tmp_path: Path) -> None:
    pair = export_files(LIBRARY.simulators["export-manager"], CASE, LIBRARY.content, tmp_path, seed=4)
    originals, exported = sorted(pair.originals.iterdir()), sorted(pair.exported.iterdir())
    assert [path.name for path in exported] == [path.name for path in originals]
    for before, after in zip(originals, exported, strict=True):
        made = read_instance(after)
        assert made.SOPInstanceUID != read_instance(before).SOPInstanceUID
        assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID
    assert set(heads(pair.exported)) == {b"\0" * 128}


def test_a_defect_that_keeps_the_head_of_the_files_writes_it(tmp_path: Path) -> None:
    defect = LIBRARY.simulators["file-meta-of-the-original"]
    pair = export_files(defect, CASE, LIBRARY.content, tmp_path, seed=4)
    assert heads(pair.exported) == heads(pair.originals)
    for before, after in zip(sorted(pair.originals.iterdir()), sorted(pair.exported.iterdir()), strict=True):
        made, original = read_instance(after), read_instance(before)
        assert made.file_meta.MediaStorageSOPInstanceUID == original.SOPInstanceUID
        assert made.SOPInstanceUID != original.SOPInstanceUID


def test_what_is_held_back_is_not_among_the_files(tmp_path: Path) -> None:
    named = CASES["EM-120"]
    pair = export_files(LIBRARY.simulators["export-manager"], named, LIBRARY.content, tmp_path, seed=4)
    assert len(list(pair.exported.iterdir())) < len(list(pair.originals.iterdir()))
