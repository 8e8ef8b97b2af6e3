"""The planner's page in a real browser, against a real server on this machine.

The context is not offline, as the server must be reached; instead every request to
anywhere else is noted and aborted, and there must be none.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from patrolplan.cli import main
from patrolplan.planfile import format_plan, read_plan
from patrolplan.serving.levers import MAX_ROUNDS
from serving_page import LONGEST_S, serve_scenario
from theatre import copy_theatre

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
PATIENCE_MS = LONGEST_S * 1000


@pytest.fixture
def theatre(tmp_path):
    theatre = copy_theatre(tmp_path / "theatre")
    theatre.edit_scenario("seed = 42", "seed = 42\niterations = 5")
    # Half the days are planned in half the time.
    theatre.edit_scenario("horizon_days = 28", "horizon_days = 14")
    return theatre


def list_driven(plan) -> set[str]:
    return {line for p in plan.patrols for leg in p.legs for line in leg.lines}


def press_plan(page, words: str) -> None:
    page.click("#pl-plan")
    page.locator("#pl-told-head", has_text=words).wait_for(timeout=PATIENCE_MS)
    page.locator("#pl-save:enabled").wait_for(timeout=PATIENCE_MS)


def test_a_planner_closes_the_ferry_plans_reads_saves_and_plans_the_same(
    browser, theatre, tmp_path
) -> None:
    target = tmp_path / "mine" / "saved.toml"
    target.parent.mkdir()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    with serve_scenario(theatre.file, target) as served, context:
        strange, errors = [], []
        page = context.new_page()
        context.route(
            lambda url: not url.startswith(served.origin), lambda r: r.abort()
        )
        page.on(
            "request",
            lambda r: (
                r.url.startswith((served.origin, "data:")) or strange.append(r.url)
            ),
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: m.type == "error" and errors.append(m.text))
        page.goto(served.service.address, wait_until="load")
        page.wait_for_timeout(700)
        press_plan(page, "The plan")
        first = served.service.desk.state.studies[0].plan_file

        # Ids of ferries by the place of their sign among all: they are drawn by id.
        lines = served.service.desk.state.studies[0].layers.lines
        ferries = sorted(lines.loc[lines["kind"] == "ferry", "id"])
        sign = page.locator("path.pl-ferry").nth(ferries.index("koriome-ferry"))
        at = sign.bounding_box()
        page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
        assert "Ferry of Koriomé" in page.inner_text("#pl-closed")

        # A wrong weight is told at its field; mended, the plan goes on.
        page.fill('[data-factor="threat"]', "0.9")
        page.click("#pl-plan")
        fault = page.locator('[data-field="factor_weights"] li')
        fault.wait_for()
        assert "sum to 1" in fault.inner_text()
        page.fill('[data-factor="threat"]', "0.4")
        press_plan(page, "before")
        told = page.inner_text("#pl-result")
        assert "Closed: Ferry of Koriomé (koriome-ferry), on all days." in told
        second = served.service.desk.state.studies[0].plan_file
        assert not any(
            "koriome-ferry" in g.lines for p in second.patrols for g in p.legs
        )
        assert any("koriome-ferry" in g.lines for p in first.patrols for g in p.legs)

        page.click("#pl-save")
        page.locator("#pl-status", has_text="saved.toml").wait_for()
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / "planner-page.png")
        page.click("#pp-lang")
        told = page.inner_text("#pl-result")
        assert "Par rapport au plan précédent".upper() in told
        assert "Fermé : Bac de Koriomé (koriome-ferry), tous les jours." in told
        page.reload()
        page.locator("#pl-told-head").wait_for()
        assert "Koriomé" in page.inner_text("#pl-closed")
        assert strange == []
        # The one that was provoked above is the only one.
        assert [e for e in errors if "422" not in e] == []

    assert [path.name for path in target.parent.iterdir()] == ["saved.toml"]
    out = tmp_path / "packs"
    assert main(["plan", str(target), "--out", str(out), "--quiet"]) == 0
    written = (out / "north-mali" / "plan.json").read_text("utf-8")
    assert written == format_plan(second)
    assert read_plan(out / "north-mali" / "plan.json") == second


@pytest.fixture
def open_planner(browser, theatre, tmp_path):
    """Return a server and its page in a language, of a width."""
    with ExitStack() as stack:

        def open_page(locale: str = "en", width: int = 1280):
            target = tmp_path / "saved.toml"
            served = stack.enter_context(serve_scenario(theatre.file, target))
            size = {"width": width, "height": 900}
            context = browser.new_context(viewport=size, locale=locale)
            page = stack.enter_context(context).new_page()
            page.goto(served.service.address, wait_until="load")
            page.wait_for_timeout(700)
            return served, page

        yield open_page


def answer_always(page, path: str, status: int, **told) -> None:
    """Have the page get one answer of our own, whatever the server would say."""
    body = json.dumps(told)
    page.route(
        lambda url: urlsplit(url).path == path,
        lambda route: route.fulfill(
            status=status, body=body, content_type="application/json"
        ),
    )


def test_a_server_that_ends_while_it_plans_is_told_and_the_page_is_not_stuck(
    open_planner,
) -> None:
    served, page = open_planner()
    page.fill("#pl-iterations", str(MAX_ROUNDS))
    page.click("#pl-plan")
    page.locator("#pl-progress:visible").wait_for()
    served.service.server.should_exit = True
    page.locator("#pl-status", has_text="does not answer").wait_for(timeout=PATIENCE_MS)
    assert page.is_enabled("#pl-plan")
    assert not page.is_visible("#pl-progress")
    assert not page.is_visible("#pl-cancel")


def test_a_server_that_fails_is_not_told_as_one_that_is_gone(open_planner) -> None:
    _, page = open_planner()
    answer_always(page, "/plan", 500)
    page.click("#pl-plan")
    page.locator("#pl-status", has_text="The server failed").wait_for()
    assert page.is_enabled("#pl-plan")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_why_it_could_not_be_saved_is_told_in_either_language(
    open_planner, locale
) -> None:
    _, page = open_planner(locale)
    answer_always(page, "/save", 500, told="No space left on device")
    page.evaluate("document.getElementById('pl-save').disabled = false")
    page.click("#pl-save")
    status = page.locator("#pl-status", has_text="No space left on device")
    status.wait_for()
    assert page.locator("#pl-status .pl-english").is_visible()
    assert ("en anglais" in status.inner_text()) == (locale == "fr")


def test_a_page_that_is_opened_again_keeps_a_seed_of_any_length(open_planner) -> None:
    served, page = open_planner()
    page.fill("#pl-seed", str(2**53 + 1))
    press_plan(page, "The plan")
    page.reload()
    page.locator("#pl-told-head").wait_for()
    assert page.input_value("#pl-seed") == str(2**53 + 1)
    assert served.service.desk.state.levers.seed == 2**53 + 1


@pytest.mark.parametrize(
    ("locale", "gap", "told"),
    [("en", 0.0004, "gap at most 0.1 %"), ("fr", 0.1231, "écart d'au plus 12,4 %")],
)
def test_how_far_it_is_tells_the_gap_rounded_up_and_is_not_read_out_at_each_look(
    open_planner, locale, gap, told
) -> None:
    _, page = open_planner(locale)
    state = {"share": 0.5, "need": 12345.0, "gap": gap, "faults": [], "plans": 0}
    answer_always(page, "/plan", 202)
    answer_always(page, "/state", 200, phase="planning", **state)
    page.evaluate(
        """() => {
          window.spoken = [];
          const region = document.querySelector("[role=status]");
          new MutationObserver(() => window.spoken.push(region.innerText))
            .observe(region, { childList: true, subtree: true, characterData: true });
        }"""
    )
    page.click("#pl-plan")
    so_far = page.locator("#pl-so-far", has_text=" %")
    so_far.wait_for()
    assert "345" in so_far.inner_text()
    assert told in so_far.inner_text()
    page.wait_for_timeout(1000)
    assert len(page.evaluate("window.spoken")) == 1


@pytest.mark.parametrize(
    ("locale", "days"), [("en", "Days at most"), ("fr", "Jours au plus")]
)
def test_a_field_says_what_it_is_and_what_is_wrong_with_it(
    open_planner, locale, days
) -> None:
    _, page = open_planner(locale)
    field = page.get_by_role("spinbutton", name=f"{days} gao", exact=True)
    start = page.locator("#pl-start")
    field.fill("0")
    page.click("#pl-plan")
    page.locator('[data-field="teams"] li').first.wait_for()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("max_days"))
    expect(start).to_have_attribute("aria-invalid", "false")
    # It is English in either language, says so, and is shown.
    fault = page.locator('[data-field="teams"] li').first
    expect(fault).to_have_attribute("lang", "en")
    assert ("(en anglais)" in page.inner_text("#pl-status")) == (locale == "fr")


def find_line(page, line: str) -> dict:
    """Return where the middle of a line lies on the page, and how it is drawn."""
    found = page.evaluate(
        """(line) => {
          const map = window[planPage.map];
          const found = {};
          map.eachLayer((layer) => {
            const kept = layer.feature && layer.feature.properties;
            if (!kept || !kept.can_close || !layer.setStyle) return;
            if (planner.line_ids[layer.feature.id] !== line) return;
            const ways = layer.getLatLngs();
            const way = Array.isArray(ways[0]) ? ways[0] : ways;
            const at = map.latLngToContainerPoint(way[Math.floor(way.length / 2)]);
            const box = map.getContainer().getBoundingClientRect();
            Object.assign(found, { x: box.left + at.x, y: box.top + at.y,
              color: layer.options.color, dashes: layer.options.dashArray });
          });
          return found;
        }""",
        line,
    )
    assert found, line
    return found


def test_the_lines_follow_the_first_day_and_say_what_closes_them(open_planner) -> None:
    _, page = open_planner()
    in_rains = "rn33-lere-niafunke"
    season = page.locator("#pl-season")
    assert "dry season, on 2014-11-03" in season.inner_text()
    assert find_line(page, in_rains)["dashes"] != "1 6"
    page.fill("#pl-start", "2014-08-04")
    expect(season).to_contain_text("2014-08-04")
    assert "in the rains, on 2014-08-04" in season.inner_text()
    shut = find_line(page, in_rains)
    assert shut["dashes"] == "1 6"
    page.mouse.move(shut["x"], shut["y"])
    tip = page.locator(".pp-tip")
    tip.wait_for()
    assert "closed in the rains" in tip.inner_text()
    # A day that cannot be planned is told of none: the lines stay, with their day.
    page.fill("#pl-start", "1066-10-14")
    page.wait_for_timeout(300)
    assert "2014-08-04" in season.inner_text()
    page.click("#pl-reset")
    assert "2014-11-03" in season.inner_text()
    assert find_line(page, in_rains)["dashes"] != "1 6"


def test_what_the_river_closes_opens_by_a_click_and_is_planned_the_same_elsewhere(
    open_planner, tmp_path
) -> None:
    served, page = open_planner()
    line, row = "timbuktu-bourem-inaly", "flood-hondoubomo-koina"
    at = find_line(page, line)
    assert at["dashes"] == "1 6"
    page.mouse.move(at["x"], at["y"])
    tip = page.locator(".pp-tip")
    tip.wait_for()
    assert "closed by the river from 2014-10-01 to 2015-01-31" in tip.inner_text()
    page.mouse.click(at["x"], at["y"])
    assert "Track at Hondoubomo Koina" in page.inner_text("#pl-lifted")
    assert find_line(page, line)["dashes"] != "1 6"
    # Once more closes it like any other, and the one after that opens it again.
    page.mouse.click(at["x"], at["y"])
    assert find_line(page, line)["color"] == "#b3140f"
    page.mouse.click(at["x"], at["y"])
    assert find_line(page, line)["dashes"] != "1 6"
    # Put back, it is closed as before; left out again by the list, it is open.
    page.locator("#pl-lifted button").click()
    assert find_line(page, line)["dashes"] == "1 6"
    page.select_option("#pl-calendar", row)
    press_plan(page, "The plan")
    planned = served.service.desk.state.studies[0].plan_file
    assert planned.scenario.limits["lifted"] == [row]
    assert line not in planned.scenario.limits["closed_at_start"]
    page.click("#pl-save")
    page.locator("#pl-status", has_text="saved.toml").wait_for()
    page.reload()
    page.locator("#pl-told-head").wait_for()
    assert "Track at Hondoubomo Koina" in page.inner_text("#pl-lifted")
    out = tmp_path / "packs"
    argv = ["plan", str(tmp_path / "saved.toml"), "--out", str(out), "--quiet"]
    assert main(argv) == 0
    written = (out / "north-mali" / "plan.json").read_text("utf-8")
    assert written == format_plan(planned)


@pytest.mark.parametrize("width", [1280, 360])
def test_what_the_plan_gave_comes_into_view_beside_its_map(open_planner, width) -> None:
    _, page = open_planner(width=width)
    if width == 360:
        seen = "Object.values(window[planPage.map].getCenter())"
        before = page.evaluate(seen)
        page.click("#pp-toggle")
        # The part of the map that is left is its middle, not its north.
        assert page.evaluate(seen) == pytest.approx(before, abs=0.2)
    page.fill("#pl-factor-1", "0.4")
    press_plan(page, "The plan")
    expect(page.locator("#pl-told-head")).to_be_in_viewport()
    # Who moves a lever meanwhile is not taken away from it.
    page.click("#pl-plan")
    page.focus("#pl-factor-1")
    page.locator("#pl-save:enabled").wait_for(timeout=PATIENCE_MS)
    expect(page.locator("#pl-factor-1")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
