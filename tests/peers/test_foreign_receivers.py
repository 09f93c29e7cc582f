"""What the simulated Export Manager exports is stored by foreign archives, and comes back as it was sent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from foreign.ours import Wire, check, failures, selected, system_file, write
from foreign.programs import until
from foreign.stores import STORES, Orthanc, Store, orthanc
from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.objects.instance import read_instance
from tce_harness.objects.manifest import is_export_manifest, read_manifest
from tce_harness.simulators import ExportManager, ExportSelector, Notice

RECIPE = "ct-complete"


def export(store: Store, folder: Path, recipe: str = RECIPE) -> tuple[Wire, list[Notice]]:
    """Send a study and its manifest to a simulated Export Manager that exports to a store."""
    wire, notices = Wire(), list[Notice]()
    policy = find_policy("teaching-file", Content.with_overlays())
    manager = ExportManager(
        ae_title="MANAGER",
        folder=folder / "manager",
        destinations=[store.destination],
        deidentifier=Deidentifier(policy, Pseudonyms(b"a key of this test")),
        outbound=wire,
        tell=notices.append,
    )
    manager.start()
    try:
        sent = ExportSelector(ae_title="SELECTOR", folder=folder / "selector").send(
            selected(recipe), manager.address
        )
        assert all(outcome.status == 0 for outcome in sent)
        until(lambda: any(each.event in {"sent", "unsent"} for each in notices), "the end of the export")
    finally:
        manager.stop()
    return wire, notices


def read_back(store: Store, folder: Path) -> list[Path]:
    folder.mkdir()
    return store.files(folder)


@pytest.mark.parametrize("name", STORES)
def test_everything_is_stored_and_comes_back_as_it_was_sent(name: str, tmp_path: Path) -> None:
    with STORES[name](tmp_path) as store:
        wire, notices = export(store, tmp_path)
        found = {
            str(each.SOPInstanceUID): each
            for each in map(read_instance, read_back(store, tmp_path / "found"))
        }
    assert [each.text for each in notices if each.event == "quarantined"] == []
    assert [each.status for each in wire.stores] == [0] * len(selected(RECIPE))
    assert {each.sop_instance_uid for each in wire.stores} == set(found)
    for each in wire.stores:
        assert each.content is not None
        sent = read_instance(each.content)
        assert found[each.sop_instance_uid] == sent, "the data set came back changed"


@pytest.mark.parametrize("name", STORES)
def test_what_lies_in_the_archive_is_judged_without_a_failure(name: str, tmp_path: Path) -> None:
    write(selected(RECIPE), tmp_path / "originals")
    with STORES[name](tmp_path) as store:
        export(store, tmp_path)
        read_back(store, tmp_path / "found")
    claims = system_file(tmp_path / "claims.yaml")
    status, result = check(tmp_path / "found", tmp_path / "originals", tmp_path / "run", "--claims", claims)
    assert failures(result) == []
    assert status == 0
    examined = {rule.rule: rule.examined for case in result.cases for rule in case.rules}
    assert examined["deid/basic-profile-rows"] > 0
    assert examined["deid/no-canary-survives"] > 0


def test_the_archive_counts_patients_studies_series_and_instances_as_they_were(tmp_path: Path) -> None:
    levels = {
        "patients": "PatientID",
        "studies": "StudyInstanceUID",
        "series": "SeriesInstanceUID",
        "instances": "SOPInstanceUID",
    }
    originals = [read_instance(each.content) for each in selected("mr-two-studies")]
    with orthanc(tmp_path) as store:
        export(store, tmp_path, "mr-two-studies")
        assert isinstance(store, Orthanc)
        counted = {level: store.count(level) for level in levels}
    assert counted == {
        level: len({each[keyword].value for each in originals}) for level, keyword in levels.items()
    }


def test_the_manifest_in_the_archive_lists_exactly_what_lies_beside_it(tmp_path: Path) -> None:
    with orthanc(tmp_path) as store:
        export(store, tmp_path)
        held = [read_instance(path) for path in read_back(store, tmp_path / "found")]
    (manifest,) = filter(is_export_manifest, held)
    listed = Counter(read_manifest(manifest).listed)
    assert listed == Counter(str(each.SOPInstanceUID) for each in held if each is not manifest)
    originals = {str(read_instance(each.content).SOPInstanceUID) for each in selected(RECIPE)}
    assert not originals & set(listed)
