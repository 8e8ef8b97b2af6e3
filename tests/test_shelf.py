"""The shelf: the same answers, worked out once, by content, and mapped by others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from patrolplan.network import Clearance, RoadState, build_network, build_travel
from patrolplan.network.clearance import KeptPlace
from patrolplan.question import list_places
from patrolplan.shelf import Shelf, keep, lend_shelf, list_beside

CALLS: list[Any] = []


@dataclass(frozen=True, eq=False)
class Ways:
    """An answer that is asked about again."""

    minutes: np.ndarray
    names: frozenset[str]


def build_ways(size: int, names: frozenset[str] = frozenset()) -> Ways:
    CALLS.append((size, names))
    return Ways(np.arange(size, dtype=float), names)


def sum_ways(ways: Ways, path: Path | None = None) -> float:
    CALLS.append(ways)
    extra = 0.0 if path is None else float(path.read_text("utf-8"))
    return float(ways.minutes.sum()) + extra


def count_calls() -> int:
    count = len(CALLS)
    CALLS.clear()
    return count


def test_without_a_shelf_everything_is_worked_out_anew() -> None:
    CALLS.clear()
    assert keep(build_ways, 3) is not keep(build_ways, 3)
    assert count_calls() == 2


def test_answers_are_found_by_what_was_asked(tmp_path) -> None:
    CALLS.clear()
    with lend_shelf(tmp_path / "a"):
        ways = keep(build_ways, 4, names=frozenset("ab"))
        assert keep(build_ways, 4, names=frozenset("ba")) is ways
        assert keep(build_ways, 5).minutes.size == 5
        # 0 + 1 + 2 + 3, told by what the ways were asked with.
        assert keep(sum_ways, ways) == keep(sum_ways, ways) == 6.0
        assert keep(sum_ways, keep(build_ways, 5)) == 10.0
    assert count_calls() == 4


def test_a_file_that_changes_is_another_question(tmp_path) -> None:
    CALLS.clear()
    file = tmp_path / "more.txt"
    ways = Ways(np.ones(2), frozenset())
    with lend_shelf(None):
        for text, total in (("1", 3.0), ("1", 3.0), ("22", 24.0)):
            file.write_text(text, "utf-8")
            assert keep(sum_ways, ways, file, files=list_beside(file)) == total
    assert count_calls() == 2
    (tmp_path / "more.dbf").touch()
    (tmp_path / "moreover.txt").touch()
    assert [path.name for path in list_beside(file)] == ["more.dbf", "more.txt"]
    assert list_beside(tmp_path / "nowhere" / "at-all.csv") == ()


def test_another_shelf_maps_the_same_file(tmp_path) -> None:
    CALLS.clear()
    first, other = Shelf(tmp_path), Shelf(tmp_path)
    ask = (build_ways, (1000, frozenset("xyz")), {})
    one, two = first.find(*ask), other.find(*ask)
    assert count_calls() == 1
    (file,) = tmp_path.iterdir()
    # Its own, not a copy of the file; and whoever writes in it changes nobody's else.
    assert type(two.minutes) is np.ndarray
    assert not two.minutes.flags.owndata
    assert two.names == one.names
    two.minutes[:] = -1.0
    assert Shelf(tmp_path).find(*ask).minutes[999] == 999.0
    # A file that is cut is no answer, nor is a folder that cannot be written.
    file.write_bytes(b"")
    assert Shelf(tmp_path).find(*ask).minutes[999] == 999.0
    assert Shelf(tmp_path / "missing").find(*ask).minutes[999] == 999.0
    assert count_calls() == 2


def test_a_full_shelf_lets_go_of_the_oldest(monkeypatch) -> None:
    CALLS.clear()
    monkeypatch.setattr("patrolplan.shelf._MOST_HELD", 2)
    shelf = Shelf()
    for size in (1, 2, 1, 3, 1, 2):
        assert shelf.find(build_ways, (size,), {}).minutes.size == size
    # The second 2 alone: 1 was asked again before 3 came.
    assert [size for size, _ in CALLS] == [1, 2, 3, 2]


def test_travel_is_the_same_from_the_shelf(scenario, layers, tmp_path) -> None:
    places = list_places(layers.population)
    state = RoadState("light_4x4", closed=frozenset({"anefis-kidal", "gao-labbezanga"}))
    kept = [KeptPlace("school", "school", -0.04, 16.27, 1.0, False)]

    def ask() -> Any:
        network = keep(build_network, layers.lines, places, snap_km=10.0)
        clearance = Clearance(kept)
        return keep(
            build_travel, network, layers.speeds, sorted(places), state, clearance
        )

    plain = ask()
    with lend_shelf(tmp_path):
        first = ask()
        assert ask() is first
    assert len(list(tmp_path.iterdir())) == 2
    second = Shelf(tmp_path)
    network = second.find(build_network, (layers.lines, places), {"snap_km": 10.0})
    mapped = second.find(
        build_travel,
        (network, layers.speeds, sorted(places), state, Clearance(kept)),
        {},
    )
    assert len(list(tmp_path.iterdir())) == 2
    assert mapped.halt_blocked == plain.halt_blocked
    assert mapped.trace("gao", "kidal") == plain.trace("gao", "kidal")
    for name in ("durations_min", "lengths_m", "fuels_l", "hazards"):
        assert np.array_equal(getattr(mapped, name), getattr(plain, name))
