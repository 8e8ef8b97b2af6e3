"""The planner's page in a real browser, against a real server on this machine.

The context is not offline, as the server must be reached; instead every request to
anywhere else is noted and aborted, and there must be none.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolplan.cli import main
from patrolplan.planfile import format_plan, read_plan
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
        assert "Par rapport au plan précédent".upper() in page.inner_text("#pl-result")
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
