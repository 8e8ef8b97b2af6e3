"""The map of the casualty clock in a browser without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolplan.casualty_gaps import find_casualty_gaps
from patrolplan.products.casualty_page import write_casualty_page
from patrolplan.products.maps import write_map

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def gaps(scenario):
    return find_casualty_gaps(scenario)


@pytest.fixture(scope="module")
def gap_page(tmp_path_factory, gaps):
    return write_casualty_page(tmp_path_factory.mktemp("gap") / "casualty.html", gaps)


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png")


def test_sites_in_and_out_are_told_apart(open_offline, gap_page) -> None:
    opened = open_offline(gap_page)
    page = opened.page
    assert page.locator("path.pp-site").count() == 53
    assert page.locator("path.pp-state-beyond").count() == 12
    assert page.locator("path.pp-state-day").count() == 9
    assert page.locator(".pp-care").count() == 8
    assert page.locator(".pp-marking >> visible=true").count() == 2
    assert page.locator(".pp-status").inner_text() == "ASSUMED"
    fills = page.evaluate(
        """() => new Set(Array.from(document.querySelectorAll("path.pp-site"))
          .map((path) => path.getAttribute("fill"))).size"""
    )
    assert fills == 3
    covered = page.evaluate(
        """() => {
          const legend = document.getElementById("pp-legend").getBoundingClientRect();
          const sites = Array.from(document.querySelectorAll("path.pp-site"));
          return sites.filter((path) => {
            const at = path.getBoundingClientRect();
            return at.left < legend.right && legend.left < at.right &&
              at.top < legend.bottom && legend.top < at.bottom;
          }).length;
        }"""
    )
    assert covered == 0
    shoot(opened, "casualty-1280-en")
    opened.assert_quiet()


def test_a_site_shows_its_sum_and_the_best_place_its_gain(
    open_offline, gap_page
) -> None:
    opened = open_offline(gap_page)
    page = opened.page
    page.click('[data-place="bamba"]')
    popup = page.locator(".leaflet-popup").inner_text()
    assert "surgery in 130 min by day · beyond the casualty clock" in popup
    assert "30 + 44.7 + 10 + 44.6 = 129.3 min" in popup
    page.click('[data-place="best:site:menaka"] >> nth=0')
    popup = page.locator(".leaflet-popup").inner_text()
    assert "34,602 people" in popup
    assert "Talataye" in popup
    opened.assert_quiet()


def test_it_fits_a_phone_in_french(open_offline, gap_page) -> None:
    opened = open_offline(gap_page, 360, 740)
    page = opened.page
    page.click("#pp-lang")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shoot(opened, "casualty-360-fr")
    page.click("#pp-toggle")
    text = page.locator("#pp-panel").inner_text()
    for english in ("surgery", "clock", "people", "need", "Beyond", "helicopter"):
        assert english not in text
    page.click('[data-place="best:site:menaka"] >> nth=0')
    box = page.locator(".leaflet-popup").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["y"] + box["height"] <= 740
    shoot(opened, "casualty-360-fr-best")
    opened.assert_quiet()


def test_a_plan_shows_the_sum_of_a_stop(open_offline, study, tmp_path) -> None:
    path = write_map(study.plan_file, study.layers, tmp_path / "map.html")
    opened = open_offline(path)
    page = opened.page
    told = page.locator("#pp-casualty").inner_text()
    assert "legs and stops lie over 120 min from surgery by day" in told
    page.click('[data-patrol="1"]')
    page.locator(".pp-go >> visible=true").first.click()
    popup = page.locator(".leaflet-popup").inner_text()
    assert "surgery in" in popup
    assert "Helicopter, " in popup
    opened.assert_quiet()


def test_hostile_names_do_nothing(open_offline, tmp_path, gaps) -> None:
    hostile = "<img src=x onerror=alert(1)>`${alert(2)}`{{7*7}}"
    population = gaps.layers.population.assign(name=hostile, name_fr=None)
    medical = gaps.layers.medical.assign(name=hostile, source=hostile, note=hostile)
    layers = type(gaps.layers)(
        **(vars(gaps.layers) | {"population": population, "medical": medical})
    )
    changed = type(gaps)(
        **(
            vars(gaps)
            | {
                "layers": layers,
                "places": gaps.places.assign(name=hostile, name_fr=None),
                "candidates": gaps.candidates.assign(name=hostile, name_fr=None),
            }
        )
    )
    opened = open_offline(write_casualty_page(tmp_path / "casualty.html", changed))
    opened.page.click('[data-place="bamba"]')
    assert hostile in opened.page.locator(".leaflet-popup").inner_text()
    assert opened.page.locator("img[src=x]").count() == 0
    opened.assert_quiet()
