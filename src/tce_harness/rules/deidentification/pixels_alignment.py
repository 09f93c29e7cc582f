"""Where an exported frame lies in the original: cropping moves every box."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tce_harness.rules.deidentification.pixels_stored import Frame

_SURE = 0.6


def offset_of(now: Frame, before: Frame) -> tuple[int, int] | None:
    """Return how far down and right in the original the exported frame begins.

    Parameters
    ----------
    now, before
        One frame as exported and as it was, shape (rows, columns, samples).

    Returns
    -------
    tuple of int or None
        Found by matching the pixels, as no attribute of every IOD tells it; None where the frame is larger
        than the original, or no place in it is like it: resampled, turned, or without any structure.
    """
    if now.shape[:2] == before.shape[:2]:
        return 0, 0
    if now.shape[0] > before.shape[0] or now.shape[1] > before.shape[1] or not now.size:
        return None
    scores = [
        _best_place(now[:, :, sample].astype(np.float64), before[:, :, min(sample, before.shape[2] - 1)])
        for sample in range(min(now.shape[2], 1))
    ]
    score, place = max(scores)
    return place if score >= _SURE else None


def _best_place(template: NDArray[np.float64], image: NDArray[np.int64]) -> tuple[float, tuple[int, int]]:
    """Return the best normalised cross-correlation over all places, by Fourier transform, and the place."""
    whole = image - image.mean()
    wanted = template - template.mean()
    height, width = template.shape
    places = (image.shape[0] - height + 1, image.shape[1] - width + 1)
    product = np.fft.irfft2(
        np.fft.rfft2(whole) * np.conj(np.fft.rfft2(wanted, s=image.shape)), s=image.shape
    )[: places[0], : places[1]]
    sums, squares = _window_sums(whole, height, width), _window_sums(whole**2, height, width)
    spread = np.maximum(squares - sums**2 / wanted.size, 0) * float((wanted**2).sum())
    scores = np.where(spread > 1e-9, np.abs(product) / np.sqrt(np.maximum(spread, 1e-9)), 0.0)
    down, right = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(scores[down, right]), (int(down), int(right))


def _window_sums(values: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    table = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    sums = (
        table[height:, width:] - table[:-height, width:] - table[height:, :-width] + table[:-height, :-width]
    )
    return np.asarray(sums)
