"""The map of risk in a browser without a network: each sum in a click."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolplan.products.risk_page import write_risk_page
from patrolplan.products.symbols import UNKNOWN_COLOUR, find_risk_colour
from patrolplan.ratings import rate_scenario

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def rating(scenario):
    return rate_scenario(scenario)


def write(folder, rating, sites=None, zones=None) -> Path:
    days = rating.scenario.days
    return write_risk_page(
        folder / "risk.html",
        rating.sites if sites is None else sites,
        rating.zones if zones is None else zones,
        rating.layers,
        rating.scenario.need,
        title=rating.scenario.title,
        days=(days[0].isoformat(), days[-1].isoformat()),
    )


@pytest.fixture(scope="module")
def risk_page(tmp_path_factory, rating):
    return write(tmp_path_factory.mktemp("risk"), rating)


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png")


def test_every_site_is_drawn_and_unknown_has_its_own_colour(
    open_offline, risk_page, rating
) -> None:
    opened = open_offline(risk_page)
    page = opened.page
    drawn = page.evaluate(
        """() => Array.from(document.querySelectorAll("path.pp-site"))
          .map((path) => [path.getAttribute("fill"), path.getAttribute("stroke")])"""
    )
    assert len(drawn) == len(rating.sites) == 53
    unknown = [fill for fill, stroke in drawn if stroke == UNKNOWN_COLOUR]
    assert len(unknown) == int(rating.sites["risk"].isna().sum()) == 5
    levels = {find_risk_colour(risk) for risk in rating.sites["risk"].dropna()}
    assert not levels & set(unknown)
    assert page.get_by_text("Risk unknown (not zero)", exact=True).is_visible()
    assert page.locator(".pp-risk-row .pp-chip-unknown").count() == 5
    shoot(opened, "risk-1280-en")
    opened.assert_quiet()


def test_the_legend_covers_no_site(open_offline, risk_page) -> None:
    page = open_offline(risk_page).page
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


def test_a_row_of_the_table_shows_the_sum_with_all_its_terms(
    open_offline, risk_page
) -> None:
    opened = open_offline(risk_page)
    page = opened.page
    page.click('[data-place="gossi"]')
    sum_ = page.locator(".pp-sum").inner_text()
    assert "0.4 × 4 + 0.3 × 4 + 0.3 × (6 − 1) = 1.6 + 1.2 + 1.5 = 4.3" in sum_
    assert "24,521 people × r 0.825 = 20,229.825" in sum_
    assert "Source: illustrative: own reading" in sum_
    assert "ILLUSTRATIVE, not an assessment" in sum_
    shoot(opened, "risk-1280-sum")
    opened.assert_quiet()


def test_a_site_on_the_map_shows_its_sum_and_what_is_unknown(
    open_offline, risk_page
) -> None:
    opened = open_offline(risk_page)
    page = opened.page
    page.evaluate("window[planPage.places.djenne].fire('click')")
    sum_ = page.locator(".pp-sum").inner_text()
    assert "0.4 × ? + 0.3 × 1 + 0.3 × (6 − 5)" in sum_
    assert "A sum with an unknown factor is unknown, never low" in sum_
    assert "threat unknown" in sum_
    opened.assert_quiet()


def test_the_language_is_switched(open_offline, risk_page) -> None:
    opened = open_offline(risk_page)
    page = opened.page
    page.click("#pp-lang")
    title = "patrolplan - Risque pour les civils - CONFIDENTIEL"
    assert page.title() == title
    page.click('[data-place="gossi"]')
    text = page.locator("body").inner_text()
    assert "0,4 × 4 + 0,3 × 4 + 0,3 × (6 − 1) = 1,6 + 1,2 + 1,5 = 4,3" in text
    assert "menace" in text
    for english in ("threat", "unknown", "need", "capacity", "Source of"):
        assert english not in text
    shoot(opened, "risk-1280-fr")
    opened.assert_quiet()


def test_it_fits_a_phone(open_offline, risk_page) -> None:
    opened = open_offline(risk_page, 360, 740)
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("#pp-toggle")
    page.click('[data-place="gossi"]')
    popup = page.locator(".leaflet-popup")
    box = popup.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert not page.locator("#pp-legend").is_visible()
    shoot(opened, "risk-360-sum")
    page.click(".leaflet-popup-close-button")
    assert page.locator("#pp-legend").is_visible()
    opened.assert_quiet()


def test_hostile_names_do_nothing(open_offline, tmp_path, rating) -> None:
    hostile = "<img src=x onerror=alert(1)>`${alert(2)}`{{7*7}}"
    population = rating.layers.population.assign(name=hostile, name_fr=None)
    layers = type("Layers", (), {**vars(rating.layers), "population": population})
    sites = rating.sites.assign(
        name=hostile, cercle=hostile, threat_reason=hostile, threat_source=hostile
    )
    zones = rating.zones.assign(name=hostile, name_fr=None)
    page_path = write_risk_page(
        tmp_path / "risk.html",
        sites,
        zones,
        layers,
        rating.scenario.need,
        title=hostile,
        days=("2014-11-03", "2014-11-30"),
        sources=[hostile],
    )
    opened = open_offline(page_path)
    opened.page.click('[data-place="gossi"]')
    assert hostile in opened.page.locator(".pp-sum").inner_text()
    assert opened.page.locator("img[src=x]").count() == 0
    opened.assert_quiet()
