"""How many pairs of original and export ``tce check`` judges a second, without the outside examiners.

    python benchmarks/judge_speed.py [--pairs 1000] [--alone [--profile]]

Makes CT pairs of half a megabyte and 250 header elements, judges them in one run as ``tce check`` does, and
prints pairs a second of wall time and CPU milliseconds a pair over all processes. ``--alone`` judges in one
process and prints where the time goes. Wall time means something on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from pydicom.datadict import dictionary_VM, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from ct_phantom import body
from tce_harness.content import Content
from tce_harness.engine import CheckPlan, Library, check_files, load_library, side_by_side
from tce_harness.evidence import keeping
from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement
from tce_harness.rules.deidentification import bytes_of_case
from tce_harness.rules.registry import Rule, RuleFunction
from tce_harness.standard.confidentiality import table

ELEMENTS, NAMED, SIDE = 250, 100, 512
CLAIMED = ("113100", "113104")
_TEXTS = frozenset({"LO", "SH", "ST", "LT", "PN", "DA", "TM", "DT", "CS", "DS", "IS", "UI"})
_PIECES = (
    "thorax",
    "Kestrel ward",
    "portal venous",
    "Fernhill",
    "sequence",
    "reformatted",
    "axial",
    "review",
)


def _text(vr: str, tag: int, study: int, number: int) -> str:
    """Return a value that differs from element to element, in part from study to study, as real ones do."""
    own = number if tag % 5 == 0 and vr != "DA" else study
    key = tag * 2654435761 + own * 97
    day, clock = f"20{key % 24:02d}{1 + key % 12:02d}{1 + key % 28:02d}", f"{key % 24:02d}{key % 60:02d}00"
    words = " ".join(_PIECES[(key >> shift) % 8] for shift in (3, 9, 15))
    known = {
        "PN": f"Family{key % 9973}^Given{key % 787}",
        "DA": day,
        "TM": f"{clock}.{key % 1000000:06d}",
        "DT": day + clock,
        "UI": f"1.2.826.0.1.3680043.10.5.{study}.{key % 10**12}",
        "DS": str(key % 5000),
        "IS": str(key % 5000),
        "CS": f"TERM_{key % 100}",
        "SH": f"{_PIECES[key % 8][:8]}{key % 1000000}",
    }
    return known.get(vr, f"{words} {key % 10000000}")


def _tags() -> list[int]:
    """Return tags of a header: a hundred that Table E.1-1 names, the rest what scanners write beside them."""
    named = [row.key for row in table("2026d").rows]
    wanted = [int(key[1:5] + key[6:10], 16) for key in named if key.startswith("(") and "x" not in key]
    known = frozenset(wanted)
    others = [group << 16 | each for group in (0x0018, 0x0028, 0x0008, 0x0020) for each in range(0x2000)]
    usual = [tag for tag in wanted if _is_usual(tag)][:NAMED]
    beside = [tag for tag in others if tag not in known and _is_usual(tag)]
    return sorted((*usual, *beside[: ELEMENTS - len(usual)]))


def _is_usual(tag: int) -> bool:
    if tag >> 16 not in (0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0038, 0x0040):
        return False
    keyword = keyword_for_tag(tag)
    return bool(keyword) and dictionary_VR(tag) in _TEXTS and dictionary_VM(tag) in ("1", "1-n")


def original(number: int, tags: list[int]) -> Dataset:
    """Return one CT image of a study of fifty."""
    study = number // 50
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for tag in tags:
        one.add_new(tag, dictionary_VR(tag), _text(dictionary_VR(tag), tag, study, number))
    one.SpecificCharacterSet = "ISO_IR 100"
    one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, generate_uid(None, ["sop", str(number)])
    one.StudyInstanceUID = generate_uid(None, ["study", str(study)])
    one.SeriesInstanceUID = generate_uid(None, ["series", str(study)])
    one.FrameOfReferenceUID = generate_uid(None, ["frame", str(study)])
    one.Modality, one.SeriesNumber, one.InstanceNumber = "CT", study + 1, number + 1
    one.PatientID = f"99986{study:05d}"
    one.Rows = one.Columns = SIDE
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 12, 11, 0
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.PixelData = body(number, SIDE).tobytes()
    return one


def write_pairs(folder: Path, count: int) -> None:
    """Write the originals, and let the reference de-identifier make the other side of them."""
    tags = _tags()
    (folder / "originals").mkdir()
    for number in range(count):
        one = original(number, tags)
        one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
        one.save_as(folder / "originals" / f"{number:05d}.dcm", enforce_file_format=True)
    command = [sys.executable, "-c", "from tce_harness.cli import main; main()", "deidentify"]
    subprocess.run(
        [*command, str(folder / "originals"), str(folder / "exported")], check=True, stdout=subprocess.DEVNULL
    )


def timed(library: Library, spent: dict[str, float]) -> Library:
    """Return the library without the rules that ask an outside judge; the others add up their CPU time."""
    rules = {
        name: replace(rule, judge=_timed(rule, spent))
        for name, rule in library.rules.items()
        if rule.examiner is None
    }
    return replace(library, rules=rules)


def _timed(rule: Rule, spent: dict[str, float]) -> RuleFunction:
    def judge(case: CaseEvidence) -> Judgement:
        before = time.process_time()
        try:
            return rule.judge(case)
        finally:
            spent[rule.name] = spent.get(rule.name, 0) + time.process_time() - before

    return judge


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--alone", action="store_true", help="judge in one process, print where time goes")
    parser.add_argument("--profile", action="store_true", help="print the sixty costliest functions")
    arguments = parser.parse_args()
    gc.set_threshold(200_000, 50, 100)  # as `tce` does
    if arguments.alone or arguments.profile:
        for each in (side_by_side, keeping, bytes_of_case):
            each.can_be_copied = lambda: False
    spent: dict[str, float] = {}
    library = timed(load_library(Content.with_overlays()), spent)
    with tempfile.TemporaryDirectory(prefix="tce-judge-speed-") as name:
        folder = Path(name)
        write_pairs(folder, arguments.pairs)
        plan = CheckPlan(
            exported=folder / "exported",
            originals=folder / "originals",
            claims=Claims(deidentification_codes=CLAIMED),
            folder=folder / "out",
            under_test="benchmark",
            command="benchmark",
            synthetic=True,
        )
        profile = cProfile.Profile() if arguments.profile else None
        before, start = os.times(), time.perf_counter()
        if profile is not None:
            profile.enable()
        result = check_files(plan, library)
        if profile is not None:
            profile.disable()
        wall, after = time.perf_counter() - start, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    failed = sorted(
        rule.rule for case in result.cases for rule in case.rules if rule.verdict.value in ("fail", "error")
    )
    print(f"{arguments.pairs} pairs of 0.5 MB and {ELEMENTS} elements, {len(library.rules)} rules at hand")
    print(f"  wall {wall:.2f} s, {arguments.pairs / wall:.0f} pairs a second")
    print(f"  CPU {cpu:.2f} s in all processes, {1000 * cpu / arguments.pairs:.1f} ms a pair")
    print(f"  rules that fail these pairs: {', '.join(failed) or 'none'}")
    if arguments.alone or arguments.profile:
        spent["reading, recording and pairing"] = cpu - sum(spent.values())
        for name, seconds in sorted(spent.items(), key=lambda each: -each[1])[:12]:
            print(f"    {1000 * seconds / arguments.pairs:6.2f} ms  {name}")
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
