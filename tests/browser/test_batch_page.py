"""The index of a batch in a browser without a network: sort, filter, open a map."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolplan.products.batch_page import BatchRow, summarise_plan, write_batch
from sample_plan import build_plan

ARTIFACTS = Path(__file__).parents[1] / "artifacts"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    rows = []
    for count, season in ((1, "rains"), (3, "dry"), (2, "rains")):
        name = f"{season}-{count}"
        (folder / name).mkdir()
        (folder / name / "map.html").write_text("<p>the map</p>", encoding="utf-8")
        rows.append(
            summarise_plan(
                build_plan(count=count),
                name=name,
                settings=(("season", season), ("teams", str(count))),
                folder=name,
                has_map=True,
            )
        )
    fault = "grid.toml: start: 'x'; a date"
    rows.append(BatchRow("dry-0", (("season", "dry"),), faults=(fault,)))
    return write_batch(rows, folder)["index.html"]


def list_shown(page) -> list[str]:
    return page.locator("#plans tbody tr:visible > th a").all_inner_texts()


def test_it_sorts_by_mouse_and_by_key(open_offline, index) -> None:
    opened = open_offline(index)
    page = opened.page
    assert list_shown(page) == ["rains-1", "dry-3", "rains-2"]
    button = page.locator('button[data-sort="patrols"]')
    head = page.locator("th", has=button)
    button.click()
    assert list_shown(page) == ["rains-1", "rains-2", "dry-3"]
    assert head.get_attribute("aria-sort") == "ascending"
    button.focus()
    page.keyboard.press("Enter")
    assert list_shown(page) == ["dry-3", "rains-2", "rains-1"]
    assert head.get_attribute("aria-sort") == "descending"
    page.locator('button[data-sort="name"]').click()
    assert list_shown(page) == ["dry-3", "rains-1", "rains-2"]
    assert head.get_attribute("aria-sort") == "none"
    opened.assert_quiet()


def test_it_filters_plans_and_failures_and_opens_a_map(open_offline, index) -> None:
    opened = open_offline(index)
    page = opened.page
    assert page.locator("#shown").inner_text() == "4"
    assert page.locator(".failed").inner_text().startswith("dry-0")
    page.locator('select[data-axis="season"]').select_option("rains")
    assert list_shown(page) == ["rains-1", "rains-2"]
    assert not page.locator(".failed").is_visible()
    page.locator("#words").fill("2 rains")
    assert list_shown(page) == ["rains-2"]
    assert page.locator("#shown").inner_text() == "1"
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / "batch-filtered.png")
    page.locator("#lang").click()
    assert "Besoin" in page.locator("#plans thead").inner_text()
    page.screenshot(path=ARTIFACTS / "batch-fr.png")
    opened.assert_quiet()
    page.locator("#plans tbody tr:visible .m a").click()
    page.wait_for_url("**/rains-2/map.html")
    assert page.locator("p").inner_text() == "the map"
