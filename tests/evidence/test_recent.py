from __future__ import annotations

from tce_harness.evidence.recent import Recent


def test_what_was_made_is_made_once() -> None:
    made: list[str] = []
    recent: Recent[str] = Recent(100)

    def make() -> tuple[str, int]:
        made.append("once")
        return "thing", 10

    assert (recent.get("a", make), recent.get("a", make)) == ("thing", "thing")
    assert made == ["once"]


def test_the_least_recently_used_gives_way() -> None:
    recent: Recent[str] = Recent(20)
    for digest in "ab":
        recent.put(digest, digest, 10)
    recent.get("a", lambda: ("anew", 10))
    recent.put("c", "c", 10)
    assert recent.get("a", lambda: ("anew", 10)) == "a"
    assert recent.get("b", lambda: ("anew", 10)) == "anew"


def test_one_thing_larger_than_all_room_is_held_until_the_next() -> None:
    recent: Recent[str] = Recent(20)
    recent.put("large", "large", 1000)
    assert recent.get("large", lambda: ("anew", 1000)) == "large"
    recent.put("small", "small", 1)
    assert recent.get("large", lambda: ("anew", 1000)) == "anew"


def test_putting_something_again_takes_no_more_room() -> None:
    recent: Recent[str] = Recent(20)
    for _ in range(5):
        recent.put("a", "a", 10)
    recent.put("b", "b", 10)
    assert recent.get("a", lambda: ("anew", 10)) == "a"
