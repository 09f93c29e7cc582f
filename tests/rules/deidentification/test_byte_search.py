from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tce_harness.rules.deidentification import byte_search
from tce_harness.rules.deidentification.byte_search import ByteSearch


def plainly(wanted: set[bytes], content: bytes) -> set[tuple[bytes, int]]:
    """Find every string at every place the slow way."""
    folded = content.lower()
    return {
        (each, start)
        for each in wanted
        for start in range(len(content))
        if folded.startswith(each, start) and len(each) >= 4
    }


@given(
    st.sets(st.binary(min_size=1, max_size=12).map(bytes.lower), max_size=6),
    st.lists(st.binary(max_size=9), max_size=9),
    st.randoms(use_true_random=False),
)
def test_what_is_found_is_what_a_slow_search_finds(wanted: set[bytes], around: list[bytes], random) -> None:  # type: ignore[no-untyped-def]
    pieces = [*around, *wanted, *(each.upper() for each in wanted)]
    random.shuffle(pieces)
    content = b"".join(pieces)
    assert set(ByteSearch(wanted).find(content)) == plainly(wanted, content)


def test_a_string_over_the_border_of_two_pieces_is_found_once(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(byte_search, "_PIECE", 64)
    content = b"\0" * 60 + b"Szczepanska" + b"\0" * 50 + b"szczepanska"
    assert list(ByteSearch([b"szczepanska"]).find(content)) == [(b"szczepanska", 60), (b"szczepanska", 121)]


def test_nothing_is_wanted_or_nothing_is_there() -> None:
    assert not ByteSearch([])
    assert list(ByteSearch([]).find(b"anything")) == []
    assert list(ByteSearch([b"wanted"]).find(b"")) == []
    assert list(ByteSearch([b"wanted"]).find(b"w")) == []
