"""The page that lists several plans, and those that failed."""

from __future__ import annotations

import re

from patrolplan.products.index import IndexRow, render_index, write_index
from sample_plan import build_plan

BROKEN = {
    "rule": "no_way",
    "patrol_id": "p",
    "where": None,
    "found": None,
    "limit": None,
}


def test_plans_are_linked_and_failures_listed(tmp_path) -> None:
    rows = [
        IndexRow("north-mali", "north-mali", build_plan()),
        IndexRow("delta", "delta", build_plan(count=2, violations=[BROKEN])),
        IndexRow("bad.toml", faults=("bad.toml: start: 'x'; a date", "second")),
    ]
    html = write_index(rows, tmp_path / "index.html").read_text("utf-8")
    assert 'href="./north-mali/map.html"' in html
    assert "A leg goes where there is no way" in html
    assert "1 scenario failed" in html
    assert "1 scénario a échoué" in html
    assert "bad.toml: start: &#x27;x&#x27;; a date" in html
    assert "DRAFT: not for use" in html
    assert str(tmp_path) not in html
    assert not re.search(r"\b\d\d:\d\d\b", html)
    assert render_index(rows) == html


def test_no_plan_and_no_fault() -> None:
    assert "No plan." in render_index([])
    assert "No fault was recorded." in render_index([IndexRow("x")])


def test_hostile_names_are_text_and_no_link_leaves_the_folder() -> None:
    name = "<script>alert(1)</script>{{7*191}}"
    rows = [
        IndexRow(name, "javascript:alert(1)", build_plan(rename=lambda _: name)),
        IndexRow(name, "../../etc", build_plan()),
        IndexRow(name, faults=(name,)),
    ]
    html = render_index(rows)
    assert "<script>alert" not in html
    assert "1337" not in html
    links = re.findall(r'href="([^"]*)"', html)
    assert links == [
        "./javascript%3Aalert%281%29/map.html",
        "./..%2F..%2Fetc/map.html",
    ]
