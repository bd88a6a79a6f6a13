"""When a host may be asked again."""

from __future__ import annotations

import pytest

from watchers import hosts
from watchers.hosts import Hosts


def test_a_host_is_asked_every_five_seconds_and_each_by_itself() -> None:
    turns = Hosts()
    assert [turns.turn("a", 100.0), turns.turn("b", 100.0), turns.turn("a", 101.0)] == [0.0, 0.0, 4.0]
    assert turns.turn("a", 105.0) == 5.0
    assert turns.turn("a", 200.0) == 0.0


def test_who_would_wait_too_long_takes_no_turn() -> None:
    turns = Hosts()
    assert [turns.turn("a", 0.0) for _ in range(6)] == [0.0, 5.0, 10.0, 15.0, 15.0, 15.0]
    assert turns.turn("a", 20.0) == 0.0


def test_what_is_long_over_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "REMEMBERED", 10)
    turns = Hosts()
    for n in range(100):
        turns.turn(str(n), 10.0 * n)
    assert len(turns._free) <= 12
