"""What the de-identifiers are given: a synthetic set, the files that pydicom ships, images to time with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydicom._dicom_dict import DicomDictionary
from pydicom.data import data_manager
from pydicom.dataset import Dataset, FileDataset

from ct_phantom import body
from deidentifying.documents import documents_about
from tce_harness.content import Content
from tce_harness.fixtures import SyntheticInstance, SyntheticStudy, find_recipe, read_study_folder, synthesise
from tce_harness.objects.instance import encode_instance

SEED = 7
# Each holds what the others do not: objects that refer to one another, two studies of one patient, text in
# pixels, metadata in codestreams, names in several character sets.
RECIPES = ("ct-complete", "mr-two-studies", "us-burned-in", "us-jpeg", "cr-hand", "report")
_TIMED_ELEMENTS = 250
_TIMED_SIDE = 512
_TIMED_SEQUENCES = ("ReferencedStudySequence", "ReferencedImageSequence", "RequestAttributesSequence")
_FILLING = {"DS": "1.5", "IS": "7", "US": 1, "FD": 1.5}
_ACQUISITION, _PIXEL_DATA = 0x0018, 0x7FE00010


@dataclass(frozen=True, slots=True)
class BurnedIn:
    """The one instance of the synthetic set that has text in its pixels."""

    instance: SyntheticInstance


def write_synthetic(folder: Path) -> BurnedIn:
    """Write linked instances of six patients into one folder; the same bytes each time.

    Series numbers are unique over the set, so that output which was renamed and moved finds its original.
    """
    content = Content.with_overlays()
    burned_in: BurnedIn | None = None
    folder.mkdir(parents=True)
    for block, name in enumerate(RECIPES):
        study = synthesise(find_recipe(name, content), seed=SEED, block=block, name=name, content=content)
        for number, each in enumerate(study.instances, start=1):
            (folder / f"{name}-{number:03d}.dcm").write_bytes(each.content)
        burned_in = _burned_in(study) or burned_in
        if block == 0:
            for document in documents_about(study.instances[0].dataset):
                path = folder / f"{name}-{document.Modality.lower()}.dcm"
                path.write_bytes(encode_instance(document))
    assert burned_in is not None
    return burned_in


def _burned_in(study: SyntheticStudy) -> BurnedIn | None:
    return next((BurnedIn(each) for each in study.instances if each.burned_in), None)


def write_pydicom_files(folder: Path) -> None:
    """Copy every file that pydicom ships for its tests, those too that are no instances or are damaged.

    All into one folder, as some tools do not look into folders below.
    """
    folder.mkdir(parents=True)
    root = Path(data_manager.DATA_ROOT)
    for name in ("test_files", "charset_files"):
        for path in sorted((root / name).rglob("*")):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                shutil.copyfile(path, folder / "-".join(path.relative_to(root / name).parts))


def instances_in(folder: Path) -> int:
    """Return how many files of a folder are instances that can be read."""
    return len(read_study_folder(folder, "given").instances) if folder.is_dir() else 0


def files_in(folder: Path) -> int:
    """Return how many files lie in a folder, at any depth."""
    return sum(path.is_file() for path in folder.rglob("*"))


def write_timed(folder: Path, count: int) -> None:
    """Write one series of CT images of 0.5 MB with 250 elements before the pixels, nested ones among them.

    The header is that of the recipe `ct-complete`, which has something in every identifying element, with
    fewer sequences and with technical attributes in their place, as scanners write them. Each has a body in
    its pixels, with noise of its own.
    """
    content = Content.with_overlays()
    recipe = find_recipe("ct-complete", content)
    study = synthesise(recipe, seed=SEED, block=0, name="timed", instances=1, content=content)
    dataset = study.instances[0].dataset
    _enlarge(dataset)
    folder.mkdir(parents=True)
    root = str(dataset.SOPInstanceUID)[:50]
    for number in range(1, count + 1):
        dataset.InstanceNumber = number
        dataset.SOPInstanceUID = f"{root}.{number}"
        dataset.PixelData = body(number, _TIMED_SIDE).tobytes()
        (folder / f"{number:05d}.dcm").write_bytes(encode_instance(dataset))


def _enlarge(dataset: FileDataset) -> None:
    for element in list(dataset):
        if element.VR == "SQ" and element.keyword not in _TIMED_SEQUENCES:
            del dataset[element.tag]
    dataset.Rows = dataset.Columns = _TIMED_SIDE
    for tag, vr in islice(_fillers(dataset), _TIMED_ELEMENTS - elements_before_pixels(dataset)):
        dataset.add_new(tag, vr, _FILLING[vr])


def elements_before_pixels(dataset: Dataset) -> int:
    """Return how many elements stand before the pixels, those of sequence items among them."""
    return sum(1 for element in dataset.iterall() if element.tag < _PIXEL_DATA)


def _fillers(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """Return technical attributes that a data set has not."""
    for tag, (vr, multiplicity, _, retired, _) in sorted(DicomDictionary.items()):
        technical = tag >> 16 == _ACQUISITION and vr in _FILLING and multiplicity == "1" and not retired
        if technical and tag not in dataset:
            yield tag, vr
