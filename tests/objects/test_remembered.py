from __future__ import annotations

from tce_harness.objects.remembered import Remembered


def test_what_is_asked_for_again_and_again_stays() -> None:
    remembered: Remembered[int, str] = Remembered(10)
    remembered.put(0, "always")
    for number in range(1, 1000):
        remembered.put(number, "once")
        assert remembered.get(0) == "always"


def test_what_nobody_asks_for_is_forgotten() -> None:
    remembered: Remembered[int, str] = Remembered(10)
    for number in range(100):
        remembered.put(number, "once")
    held = [number for number in range(100) if remembered.get(number)]
    assert 99 in held
    assert len(held) <= 20
    assert held[0] >= 80
