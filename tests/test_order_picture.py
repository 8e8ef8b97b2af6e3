"""The map picture of an order: what it shows closed, and what its key says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from shapely.geometry import LineString

from patrolplan.products.basemap import find_line_keys
from patrolplan.products.closed_lines import find_season, mark_closed
from patrolplan.products.orders import build_order
from patrolplan.products.orders.model import Picture, list_texts
from patrolplan.products.orders.sheet import WIDTH_MM
from sample_plan import build_layers, build_plan

CROSS = re.compile(r"l(1\.7|3\.4) \1m0 -\1l-\1 \1")
FERRY = re.compile(r"l1\.5 1\.5l-1\.5 1\.5l-1\.5 -1\.5z")
CROSS_AT = re.compile(r"M([\d.]+) ([\d.]+)l3\.4 3\.4m0")
BASE_AT = re.compile(r'M([\d.]+) ([\d.]+)v-4h4\.8v4z"')
IN_KEY = 2
LABELS = re.compile(r'translate\(([\d.]+) [\d.]+\)">.*?<text[^>]*>([^<]*)</text></g>')


def draw(plan, layers, lang="en") -> str:
    order = build_order(plan, plan.patrols[0].id, layers)
    (picture,) = [
        block
        for section in order.sections
        for block in section.blocks
        if isinstance(block, Picture)
    ]
    return picture.svg.pick(lang)


def say(plan, **limits):
    scenario = plan.scenario.model_copy(update={"limits": limits})
    return plan.model_copy(update={"scenario": scenario})


def count_crosses(svg: str) -> int:
    return len(CROSS.findall(svg)) - IN_KEY


@pytest.mark.parametrize(
    ("limits", "least", "most"),
    [
        # When it is dry the ferry is shut by its season: one cross on its sign.
        ({}, 1, 1),
        ({"season": "dry", "closed_at_start": ["no-such-line"]}, 1, 1),
        # A closure shuts the road besides, all along.
        ({"closed_at_start": ["a"]}, 4, 20),
        # In the rains the road is shut, and the ferry runs.
        ({"season": "rains"}, 3, 20),
        ({"season": "rains", "closed_at_start": ["a", "b"]}, 4, 20),
    ],
)
def test_what_the_map_shows_closed_bears_crosses_on_paper(limits, least, most) -> None:
    plan, layers = say(build_plan(count=1), **limits), build_layers()
    for lang in ("en", "fr"):
        assert least <= count_crosses(draw(plan, layers, lang)) <= most
    marked = mark_closed(layers.lines, plan)
    assert "closed" in find_line_keys(marked, find_season(plan))


def test_what_is_open_bears_no_cross() -> None:
    layers = build_layers()
    layers = replace(layers, lines=layers.lines[layers.lines["id"] != "b"])
    assert count_crosses(draw(build_plan(count=1), layers)) == 0


def test_a_ferry_is_seen_beside_the_stop_that_it_is_at() -> None:
    """Its cross stands clear of the sign of Gao, where the ferry is moved to."""
    plan, layers = build_plan(count=1), build_layers()
    stop = plan.patrols[0].stops[0]
    ferry = layers.lines[layers.lines["id"] == "b"]
    spot = LineString([(stop.lon, stop.lat), (stop.lon + 0.001, stop.lat)])
    shown = draw(plan, replace(layers, lines=ferry.set_geometry([spot], crs=4326)))
    assert count_crosses(shown) == 1
    left, top = map(float, CROSS_AT.findall(shown)[0])
    base_left, base_low = map(float, BASE_AT.findall(shown)[0])
    away = abs(left + 1.7 - base_left - 2.4), abs(top + 1.7 - base_low + 2)
    assert 4.5 < max(away) < 12


def test_the_key_says_what_is_drawn() -> None:
    plan, layers = build_plan(count=1), build_layers()
    shown = draw(plan, layers)
    assert ">closed when the plan begins</text>" in shown
    assert ">fermé au début du plan</text>" in draw(plan, layers, "fr")
    # A ferry is too short to be seen but by its sign: once on the ground, once below.
    assert len(FERRY.findall(shown)) == 2
    assert ">ferry</text>" in shown
    assert ">off track</text>" not in shown
    dry = replace(layers, lines=layers.lines[layers.lines["kind"] == "road"])
    shown = draw(plan, dry)
    assert ">ferry</text>" not in shown
    assert FERRY.findall(shown) == []
    # Without a ground nothing is said of lines, least of all that none is closed.
    bare = draw(plan, None)
    assert ">patrol</text>" in bare
    assert ">road</text>" not in bare
    assert "closed" not in bare
    order = build_order(plan, plan.patrols[0].id)
    (words,) = [text.en for text in list_texts(order) if "Not for nav" in text.en]
    assert "which of them are closed, are not at hand" in words


def test_the_whole_key_stays_on_the_paper() -> None:
    layers = build_layers()
    lines = layers.lines.assign(kind=["road", "ferry", "off_track"])
    for lang in ("en", "fr"):
        svg = draw(build_plan(count=1), replace(layers, lines=lines), lang)
        labels = LABELS.findall(svg)
        assert len(labels) == 12
        for left, words in labels:
            assert float(left) + 8.5 + 1.2 * len(words) < WIDTH_MM


def test_a_patrol_planned_anew_leaves_from_and_comes_home_to_one_sign() -> None:
    plan = build_plan(count=1)
    (patrol,) = plan.patrols
    start = patrol.stops[0].model_copy(update={"kind": "start"})
    anew = patrol.model_copy(update={"stops": [start, *patrol.stops[1:]]})
    layers = build_layers()
    assert draw(plan, layers).count(">B</text>") == 2
    changed = plan.model_copy(update={"patrols": [anew]})
    assert draw(changed, layers) == draw(plan, layers)
