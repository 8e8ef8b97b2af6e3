"""Days played, places searched, grids and paper: the map's tools in a browser."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from patrolplan.products.maps import write_map
from sample_plan import build_plan, follow_lines, load_theatre

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
DISC = "document.querySelectorAll('.pp-puck-sign.pp-out').length"


@pytest.fixture(scope="module")
def plan():
    return build_plan(count=9, way=follow_lines)


@pytest.fixture(scope="module")
def tool_map(tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("tools") / "map.html"
    return write_map(plan, load_theatre(), path)


def read_hour(page) -> int:
    return int(page.evaluate("document.getElementById('pp-hour').value"))


def wait_for_hour(page, least: int) -> None:
    # Playwright's own waiting evaluates a string, which the page's policy forbids.
    for _ in range(100):
        if read_hour(page) >= least:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"hour {least} did not come")


def shoot(opened, name: str, **more) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png", **more)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_day_is_played(open_offline, tool_map, width) -> None:
    opened = open_offline(tool_map, width, 800)
    page = opened.page
    assert page.evaluate(DISC) == 0
    # It changes twenty times a second; the slider tells it to whoever stands on it.
    assert page.get_attribute("#pp-now", "aria-live") == "off"
    page.click("#pp-play")
    wait_for_hour(page, 25)
    page.click("#pp-play")
    stood = read_hour(page)
    page.wait_for_timeout(300)
    assert read_hour(page) == stood
    assert page.evaluate(DISC) > 0
    page.click("#pp-on")
    assert "Day 3 2014-11-05 12:00" in page.locator("#pp-now").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shoot(opened, f"map-{width}-day-3")
    page.click("#pp-lang")
    assert "Jour 3" in page.locator("#pp-now").inner_text()
    page.click("#pp-whole")
    assert page.evaluate(DISC) == 0
    opened.assert_quiet()


def test_at_each_stop_the_disc_stands_on_it(open_offline, tool_map, plan) -> None:
    page = open_offline(tool_map).page
    found = page.evaluate(
        """() => Object.entries(planPage.clock.patrols).map(([number, patrol]) =>
          patrol.stops.slice(1, -1).map(([arrive]) => {
            planPage.act.show(arrive);
            const at = window[patrol.puck].getLatLng();
            return [at.lng, at.lat];
          }))"""
    )
    for patrol, places in zip(plan.patrols, found, strict=True):
        for stop, (lon, lat) in zip(patrol.stops[1:-1], places, strict=True):
            # The sample's ways end where the lines do, up to 500 m from the place.
            assert lon == pytest.approx(stop.lon, abs=0.005), stop
            assert lat == pytest.approx(stop.lat, abs=0.005), stop


def test_patrols_halt_at_night_and_are_home_after_their_return(
    open_offline, tool_map, plan
) -> None:
    page = open_offline(tool_map).page
    page.evaluate("planPage.act.show(23 * 60)")
    out = [p for p in plan.patrols if p.depart.day == 3 < p.return_.day]
    assert page.evaluate(DISC) == len(out)
    asleep = page.locator(".pp-puck-sign.pp-out.pp-asleep .pp-puck i:visible").count()
    halts = [p for p in out if any(s.kind == "halt" for s in p.stops)]
    assert 0 < asleep <= len(halts)
    states = page.locator(".pp-state:visible").all_inner_texts()
    assert len(states) == len(out)
    assert any("night halt: Night halt 1" in text for text in states)
    page.evaluate("planPage.act.show(28 * 1440)")
    assert page.evaluate(DISC) == 0


def test_the_slider_goes_by_keys_and_the_panel_follows(open_offline, tool_map) -> None:
    opened = open_offline(tool_map)
    page = opened.page
    page.focus("#pp-hour")
    page.keyboard.press("ArrowRight")
    text = "document.getElementById('pp-hour').getAttribute('aria-valuetext')"
    assert page.evaluate(text) == "Day 1, 2014-11-03, 01:00"
    page.keyboard.press("PageUp")
    assert page.evaluate(text) == "Day 2, 2014-11-04, 12:00"
    assert page.locator(".pp-card.pp-rest").count() > 0
    page.locator('[data-patrol="3"]').click()
    page.locator("#pp-stops-3 [data-stop]").nth(2).click()
    assert page.locator("#pp-stops-3 tr.pp-now [data-stop]").count() == 1
    stop = page.locator("#pp-stops-3 tr.pp-now .pp-clock").inner_text()
    assert stop in page.evaluate(text)
    opened.assert_quiet()


def test_who_asks_for_less_motion_sees_days_one_by_one(open_offline, tool_map) -> None:
    page = open_offline(tool_map).page
    page.emulate_media(reduced_motion="reduce")
    page.click("#pp-play")
    first = read_hour(page)
    page.wait_for_timeout(700)
    assert read_hour(page) == first
    wait_for_hour(page, first + 1)
    assert read_hour(page) == first + 24


def test_a_place_is_found_by_any_name(open_offline, tool_map) -> None:
    opened = open_offline(tool_map)
    page = opened.page
    for asked, place in (
        ("tombouctou", "tombouctou"),
        ("TIMBUKTU", "tombouctou"),
        ("adjelhoc", "aguelhok"),
        ("menaka", "menaka"),
        ("Ménaka", "menaka"),
        ("rharous", "gourma-rharous"),
    ):
        page.fill("#pp-find", asked)
        best = page.locator("#pp-found [aria-selected='true']")
        assert best.get_attribute("data-find") == place
        active = page.get_attribute("#pp-find", "aria-activedescendant")
        assert active == best.get_attribute("id")
        page.press("#pp-find", "Enter")
        opened_by = "name => window[planPage.places[name]].isPopupOpen()"
        assert page.evaluate(opened_by, place)
    opened.assert_quiet()


def test_the_search_goes_by_keys_and_says_when_there_is_none(
    open_offline, tool_map
) -> None:
    opened = open_offline(tool_map, 360, 740)
    page = opened.page
    page.fill("#pp-find", "a")
    assert page.locator("#pp-found [data-find]:visible").count() == 8
    first = page.locator("#pp-found [aria-selected='true']").get_attribute("id")
    page.press("#pp-find", "ArrowDown")
    assert page.locator("#pp-found [aria-selected='true']").get_attribute("id") != first
    page.press("#pp-find", "ArrowUp")
    assert page.locator("#pp-found [aria-selected='true']").get_attribute("id") == first
    shoot(opened, "map-360-search")
    page.press("#pp-find", "Escape")
    assert not page.locator("#pp-found").is_visible()
    page.fill("#pp-find", "atlantis")
    assert page.locator("#pp-found-none").is_visible()
    page.fill("#pp-find", "gossi")
    page.locator("#pp-found [data-find]:visible").first.click()
    assert "Gossi" in page.locator(".leaflet-popup-content h3").inner_text()
    opened.assert_quiet()


def test_relief_lies_on_the_land_and_below_all_else(open_offline, tool_map) -> None:
    page = open_offline(tool_map).page
    order = page.evaluate(
        """() => ["land", "relief", "ground", "plan"].map((name) =>
          Number(getComputedStyle(document.querySelector(
            `.leaflet-pp-${name}-pane`)).zIndex))"""
    )
    assert order == sorted(order)
    # Its corners lie where the grid's corners are.
    off = page.evaluate(
        """() => {
          const map = window[planPage.map];
          const image = document.querySelector(".leaflet-pp-relief-pane img");
          const rect = image.getBoundingClientRect();
          const box = map.getContainer().getBoundingClientRect();
          const corner = map.latLngToContainerPoint([25, -7]);
          const other = map.latLngToContainerPoint([13.4, 5]);
          return [rect.left - box.left - corner.x, rect.top - box.top - corner.y,
            rect.right - box.left - other.x, rect.bottom - box.top - other.y,
            image.naturalWidth];
        }"""
    )
    assert max(abs(value) for value in off[:4]) < 1.5
    assert off[4] > 500


def test_grids_are_switched_and_named_at_the_edges(open_offline, tool_map) -> None:
    opened = open_offline(tool_map)
    page = opened.page
    frame = page.locator(".folium-map").bounding_box()
    edges = page.locator(".pp-edge-lat:visible").all()
    assert len(edges) >= 3
    for edge in edges:
        assert abs(edge.bounding_box()["x"] - frame["x"]) < 8
    assert page.locator(".pp-square").count() == 0
    page.locator(".leaflet-control-layers-toggle").press("Enter")
    for name in ("MGRS", "Relief", "Degrees"):
        page.locator(".leaflet-control-layers label", has_text=name).locator(
            "input"
        ).click()
    assert page.locator(".pp-square").count() > 100
    assert page.locator(".leaflet-pp-relief-pane img").count() == 0
    assert page.locator(".pp-edge").count() == 0
    shoot(opened, "map-1280-mgrs")
    opened.assert_quiet()


@pytest.mark.parametrize("landscape", [True, False])
def test_every_sheet_bears_marking_status_and_disclaimer(
    open_offline, tool_map, landscape
) -> None:
    opened = open_offline(tool_map)
    printed = opened.page.pdf(format="A4", landscape=landscape, print_background=True)
    name = "landscape" if landscape else "portrait"
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"map-{name}.pdf").write_bytes(printed)
    pages = pypdf.PdfReader(io.BytesIO(printed)).pages
    assert len(pages) >= 4
    for sheet in pages:
        text = " ".join(sheet.extract_text().split())
        assert text.count("CONFIDENTIAL / CONFIDENTIEL") == 2
        assert "DRAFT: not for use" in text
        assert "do not imply endorsement by the United Nations" in text
    # Back on the screen all is as it was.
    assert opened.page.locator("body.pp-paper").count() == 0
    opened.assert_quiet()


@pytest.mark.parametrize("size", [(1047, 718), (718, 1047)])
def test_the_legend_on_paper_is_whole_and_beside_the_map(
    open_offline, tool_map, size
) -> None:
    opened = open_offline(tool_map, 1280, 800)
    page = opened.page
    page.evaluate("document.getElementById('pp-legend').open = false")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(media="print")
    legend = page.locator("#pp-legend").bounding_box()
    ground = page.locator(".folium-map").bounding_box()
    beside = legend["x"] >= ground["x"] + ground["width"] - 1
    below = legend["y"] >= ground["y"] + ground["height"] - 1
    assert beside or below
    assert page.locator("#pp-legend li").last.is_visible()
    assert legend["x"] + legend["width"] <= size[0] + 1
    shown = page.evaluate("window[planPage.map].getSize().x")
    assert abs(shown - ground["width"]) < 4
    shoot(opened, f"map-paper-{size[0]}", full_page=True)
    opened.assert_quiet()
