"""How an output says that, and how, it was de-identified (rules D9, D10 and B2 of Annex E)."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from tce_harness.deidentify.options import CLEAN_PIXEL_DATA, FULL_DATES, MODIFIED_DATES
from tce_harness.deidentify.policy import Policy
from tce_harness.deidentify.pseudonyms import PatientPseudonym
from tce_harness.deidentify.trial import remap
from tce_harness.objects.instance import IMPLEMENTATION_VERSION_NAME
from tce_harness.standard.codes import deidentification_method

AUTHOR_RETAINED = "author identity retained by RCR B4.4"
#: What marking looks at and sets.
MARKS = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280301, 0x00280303})
_LONGEST = 64


def mark(
    dataset: Dataset, policy: Policy, patient: PatientPseudonym, *, author_kept: bool, image: bool
) -> None:
    """Mark a data set, adding to the history that is there, and give it the trial that it is for.

    Codes that are there already are not repeated; a text is added for each time that the instance was
    de-identified. Values of (0012,0063) are kept to the 64 characters of LO. Burned In Annotation
    (0028,0301) is NO on what Clean Pixel Data was applied to, also where there was no text
    (PS3.15 section E.3.1).

    Parameters
    ----------
    image
        Whether it has pixels.
    """
    dataset.PatientIdentityRemoved = "YES"
    dataset.LongitudinalTemporalInformationModified = temporal_information(policy)
    if image and CLEAN_PIXEL_DATA in policy.codes:
        dataset.BurnedInAnnotation = "NO"
    if policy.trial is not None:
        remap(dataset, policy.trial, patient)
    texts = [f"{IMPLEMENTATION_VERSION_NAME}, PS3.15 {policy.edition}, {policy.name}"]
    if author_kept:
        texts.append(AUTHOR_RETAINED)
    history = [*_texts(dataset), *texts]
    dataset.DeidentificationMethod = [text[:_LONGEST] for text in history] if len(history) > 1 else history[0]
    items = list(dataset.get("DeidentificationMethodCodeSequence") or [])
    known = {(str(item.get("CodeValue", "")), str(item.get("CodingSchemeDesignator", ""))) for item in items}
    items.extend(_code(code) for code in policy.codes if (code, "DCM") not in known)
    dataset.DeidentificationMethodCodeSequence = items


def says_yes(dataset: Dataset) -> bool:
    """Return whether an instance says that it is de-identified, Patient Identity Removed (0012,0062)."""
    return str(dataset.get("PatientIdentityRemoved") or "").strip().upper() == "YES"


def temporal_information(policy: Policy) -> str:
    """Return what Longitudinal Temporal Information Modified (0028,0303) says (PS3.15 E.2 and E.3.6)."""
    if FULL_DATES in policy.codes:
        return "UNMODIFIED"
    return "MODIFIED" if MODIFIED_DATES in policy.codes else "REMOVED"


def _texts(dataset: Dataset) -> list[str]:
    value = dataset.get("DeidentificationMethod")
    if not value:
        return []
    return [str(text) for text in value] if isinstance(value, (MultiValue, list)) else [str(value)]


def _code(value: str) -> Dataset:
    method = deidentification_method(value)
    if method is None:
        raise ValueError(f"{value} is no code of CID 7050")
    item = Dataset()
    item.CodeValue = method.value
    item.CodingSchemeDesignator = method.scheme
    item.CodeMeaning = method.meaning
    return item
