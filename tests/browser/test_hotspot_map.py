"""The map of hot spots in a browser without a network, of made-up incidents."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_files import AREA, AS_OF, scatter
from patrolplan.need import compare_with_threat, estimate_hotspots, estimate_threat
from patrolplan.planfile import Code
from patrolplan.products.hotspots import write_hotspots

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def incidents(tmp_path_factory):
    return scatter(tmp_path_factory.mktemp("incidents"), 60, 60)


@pytest.fixture(scope="module")
def hotspots(incidents):
    return estimate_hotspots(incidents, as_of=AS_OF, area=AREA)


@pytest.fixture(scope="module")
def hotspot_page(tmp_path_factory, layers, incidents, hotspots):
    threat = estimate_threat(layers.population, incidents, as_of=AS_OF)
    return write_hotspots(
        tmp_path_factory.mktemp("hot") / "hotspots.html",
        hotspots,
        layers,
        source=incidents.source,
        threat=threat,
        opinions=compare_with_threat(layers.population, threat, hotspots),
        notices=[Code(code="incidents_outside", values={"count": 3})],
    )


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png")


def test_density_hot_cells_and_sites_are_drawn(
    open_offline, hotspot_page, hotspots
) -> None:
    opened = open_offline(hotspot_page)
    page = opened.page
    fills = page.evaluate(
        """() => Array.from(document.querySelectorAll("path.leaflet-interactive"))
          .map((path) => path.getAttribute("fill"))"""
    )
    hot = int(hotspots.cells["hot"].sum())
    assert fills.count("#1d0f3f") == hot > 0
    assert len(set(fills) - {"#1d0f3f"}) == 5
    assert page.locator("path.pp-site").count() == 53
    panel = page.locator("#pp-panel").inner_text()
    assert f"{hotspots.count}\nincidents reported" in panel
    assert "never used alone" in panel
    assert "3 incidents far outside the area are set aside." in panel
    names = page.locator(".pp-label.pp-free").all_inner_texts()
    assert {"Gao", "Taoudenni", "Mopti"} <= set(names)
    shoot(opened, "hotspots-1280-en")
    opened.assert_quiet()


def test_the_legend_covers_no_site(open_offline, hotspot_page) -> None:
    page = open_offline(hotspot_page).page
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


def test_the_language_is_switched(open_offline, hotspot_page) -> None:
    opened = open_offline(hotspot_page)
    page = opened.page
    page.click("#pp-lang")
    text = page.locator("body").inner_text()
    assert "jamais employé seul" in text
    assert "never used alone" not in text
    shoot(opened, "hotspots-1280-fr")
    opened.assert_quiet()


def test_it_fits_a_phone(open_offline, hotspot_page) -> None:
    opened = open_offline(hotspot_page, 390, 800)
    page = opened.page
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.click("#pp-toggle")
    assert page.locator("#pp-panel").is_visible()
    shoot(opened, "hotspots-390")
    opened.assert_quiet()


def test_a_cell_tells_what_it_holds(open_offline, hotspot_page) -> None:
    opened = open_offline(hotspot_page)
    page = opened.page
    hot = page.locator('path.leaflet-interactive[fill="#1d0f3f"]').first
    hot.hover()
    tip = page.locator(".pp-tip")
    assert "Hot spot" in tip.inner_text()
    assert "Gi*" in tip.inner_text()
    opened.assert_quiet()
