"""No de-identification at all: the negative control."""

from __future__ import annotations

import copy

from pydicom.dataset import Dataset

from tce_harness.deidentify import Deidentified


class Untouched:
    """Hands instances on as they came; stands in the de-identifier's place under policy ``none``."""

    def deidentify(self, dataset: Dataset) -> Deidentified:
        """Return a copy."""
        return Deidentified(copy.deepcopy(dataset), ())
