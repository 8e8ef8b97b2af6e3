"""The map of the lines to keep open in a browser without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patrolplan.criticality import find_criticality
from patrolplan.products.criticality_page import write_criticality_page

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def found(scenario):
    return find_criticality(scenario)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory, found):
    return write_criticality_page(tmp_path_factory.mktemp("cut") / "cut.html", found)


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png")


def test_a_line_shows_whom_its_cut_leaves_without_a_way(
    open_offline, page_file
) -> None:
    opened = open_offline(page_file)
    page = opened.page
    assert page.locator(".pp-marking >> visible=true").count() == 2
    assert "CONFIDENTIAL" in page.locator(".pp-marking").first.inner_text()
    assert "never a list of targets" in page.locator(".pp-keep").inner_text()
    shoot(opened, "critical-1280-en")
    page.click('[data-place="rn33-goundam-tonka"]')
    popup = page.locator(".leaflet-popup").inner_text()
    assert "76,411 people cut off" in popup
    assert "without any way" in popup
    shoot(opened, "critical-1280-en-line")
    # One that bears no number on the map opens from the table too.
    page.locator(".pp-risk-row button").last.click()
    assert "h more" in page.locator(".leaflet-popup").inner_text()
    opened.assert_quiet()


def test_it_fits_a_phone_in_french(open_offline, page_file) -> None:
    opened = open_offline(page_file, 360, 740)
    page = opened.page
    page.click("#pp-lang")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shoot(opened, "critical-360-fr")
    page.click("#pp-toggle")
    text = page.locator("#pp-panel").inner_text()
    for english in ("people", "Lines", "without", "cut ", "hours"):
        assert english not in text
    page.click('[data-place="rn33-goundam-tonka"]')
    box = page.locator(".leaflet-popup").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    shoot(opened, "critical-360-fr-line")
    opened.assert_quiet()


def test_hostile_names_do_nothing(open_offline, tmp_path, found) -> None:
    hostile = "<img src=x onerror=alert(1)>`${alert(2)}`{{7*7}}"
    layers = replace(
        found.layers,
        population=found.layers.population.assign(name=hostile, name_fr=None),
        bases=found.layers.bases.assign(name=hostile),
    )
    lines = found.lines.assign(name=hostile, name_fr=hostile)
    changed = replace(found, layers=layers, lines=lines)
    opened = open_offline(write_criticality_page(tmp_path / "cut.html", changed))
    opened.page.click('[data-place="mopti-sevare"]')
    assert hostile in opened.page.locator(".leaflet-popup").inner_text()
    assert opened.page.locator("img[src=x]").count() == 0
    opened.assert_quiet()
