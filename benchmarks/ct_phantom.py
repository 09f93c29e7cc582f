"""A body in a CT image: what the benchmarks put into the pixels of the images that they time with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def body(number: int, side: int) -> NDArray[np.uint16]:
    """Return soft tissue and lungs in air, with a scanner's noise: what bytes of a CT image look like.

    Uniform noise would be the worst case of a tool that looks for text, and an even image the best.

    Parameters
    ----------
    number
        Seed of the noise.
    side
        Rows, and columns.

    Returns
    -------
    numpy.ndarray
        Shape (side, side), values of 12 bits.
    """
    row, column = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    inside = (row / 0.7) ** 2 + (column / 0.9) ** 2 < 1
    lungs = (row / 0.4) ** 2 + ((abs(column) - 0.4) / 0.25) ** 2 < 1
    noise = np.random.default_rng(number).normal(0, 12, (side, side))
    levels = np.where(inside, np.where(lungs, 180, 1060), 8) + noise
    return np.clip(levels, 0, 4095).astype("<u2")
