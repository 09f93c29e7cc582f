"""Performs runs, checks and proofs, and judges what they saw."""

from tce_harness.engine.checking import CheckPlan, check_files
from tce_harness.engine.library import Library, load_library
from tce_harness.engine.proving import Proof, prove
from tce_harness.engine.recorded_claims import claims_recorded_in
from tce_harness.engine.rejudging import differences, rejudge
from tce_harness.engine.run import RunPlan, perform_run

__all__ = [
    "CheckPlan",
    "Library",
    "Proof",
    "RunPlan",
    "check_files",
    "claims_recorded_in",
    "differences",
    "load_library",
    "perform_run",
    "prove",
    "rejudge",
]
