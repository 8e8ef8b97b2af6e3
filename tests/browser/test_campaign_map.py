"""The page of a campaign in a browser without a network: months that play."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from patrolplan.campaign import gather_campaign
from patrolplan.errors import Fault
from patrolplan.months import Month
from patrolplan.products.campaign_page import write_campaign
from sample_plan import build_plan, load_theatre

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
HOSTILE = "<img src=x onerror=alert(1)>`${alert(2)}`{{7*7}}"


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png")


def move(plan, shift):
    """Return a plan whose visits are so much later."""
    document = plan.model_dump(by_alias=True)
    for patrol in document["patrols"]:
        for stop in patrol["stops"]:
            if stop["arrive"] is not None:
                stop["arrive"] += shift
    return type(plan).model_validate(document)


def gather(scenario, rename=str):
    """Take four months together, of which the third was not planned."""
    months = []
    for number, count in enumerate((3, 2, None, 5), start=1):
        first = date(2014, 11, 3) + timedelta(days=28 * (number - 1))
        plan = None
        if count is not None:
            plan = build_plan(count=count, rename=rename)
            plan = move(plan, timedelta(days=28 * (number - 1)))
        fault = Fault(rename("month"), "sites", "nothing", "something")
        months.append(
            Month(
                number=number,
                first_day=first,
                last_day=first + timedelta(days=27),
                season="dry",
                plan=plan,
                resting=((rename("gao-1"), first),) if number == 2 else (),
                faults=() if plan is not None else (fault,),
            )
        )
    return gather_campaign(scenario, months, load_theatre())


@pytest.fixture(scope="module")
def page_file(tmp_path_factory, scenario):
    folder = tmp_path_factory.mktemp("campaign")
    return write_campaign(gather(scenario), folder)["campaign.html"]


def find_fill(page, site: str) -> str:
    name = page.evaluate(f"planPage.places['{site}']")
    return page.evaluate(f"window['{name}'].options.fillColor")


def count_ways(page) -> int:
    return page.evaluate(
        "Object.values(planPage.campaign.ways)"
        ".filter((name) => window[planPage.map].hasLayer(window[name])).length"
    )


def test_months_play_and_sites_wait(open_offline, page_file) -> None:
    opened = open_offline(page_file)
    page = opened.page
    assert "CONFIDENTIAL" in page.locator(".pp-marking").first.inner_text()
    now = page.locator("#pp-now")
    assert "Month 4" in now.inner_text()
    assert now.get_attribute("aria-live") == "off"
    shoot(opened, "campaign-1280-en")
    # Month 3 was not planned: no ways, and the sites go on waiting.
    page.click("#pp-back")
    assert "Month 3" in now.inner_text()
    assert count_ways(page) == 0
    old = find_fill(page, "ansongo")
    page.click("#pp-on")
    assert count_ways(page) == 1
    assert find_fill(page, "ansongo") != old
    row = page.locator('#pp-heat tr:has([data-place="ansongo"]) td')
    days = [int(text) for text in row.all_inner_texts()]
    # Seen on one day of each month of 28 days that was planned.
    assert days == [days[0], days[0], days[0] + 28, days[0]]
    page.click("#pp-play")
    assert page.locator("#pp-play").get_attribute("aria-pressed") == "true"
    assert "Month 1" in now.inner_text()
    now.get_by_text("Month 2").wait_for()
    assert page.locator(".pp-month.pp-now").get_attribute("data-month") == "2"
    page.click("#pp-play")
    assert page.locator("#pp-play").get_attribute("aria-pressed") == "false"
    page.click("#pp-heat thead button[data-sort=m4]")
    shown = page.locator("#pp-heat td[data-key=m4]").all_inner_texts()
    waits = [int(text) for text in shown if re.fullmatch(r"\d+", text)]
    assert waits == sorted(waits)
    assert shown[: len(waits)] == [str(wait) for wait in waits]
    failed = page.locator(".pp-month-failed")
    assert "not planned" in failed.inner_text()
    assert failed.locator("a").count() == 0
    link = page.locator('[data-month="1"] a').get_attribute("href")
    assert link == "./month-01/map.html"
    opened.assert_quiet()


def test_it_fits_a_phone_in_french(open_offline, page_file) -> None:
    opened = open_offline(page_file, 360, 740)
    page = opened.page
    page.click("#pp-lang")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("#pp-play")
    assert "Mois 1" in page.locator("#pp-now").inner_text()
    page.click("#pp-play")
    shoot(opened, "campaign-360-fr")
    page.click("#pp-toggle")
    panel = page.locator("#pp-panel")
    assert panel.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    text = panel.inner_text()
    for english in ("Month", "Coverage", "visit on", "reached", "Campaign", "patrol "):
        assert english not in text
    shoot(opened, "campaign-360-fr-panel")
    opened.assert_quiet()


def test_hostile_names_do_nothing(open_offline, tmp_path, scenario) -> None:
    found = gather(scenario, lambda text: f"{HOSTILE}{text}")
    opened = open_offline(write_campaign(found, tmp_path)["campaign.html"])
    assert HOSTILE in opened.page.locator("#pp-heat").inner_text()
    assert HOSTILE in opened.page.locator(".pp-month-failed").inner_text()
    opened.page.click("#pp-play")
    assert opened.page.locator("img[src=x]").count() == 0
    opened.assert_quiet()
