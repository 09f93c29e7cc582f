"""The run results that the tests of the reports work with."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Protocol, cast

import pytest

from tce_harness.content import Content
from tce_harness.model.result import RunResult


class _Sample(Protocol):
    def failing_run(self) -> RunResult: ...

    def passing_run(self) -> RunResult: ...

    def real_patients_run(self) -> RunResult: ...


def _sample() -> _Sample:
    path = Path(__file__).with_name("sample.py")
    spec = importlib.util.spec_from_file_location("reports_sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reports_sample"] = module
    spec.loader.exec_module(module)
    return cast(_Sample, module)


@pytest.fixture(scope="session")
def failing_run() -> RunResult:
    return _sample().failing_run()


@pytest.fixture(scope="session")
def passing_run() -> RunResult:
    return _sample().passing_run()


@pytest.fixture(scope="session")
def real_patients_run() -> RunResult:
    return _sample().real_patients_run()


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.with_overlays()
