"""The console of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_run_whose_reader_leaves_is_performed_to_its_end(tmp_path: Path) -> None:
    out = tmp_path / "run"
    program = "import sys; from tce_harness.cli import main; sys.argv[0] = 'tce'; main()"
    command = [sys.executable, "-c", program, "run", "EM-070", "--seed", "1", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b"3 cases")
        run.stdout.close()
        errors = run.stderr.read()
        assert run.wait(120) == 0, errors
    assert (out / "report.html").is_file()
