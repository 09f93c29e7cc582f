"""The files that pydicom ships as exported studies: each exported clean or held back with a reason.

They are of many makers, classes and syntaxes, some of them damaged on purpose. Several have the same SOP
Instance UID, so they travel in rounds, in each of which a UID stands once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydicom.data import data_manager

from tce_harness.cli.selection import selection
from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.engine import CheckPlan, check_files, load_library
from tce_harness.model.claims import Claims
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.model.finding import Severity
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.objects.instance import read_instance
from tce_harness.objects.manifest_building import reference_to
from tce_harness.objects.patient_and_study import one_patient
from tce_harness.simulators import ExportManager, ExportSelector, Notice, Receiver, Selected
from tce_harness.transport import SendOutcome

CONTENT = Content.with_overlays()
KEY = b"a key of these tests"
FILES = tuple(sorted(path for path in Path(data_manager.DATA_ROOT).rglob("*") if path.is_file()))


@dataclass
class Round:
    """What was sent at once, and what became of it."""

    number: int
    files: list[Path] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    selected: list[Selected] = field(default_factory=list)
    outcomes: Sequence[SendOutcome] = ()
    selections: int = 0
    notices: list[Notice] = field(default_factory=list)
    received: Path = Path()
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, notice: Notice) -> None:
        with self._changed:
            self.notices.append(notice)
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until every selection has come to its end."""
        ends = {"sent", "unsent", "nothing-left", "error"}
        with self._changed:
            assert self._changed.wait_for(
                lambda: sum(each.event in ends for each in self.notices) >= self.selections, 120
            ), "not every selection was exported"

    def told(self, event: str) -> list[Notice]:
        return [each for each in self.notices if each.event == event]


def _sorted_out() -> tuple[list[Round], dict[Path, str]]:
    """Return the rounds, and what cannot be sent with the reason."""
    rounds: list[Round] = []
    refused: dict[Path, str] = {}
    for path in FILES:
        try:
            dataset = read_instance(path)
            reference_to(dataset)
        except InstanceError as error:
            refused[path] = str(error)
            continue
        uid = str(dataset.SOPInstanceUID)
        free = next((each for each in rounds if uid not in each.uids), None)
        if free is None:
            rounds.append(free := Round(len(rounds) + 1))
        free.files.append(path)
        free.uids.add(uid)
    return rounds, refused


def _select(each: Round, folder: Path) -> None:
    """Make the selections of a round, one for each patient: a folder of files and its manifest."""
    patients: dict[tuple[str, str], list[Path]] = {}
    for path in each.files:
        patients.setdefault(one_patient([read_instance(path)]), []).append(path)
    each.selections = len(patients)
    for number, paths in enumerate(patients.values(), start=1):
        study = folder / f"{number}"
        study.mkdir(parents=True)
        for file, path in enumerate(paths, start=1):
            (study / f"{file:03d}").write_bytes(path.read_bytes())
        each.selected += selection(
            str(study), title="TCE001", delay=None, atfi=None, seed=number, content=CONTENT
        )


def _export(each: Round, folder: Path) -> None:
    """Send a round through a simulated Export Manager to a simulated Receiver."""
    receiver = Receiver(ae_title="RECEIVER", folder=folder / "receiver")
    receiver.start()
    manager = ExportManager(
        ae_title="MANAGER",
        folder=folder / "manager",
        destinations=[receiver.address],
        deidentifier=Deidentifier(find_policy("basic", CONTENT), Pseudonyms(KEY)),
        tell=each.tell,
    )
    manager.start()
    try:
        selector = ExportSelector(ae_title="SELECTOR", folder=folder / "selector")
        each.outcomes = selector.send(each.selected, manager.address)
        each.wait()
    finally:
        manager.stop()
        receiver.stop()
    each.received = folder / "receiver" / "received"


@pytest.fixture(scope="module")
def sorted_out() -> tuple[list[Round], dict[Path, str]]:
    return _sorted_out()


@pytest.fixture(scope="module")
def rounds(
    sorted_out: tuple[list[Round], dict[Path, str]], tmp_path_factory: pytest.TempPathFactory
) -> list[Round]:
    for each in sorted_out[0]:
        folder = tmp_path_factory.mktemp(f"round-{each.number}")
        _select(each, folder / "studies")
        _export(each, folder)
    return sorted_out[0]


def test_every_file_is_sent_or_says_why_not(sorted_out: tuple[list[Round], dict[Path, str]]) -> None:
    rounds, refused = sorted_out
    assert len(FILES) > 150
    assert sum(len(each.files) for each in rounds) + len(refused) == len(FILES)
    assert len(refused) < len(FILES) / 4
    assert all(reason for reason in refused.values())


def test_the_manager_stores_every_one(rounds: list[Round]) -> None:
    for each in rounds:
        assert [(outcome.instance.label, outcome.status) for outcome in each.outcomes if outcome.status] == []
        assert len(each.outcomes) == len(each.selected)


def test_nothing_is_lost_and_nothing_fails(rounds: list[Round]) -> None:
    for each in rounds:
        assert each.told("error") == []
        assert each.told("unsent") == []
        pseudonyms = Pseudonyms(KEY)
        held = {notice.sop_instance_uid for notice in each.told("quarantined")}
        expected = {f"{pseudonyms.uid(uid)}.dcm" for uid in each.uids - held}
        assert held <= each.uids
        assert all(notice.text for notice in each.told("quarantined"))
        exported = {path.name for path in each.received.iterdir()}
        assert expected <= exported
        manifests = len(each.told("sent"))
        assert len(exported) >= len(expected) + manifests


def test_most_are_exported_and_what_may_show_text_is_held_back(rounds: list[Round]) -> None:
    exported = sum(len(list(each.received.iterdir())) for each in rounds)
    held = [notice for each in rounds for notice in each.told("quarantined")]
    assert exported > 100
    assert any("commonly shows text" in notice.text for notice in held)


# Not the search for the originals' values: real words such as the name of a body part stand in attributes too
# that the profile keeps.
CLEAN = (
    "deid/basic-profile-rows",
    "deid/file-meta-is-new",
    "deid/marked-as-de-identified",
    "deid/method-codes",
    "deid/no-private-sop-class",
    "deid/private-removed",
    "deid/temporal-information",
    "object/readable",
    "uid/new-uids-are-valid",
    "uid/no-original-left",
    "uid/replaced-consistently",
)


@pytest.fixture(scope="module")
def judged(rounds: list[Round], tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """Judge the first round, which has the most files."""
    folder = tmp_path_factory.mktemp("judged")
    originals = folder / "originals"
    originals.mkdir()
    for number, path in enumerate(rounds[0].files, start=1):
        (originals / f"{number:03d}").write_bytes(path.read_bytes())
    plan = CheckPlan(
        exported=rounds[0].received,
        originals=originals,
        claims=Claims(),
        folder=folder / "run",
        under_test="the reference de-identifier",
        command="tce check",
        synthetic=True,
    )
    return check_files(plan, load_library(CONTENT))


def test_the_judges_cope_with_every_file(judged: RunResult) -> None:
    assert [case.trouble for case in judged.cases] == [()]
    assert not [rule for rule in judged.cases[0].rules if rule.verdict is Verdict.ERROR]


@pytest.mark.parametrize("name", CLEAN)
def test_what_is_exported_is_clean(name: str, judged: RunResult) -> None:
    (rule,) = (each for each in judged.cases[0].rules if each.rule == name)
    failures = [each for each in rule.findings if each.severity is Severity.FAIL]
    assert [(each.subject, each.element, each.message) for each in failures] == []
    assert rule.verdict in {Verdict.PASS, Verdict.WARNING}
    assert rule.examined > 0


def test_a_folder_with_nothing_that_a_manifest_can_list_is_told(
    sorted_out: tuple[list[Round], dict[Path, str]], tmp_path: Path
) -> None:
    for number, path in enumerate(sorted_out[1]):
        (tmp_path / f"{number}").write_bytes(path.read_bytes())
    with pytest.raises(HarnessError, match="holds no DICOM instance that can be exported"):
        selection(str(tmp_path), title="TCE001", delay=None, atfi=None, seed=1, content=CONTENT)
