"""Packs for wider circles in a browser without a network, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolplan.products.release import write_release

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def folders(tmp_path_factory, study, layers):
    root = tmp_path_factory.mktemp("release")
    for profile in ("open", "unclassified"):
        plan = study.plan_file.model_copy(update={"release": profile})
        write_release(plan, layers, root / profile)
    return root


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


def measure_width(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_open_map_shows_areas_in_both_languages(open_offline, folders, width):
    opened = open_offline(folders / "open" / "map.html", width, 800)
    page = opened.page
    assert measure_width(page) <= width
    assert page.locator("path.leaflet-interactive").count() == 11
    box = page.locator(".folium-map").bounding_box()
    assert box["height"] > 200
    assert "It says nothing of patrols" in page.locator("body").inner_text()
    shoot(opened, f"open-{width}-en")
    page.click("#pp-lang")
    text = page.locator("body").inner_text()
    assert "Elle ne dit rien des patrouilles" in text
    assert "It says nothing" not in text
    assert page.locator(".pp-marking").first.inner_text() == "PUBLIC"
    assert page.title() == "patrolplan - PUBLIC - PROJET\xa0: ne pas utiliser"
    shoot(opened, f"open-{width}-fr")
    opened.assert_quiet()


def test_an_area_tells_its_people(open_offline, folders) -> None:
    opened = open_offline(folders / "open" / "map.html")
    page = opened.page
    # The marking is in sight above the map and below it.
    assert page.locator(".pp-marking").count() == 2
    page.locator("path.leaflet-interactive").nth(4).hover(force=True)
    assert page.locator(".pp-tip").inner_text()
    opened.assert_quiet()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_unclassified_map_shows_places(open_offline, folders, width) -> None:
    opened = open_offline(folders / "unclassified" / "map.html", width, 800)
    page = opened.page
    assert measure_width(page) <= width
    assert page.locator("path.leaflet-interactive").count() == 11 + 53
    text = page.locator("body").inner_text()
    assert "Kept by: sector commander. Destroy after 2015-01." in text
    shoot(opened, f"unclassified-{width}-en")
    opened.assert_quiet()


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_brief_fits_a_phone_and_a_sheet(open_offline, folders, lang) -> None:
    file = folders / "open" / f"brief.{lang}.html"
    opened = open_offline(file, 360, 800)
    assert measure_width(opened.page) <= 360
    shoot(opened, f"open-brief-360-{lang}")
    sheet = opened.page.pdf(format="A4", prefer_css_page_size=True)
    assert sheet.count(b"/Type /Page\n") == 1
    opened.assert_quiet()
