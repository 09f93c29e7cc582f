from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread

from tce_harness.content import Content
from tce_harness.examiners import Ocr, ocr
from tce_harness.examiners.ocr import MOST_FRAMES, Picture, Read, pictured
from tce_harness.fixtures import find_recipe, synthesise


def made(recipe: str) -> bytes:
    content = Content.with_overlays()
    return synthesise(find_recipe(recipe, content), seed=5, block=1, name="study").instances[0].content


def made_last(recipe: str) -> bytes:
    content = Content.with_overlays()
    return synthesise(find_recipe(recipe, content), seed=5, block=1, name="study").instances[-1].content


def reads_a_line(picture: Picture) -> list[Read]:
    return [([[3.4, 1], [20, 1], [20, 9.6], [3.4, 9.6]], f"Müller {picture.shape[0]}", 0.98765)]


def test_each_frame_is_read_and_told_as_a_line() -> None:
    answer = Ocr(asked=True, reader=reads_a_line).examine(made("us-burned-in"))
    lines = [json.loads(line) for line in answer.output.splitlines()]
    assert answer.outcome == "answered"
    assert lines[0] == {"frames": 3, "read": [1, 2, 3]}
    assert lines[2] == {"frame": 2, "box": [3, 1, 17, 9], "text": "Müller 96", "score": 0.988}


def test_of_many_frames_the_first_and_the_last_are_read() -> None:
    dataset = dcmread(BytesIO(made("us-burned-in")))
    dataset.NumberOfFrames, dataset.PixelData = 60, dataset.PixelData * 20
    written = BytesIO()
    dataset.save_as(written)
    first = json.loads(Ocr(asked=True, reader=reads_a_line).examine(written.getvalue()).output.split("\n")[0])
    assert (first["frames"], first["read"][0], first["read"][-1]) == (60, 1, 60)
    assert len(first["read"]) == MOST_FRAMES


def test_without_pixels_no_frame_is_read() -> None:
    answer = Ocr(asked=True, reader=reads_a_line).examine(made_last("report"))
    assert (answer.outcome, json.loads(answer.output)) == ("answered", {"frames": 0, "read": []})


def test_not_asked_and_not_installed_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(ocr, "import_module", missing)
    not_asked, not_there = (Ocr(asked=asked).examine(made("us-burned-in")) for asked in (False, True))
    assert (not_asked.outcome, not_there.outcome) == ("unavailable", "unavailable")
    assert "--ocr" in not_asked.output
    assert "pip install 'tce-harness[ocr]'" in not_there.output


def test_what_cannot_be_decoded_fails_and_raises_nothing() -> None:
    broken = made("us-burned-in")[:-2000]
    answer = Ocr(asked=True, reader=reads_a_line).examine(broken)
    assert answer.outcome == "failed"
    assert answer.output.startswith("OCR stopped with ")


def test_a_picture_spans_black_to_white_and_monochrome1_is_turned() -> None:
    dataset = dcmread(BytesIO(made("cr-hand")))
    picture = pictured(dataset, 1)
    dataset.PhotometricInterpretation = "MONOCHROME2"
    assert (picture.min(), picture.max(), picture.shape[2]) == (0, 255, 3)
    assert np.abs(picture.astype(int) + pictured(dataset, 1) - 255).max() <= 1
