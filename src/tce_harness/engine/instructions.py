"""What the person at a system under test is asked to do, and the files that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tce_harness.engine.materials import Material
from tce_harness.evidence.log import make_private
from tce_harness.objects.instance import check_uid
from tce_harness.objects.manifest import ManifestReading, is_export_manifest, read_manifest
from tce_harness.objects.teaching_file import is_teaching_file_information
from tce_harness.transport import Destination


def lay_out(objects: Sequence[Material], folder: Path) -> None:
    """Write the files that have to be in the system under test beforehand, for its operator alone to read.

    Manifests are not among them: making them is what is tested.
    """
    for each in objects:
        if not is_export_manifest(each.dataset):
            make_private(folder)
            (folder / f"{check_uid(str(each.dataset.SOPInstanceUID))}.dcm").write_bytes(each.content)


def instruction(
    objects: Sequence[Material],
    everything: Sequence[Material],
    *,
    folder: Path,
    kinds: Sequence[str],
    destination: Destination | None,
) -> str:
    """Return how a person makes the system under test send the objects of a step.

    Parameters
    ----------
    objects, everything
        Of the step, and of the case.
    folder
        Where the files lie that have to be loaded.
    kinds
        The transactions.
    destination
        None where the system sends to itself: its selector and its manager are one.
    """
    files = [each for each in objects if not is_export_manifest(each.dataset)]
    sentences = []
    if files:
        sentences.append(f"Load the {counted(len(files), 'file')} in {folder} into the system under test.")
    if any(is_teaching_file_information(each.dataset) for each in files):
        sentences.append("Additional teaching file information is among them; one of your own will do too.")
    manifest = next((each for each in objects if is_export_manifest(each.dataset)), None)
    if manifest is not None:
        sentences.append(_selection(read_manifest(manifest.dataset), everything))
    what = f"{counted(len(objects), 'instance')} ({', '.join(kinds)})"
    if destination is None:
        return " ".join([*sentences, f"Let the system under test take {what} for export."])
    address = f"AE title {destination.ae_title}, host {destination.host}, port {destination.port}"
    return " ".join([*sentences, f"Send {what} to {address}."])


def _selection(reading: ManifestReading, everything: Sequence[Material]) -> str:
    """Return the sentence that says what to select, and under which title, reason, description and name."""
    listed = set(reading.listed)
    chosen = [each.dataset for each in everything if str(each.dataset.SOPInstanceUID) in listed]
    by_series: dict[str, list[str]] = {}
    for dataset in chosen:
        series = str(dataset.get("SeriesNumber") or "without a number")
        by_series.setdefault(series, []).append(str(dataset.get("InstanceNumber") or "without a number"))
    places = "; ".join(f"series {series}: {', '.join(numbers)}" for series, numbers in by_series.items())
    manifest = reading.manifest()
    parts = [f"Make a selection of {counted(len(chosen), 'instance')} ({places})"]
    if manifest is not None:
        parts.append(f"titled {manifest.title.meaning!r}")
        if manifest.delay_reason is not None:
            parts.append(f"delayed for the reason {manifest.delay_reason.meaning!r}")
        if manifest.description:
            parts.append(f"with the description {manifest.description!r}")
        if manifest.observer:
            parts.append(f"by the observer {manifest.observer!r}")
    return ", ".join(parts) + "."


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``3 instances``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
