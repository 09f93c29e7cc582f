"""The run results that the tests of the reports work with."""

from __future__ import annotations

import pytest

import sample_runs
from tce_harness.content import Content
from tce_harness.model.result import RunResult


@pytest.fixture(scope="session")
def failing_run() -> RunResult:
    return sample_runs.failing_run()


@pytest.fixture(scope="session")
def passing_run() -> RunResult:
    return sample_runs.passing_run()


@pytest.fixture(scope="session")
def real_patients_run() -> RunResult:
    return sample_runs.real_patients_run()


@pytest.fixture(scope="session")
def unreached_run() -> RunResult:
    return sample_runs.unreached_run()


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.with_overlays()
