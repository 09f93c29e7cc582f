"""Many files are judged by two processes as one would judge them; tests run in a process of one thread."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tce_harness.engine import Library
from tce_harness.fixtures import find_recipe, synthesise

_TWICE = """
import json, sys
from dataclasses import replace
from pathlib import Path
from tce_harness.content import Content
from tce_harness.engine import CheckPlan, check_files, load_library, side_by_side
from tce_harness.evidence import keeping
from tce_harness.model.claims import Claims
from tce_harness.rules.deidentification import bytes_of_case

folder = Path(sys.argv[1])
whole = load_library(Content.with_overlays())
library = replace(whole, rules={name: rule for name, rule in whole.rules.items() if rule.examiner is None})
copies, copy_of_process = [], side_by_side.copy_of_process
side_by_side.copy_of_process = lambda work: copies.append(work) or copy_of_process(work)
for beside in (True, False):
    if not beside:
        for each in (side_by_side, keeping, bytes_of_case):
            each.can_be_copied = lambda: False
    plan = CheckPlan(
        exported=folder / "exported", originals=folder / "originals", claims=Claims(),
        folder=folder / f"out-{beside}", under_test="Tool", command="tce check", synthetic=True,
    )
    (case,) = check_files(plan, library).cases
    print(json.dumps([
        [rule.rule, rule.verdict, rule.examined, rule.reason, [repr(each) for each in rule.findings]]
        for rule in case.rules
    ]))
print(len(copies))
"""


def test_two_processes_say_what_one_says(library: Library, tmp_path: Path) -> None:
    study = synthesise(find_recipe("ct-chest", library.content), seed=5, block=6, name="study", instances=66)
    for name in ("originals", "exported"):
        (tmp_path / name).mkdir()
        for number, instance in enumerate(study.instances):
            content = instance.content if number % 9 else instance.content[:-40]
            (tmp_path / name / f"{number:02}.dcm").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", _TWICE, tmp_path], capture_output=True, text=True, encoding="utf-8", check=True
    )
    beside, alone, copies = (json.loads(line) for line in done.stdout.splitlines())
    assert beside == alone
    assert copies == (1 if sys.platform == "linux" else 0)
    told = {rule: (verdict, len(findings)) for rule, verdict, _, _, findings in alone}
    assert told["uid/no-original-left"][0] == told["deid/no-canary-survives"][0] == "fail"
    assert told["deid/no-canary-survives"][1] > len(study.instances)
    logs = [
        (tmp_path / f"out-{each}" / "evidence" / "log.jsonl").read_text("utf-8") for each in (True, False)
    ]
    digests = [[json.loads(line)["record"].get("digest") for line in log.splitlines()] for log in logs]
    assert digests[0] == digests[1]
