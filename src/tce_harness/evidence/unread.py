"""What is known of a file in evidence that cannot be read as a DICOM instance."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from tce_harness.model.errors import FileFault


@dataclass(frozen=True, slots=True, eq=False)
class Unread:
    """Why a file has no data set to judge.

    Parameters
    ----------
    text
        Why, without any value of the file.
    observed
        The value that is wrong; None where none is.
    directory
        The data set of a DICOMDIR; None of anything else.
    """

    text: str
    fault: FileFault
    observed: str | None = None
    directory: Dataset | None = None
