"""The map of plans taken together in a browser without a network."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from patrolplan.ensemble import Member, gather_ensemble
from patrolplan.products.ensemble_page import write_ensemble
from sample_plan import build_plan, follow_lines, load_theatre

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
HOSTILE = "<img src=x onerror=alert(1)>`${alert(2)}`{{7*7}}"


def shoot(opened, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=ARTIFACTS / f"{name}.png")


def gather(rename=str):
    """Take four plans together, of which those in the dry season have fewer patrols."""
    lines = list(load_theatre().lines["id"])
    members = []
    for number, count in enumerate((1, 2, 4, 5)):
        plan = build_plan(count=count, way=follow_lines, rename=rename)
        for patrol in plan.patrols:
            for leg in patrol.legs:
                leg.lines.extend(lines[:count])
        season = rename("dry" if number < 2 else "rains")
        members.append(Member(rename(f"plan-{number}"), plan, (("season", season),)))
    return gather_ensemble(members, lines=load_theatre().lines)


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ensemble")
    return write_ensemble(gather(), folder, load_theatre())["ensemble.html"]


def read_shares(page) -> list[str]:
    return page.locator("#pp-sites .pp-share span").all_inner_texts()


def read_share(row) -> list[str]:
    return row.locator(".pp-share > *").all_inner_texts()


def test_shares_follow_the_axis_and_tables_sort(open_offline, page_file) -> None:
    opened = open_offline(page_file)
    page = opened.page
    assert "CONFIDENTIAL" in page.locator(".pp-marking").first.inner_text()
    row = page.locator('#pp-sites tr[data-id="bourem"]')
    assert read_share(row) == ["3/4", "75 %"]
    shoot(opened, "ensemble-1280-en")
    page.select_option("#pp-among", "1")
    assert read_share(row) == ["1/2", "50 %"]
    page.select_option("#pp-among", "2")
    assert read_share(row) == ["2/2", "100 %"]
    page.click("#pp-sites [data-sort=share]")
    shares = read_shares(page)
    assert shares == sorted(shares)
    page.click("#pp-sites [data-sort=people]")
    people = page.locator("#pp-sites [data-key=people]").all_inner_texts()
    known = [int(text.replace(",", "")) for text in people if text != "unknown"]
    assert known == sorted(known)
    # What is not known stands last.
    assert people[len(known) :] == ["unknown"] * (len(people) - len(known))
    page.locator('[data-place="bourem"]').first.click()
    assert "Visited in 3 of 4 plans" in page.locator(".leaflet-popup").inner_text()
    shoot(opened, "ensemble-1280-en-site")
    opened.assert_quiet()


def test_names_are_sorted_as_people_sort_them_in_either_language(
    open_offline, page_file
) -> None:
    def strip(name: str) -> str:
        letters = unicodedata.normalize("NFKD", name)
        return "".join(x for x in letters if not unicodedata.combining(x)).casefold()

    opened = open_offline(page_file)
    names = opened.page.locator("#pp-sites tbody [data-key=name]")
    opened.page.click("#pp-sites [data-sort=name]")
    english = names.all_inner_texts()
    # By code points every letter with an accent comes after z.
    assert english == sorted(english, key=strip) != sorted(english)
    # The last of all in English is the first in French, were it called so.
    row = opened.page.locator(f'#pp-sites tr:has-text("{english[-1]}") [data-v-fr]')
    row.evaluate("cell => { cell.dataset.vFr = 'À part'; }")
    opened.page.click("#pp-lang")
    french = names.all_inner_texts()
    assert "Labbézanga" in french
    assert french[1:] == sorted(french[1:], key=strip)
    assert strip(french[0]) == strip(english[-1])
    opened.assert_quiet()


def test_it_fits_a_phone_in_french(open_offline, page_file) -> None:
    opened = open_offline(page_file, 360, 740)
    page = opened.page
    page.click("#pp-lang")
    page.click("#pp-toggle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    panel = page.locator("#pp-panel")
    assert panel.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    text = panel.inner_text()
    for english in ("People", "Site visited", "unknown", "Never", "Among", "all plans"):
        assert english not in text
    shoot(opened, "ensemble-360-fr")
    opened.assert_quiet()


def test_hostile_names_do_nothing(open_offline, tmp_path) -> None:
    found = gather(lambda text: f"{HOSTILE}{text}")
    opened = open_offline(write_ensemble(found, tmp_path)["ensemble.html"])
    assert HOSTILE in opened.page.locator("#pp-sites").inner_text()
    opened.page.select_option("#pp-among", "2")
    assert opened.page.locator("img[src=x]").count() == 0
    opened.assert_quiet()
