"""What ``tce simulate export-selector`` sends: a recipe or a folder, its manifest, and a report along."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tce_harness.content import Content
from tce_harness.engine.materials import MaterialsMaker
from tce_harness.fixtures import recipes
from tce_harness.model.errors import HarnessError
from tce_harness.model.requirement import Actor
from tce_harness.objects.instance import read_instance
from tce_harness.scenarios import Case, Data, FolderData, ManifestData, RecipeData
from tce_harness.simulators import Selected

DESCRIPTION = "Teaching file"


def selection(
    send: str, *, title: str, delay: str | None, atfi: Path | None, seed: int, content: Content
) -> tuple[Selected, ...]:
    """Return the instances to send and the manifest over all of them.

    Parameters
    ----------
    send
        A folder of DICOM files, or the name of a recipe.
    atfi
        File of a structured report of the same patient, listed like the rest.

    Raises
    ------
    HarnessError
        When ``send`` is neither, a file cannot be read, or a code value is unknown.
    """
    names = {recipe.name for recipe in recipes(content)}
    study: Data
    if Path(send).is_dir():
        study = FolderData(name="study", line=0, folder=Path(send))
    elif send in names:
        study = RecipeData(name="study", line=0, recipe=send)
    else:
        raise HarnessError(
            f"--send {send}: neither a folder nor a recipe; recipes are {', '.join(sorted(names))}"
        )
    data: list[Data] = [study]
    with tempfile.TemporaryDirectory(prefix="tce-") as folder:
        if atfi is not None:
            read_instance(atfi)
            shutil.copy(atfi, folder)
            data.append(FolderData(name="teaching-file", line=0, folder=Path(folder)))
        listed = tuple(each.name for each in data)
        data.append(
            ManifestData(
                name="manifest", line=0, title=title, references=listed, delay=delay, description=DESCRIPTION
            )
        )
        materials = MaterialsMaker(content, seed).make(_case(tuple(data)), 1)
    return tuple(Selected(each.label, each.content, each.dataset) for each in materials.objects)


def _case(data: tuple[Data, ...]) -> Case:
    return Case(
        id="SELECTION",
        scenario="SELECTION",
        title="",
        path=Path(),
        file="",
        line=0,
        sut=Actor.EXPORT_MANAGER,
        tags=(),
        option=None,
        axes=(),
        simulated=(),
        data=data,
        steps=(),
    )
