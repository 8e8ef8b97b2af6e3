"""The map of a plan in a browser without a network, as its reader uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolplan.products.index import IndexRow, write_index
from patrolplan.products.maps import write_map
from sample_plan import GEO, build_layers, build_plan, follow_lines, load_theatre

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def sample_map(tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    if GEO.exists():
        return write_map(build_plan(count=9, way=follow_lines), load_theatre(), path)
    return write_map(build_plan(count=9), build_layers(), path)


@pytest.fixture
def shoot():
    ARTIFACTS.mkdir(exist_ok=True)

    def take(opened, name: str) -> None:
        opened.page.screenshot(path=ARTIFACTS / f"{name}.png")

    return take


def count(page, selector: str) -> int:
    return page.locator(f"{selector} >> visible=true").count()


def test_opens_with_patrols_sites_and_marking(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map, 1280, 900)
    page = opened.page
    assert count(page, "path.pp-way") > 20
    assert page.locator("path.pp-site").count() == 30
    assert count(page, ".pp-stop:not(.pp-key)") == 23
    assert count(page, ".pp-halt") >= 3
    assert count(page, ".pp-base") == 4
    assert count(page, ".pp-marking") == 2
    assert page.locator(".pp-status").inner_text() == "DRAFT: not for use"
    assert page.locator("#pp-panel").is_visible()
    assert page.locator(".leaflet-control-scale").is_visible()
    names = page.locator(".pp-label.pp-free").all_inner_texts()
    assert {"Gao", "Timbuktu", "Kidal", "Ménaka"} <= set(names)
    shoot(opened, "map-1280-en")
    opened.assert_quiet()


def test_names_do_not_cover_each_other(open_offline, sample_map) -> None:
    page = open_offline(sample_map, 1280, 900).page
    overlaps = page.evaluate(
        """() => {
          const all = Array.from(document.querySelectorAll(".pp-label.pp-free"));
          const rects = all.map((label) => label.getBoundingClientRect());
          let found = 0;
          rects.forEach((a, i) => rects.slice(i + 1).forEach((b) => {
            if (a.left < b.right && b.left < a.right &&
                a.top + 1 < b.bottom - 1 && b.top + 1 < a.bottom - 1) found += 1;
          }));
          return [all.length, found];
        }"""
    )
    assert overlaps[0] >= 15
    assert overlaps[1] <= 1


def test_the_language_is_switched(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map)
    page = opened.page
    assert "NOT COVERED" in page.locator("#pp-panel").inner_text()
    assert page.title().endswith("CONFIDENTIAL - DRAFT: not for use")
    page.click("#pp-lang")
    assert page.title().endswith("CONFIDENTIEL - PROJET\xa0: ne pas utiliser")
    assert "graine 42" in page.locator(".pp-sources p").last.inner_text()
    assert "NON COUVERTS" in page.locator("#pp-panel").inner_text()
    assert "NOT COVERED" not in page.locator("#pp-panel").inner_text()
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert "PROJET" in page.locator(".pp-status").inner_text()
    assert "Tombouctou" in page.locator(".pp-label.pp-free").all_inner_texts()
    shoot(opened, "map-1280-fr")
    page.click("#pp-lang")
    assert "DRAFT" in page.locator(".pp-status").inner_text()
    opened.assert_quiet()


def test_a_patrol_is_chosen_and_let_go(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map)
    page = opened.page
    head = page.locator('[data-patrol="3"]')
    before = page.evaluate("window[planPage.map].getZoom()")
    head.click()
    assert head.get_attribute("aria-expanded") == "true"
    assert page.evaluate("window[planPage.map].getZoom()") > before
    stops = page.locator("#pp-stops-3")
    assert stops.is_visible()
    assert "06:53" in stops.inner_text()
    assert count(page, ".pp-stop:not(.pp-key)") == 4
    assert count(page, ".pp-on .pp-time") >= 4
    dimmed = page.locator("path.pp-of-4.pp-way").first
    assert dimmed.evaluate("path => getComputedStyle(path).opacity") == "0.16"
    shoot(opened, "map-1280-patrol")
    page.locator("#pp-stops-3 [data-stop]").first.click()
    popup = page.locator(".leaflet-popup-content")
    assert "2014-11-03 06:53 UTC" in popup.inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert not stops.is_visible()
    opened.assert_quiet()


def test_a_site_not_covered_tells_why(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map)
    page = opened.page
    page.locator('[data-place="mopti"]').click()
    popup = page.locator(".leaflet-popup-content")
    assert "Out of range: team tombouctou-1" in popup.inner_text()
    assert "What would change it" in popup.inner_text()
    box = popup.bounding_box()
    legend = page.locator("#pp-legend").bounding_box()
    assert box["x"] >= legend["x"] + legend["width"] or box["y"] > legend["height"]
    shoot(opened, "map-1280-not-covered")
    opened.assert_quiet()


def test_a_layer_is_hidden_and_shown(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map)
    page = opened.page
    page.locator(".leaflet-control-layers-toggle").press("Enter")
    sites = page.locator(".leaflet-control-layers label", has_text="Sites").last
    shoot(opened, "map-1280-layers")
    sites.locator("input").uncheck()
    assert count(page, "path.pp-site") == 0
    sites.locator("input").check()
    assert page.locator("path.pp-site").count() == 30
    # Shown again it lies where it lay: above the patrols.
    last = page.locator(".leaflet-pp-plan-pane path").last
    assert "pp-site" in last.get_attribute("class")
    opened.assert_quiet()


def test_every_control_is_reached_by_keyboard(open_offline, sample_map) -> None:
    opened = open_offline(sample_map)
    page = opened.page
    page.locator("#pp-lang").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "pp-toggle"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#pp-legend') !== null")
    for control in ("pp-play", "pp-back", "pp-hour", "pp-on"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == control
        named = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert named
    page.locator('[data-patrol="1"]').focus()
    page.keyboard.press("Enter")
    assert page.locator("#pp-stops-1").is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.stop") == "1.1"
    opened.assert_quiet()


def test_a_narrow_screen_is_usable(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map, 360, 800)
    page = opened.page
    assert not page.locator("#pp-panel").is_visible()
    assert count(page, ".pp-marking") == 2
    assert page.locator(".pp-status").is_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    assert count(page, "path.pp-way") > 20
    shoot(opened, "map-360")
    page.click("#pp-toggle")
    assert page.locator("#pp-panel").is_visible()
    page.locator('[data-patrol="2"]').click()
    assert page.locator("#pp-stops-2").is_visible()
    shoot(opened, "map-360-panel")
    page.locator("#pp-stops-2 [data-stop]").first.click()
    assert not page.locator("#pp-panel").is_visible()
    popup = page.locator(".leaflet-popup").bounding_box()
    assert popup["x"] >= 0
    assert popup["x"] + popup["width"] <= 360
    assert popup["width"] > popup["height"]
    shoot(opened, "map-360-stop")
    opened.assert_quiet()


def test_a_draft_says_so_always_and_hides_nothing(open_offline, sample_map) -> None:
    for width, height in ((1280, 900), (360, 740)):
        page = open_offline(sample_map, width, height).page
        for words in ("DRAFT: not for use", "PROJET"):
            status = page.locator(".pp-status")
            assert words in status.inner_text()
            box, ground = status.bounding_box(), page.locator(".folium-map")
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            # It stands in the bar: on nothing, and below nothing.
            assert box["y"] + box["height"] <= ground.bounding_box()["y"]
            middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            assert page.evaluate(
                "([x, y]) => document.elementFromPoint(x, y).closest('.pp-status')"
                " !== null",
                middle,
            )
            if not page.locator("#pp-panel").is_visible():
                page.click("#pp-toggle")
            # Scrolled down, it still stands.
            page.locator(".pp-sources").scroll_into_view_if_needed()
            assert status.bounding_box() == box
            gates = page.locator("#pp-gates")
            assert words in gates.locator("summary").inner_text()
            assert gates.locator("li").count() == 3
            page.click("#pp-lang")
        page.emulate_media(media="print")
        assert page.locator(".pp-status").is_visible()
        assert page.locator("#pp-gates li").first.is_visible()


def test_on_paper_everything_is_unfolded(open_offline, sample_map, shoot) -> None:
    opened = open_offline(sample_map, 1056, 740)
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert count(page, ".pp-stops") == 9
    assert not page.locator("#pp-lang").is_visible()
    assert count(page, ".pp-marking") == 2
    page.screenshot(path=ARTIFACTS / "map-print.png", full_page=True)
    opened.assert_quiet()


def test_the_index_opens_offline_and_speaks_french(open_offline, tmp_path) -> None:
    rows = [
        IndexRow("north-mali", "north-mali", build_plan()),
        IndexRow("bad.toml", faults=("bad.toml: start: 'x'; a date",)),
    ]
    opened = open_offline(write_index(rows, tmp_path / "index.html"), 1280, 500)
    page = opened.page
    page.click("#lang")
    assert page.locator("h2", has_text="1 scénario a échoué").is_visible()
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "index-fr.png")
    opened.assert_quiet()
