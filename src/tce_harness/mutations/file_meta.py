"""Mutations of what stands before the data set of a file: preamble and file meta information."""

from __future__ import annotations

import copy

from pydicom.dataset import Dataset

from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext


class KeepFileMeta(ObjectPrimitive):
    """Preamble and file meta information stay those of the original: ``keep-file-meta: {}``.

    Only files show it: on the wire the receiver writes both.
    """

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the original's file meta information and preamble."""
        if original is not None:
            dataset.file_meta = copy.deepcopy(original.file_meta)
            dataset.preamble = original.preamble
        return dataset
