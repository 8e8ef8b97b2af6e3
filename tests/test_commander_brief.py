"""The commander's brief: what it says, adds up, escapes and keeps to itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from patrolplan.products.commander_brief import render_briefs
from patrolplan.products.digest import digest_plan
from patrolplan.products.pack import write_pack
from sample_plan import build_layers, build_plan

HOSTILE = (
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "A{{7*191}}Z",
    "{% bad %}",
    "'\"><svg onload=window.ran=1>",
)


class Reader(HTMLParser):
    """Collects the text that is seen, and the elements it is in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(page[page.index("<body>") :])

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def read(plan, lang: str, layers=None) -> Reader:
    return Reader(render_briefs(plan, layers)[f"brief.{lang}.html"])


def test_it_says_where_why_whom_and_what_is_left_out() -> None:
    plan = build_plan(count=9)
    figures = digest_plan(plan).figures
    text = read(plan, "en").text
    assert text.startswith("CONFIDENTIAL DRAFT: not for use Brief for the commander")
    assert "Plan north-mali · 2014-11-03 → 2014-11-30 · 28 days" in text
    assert (
        f"We send 9 patrols. They reach {figures.people_reached:,} of "
        f"{figures.people_total:,} people and stop at {figures.sites_visited} of 30 "
        "sites"
    ) in text
    assert "Ansongo, Labbezanga" in text
    for part in (
        "Why: what the mandate asks",
        "What it takes",
        "How far surgery is was not asked.",
        "Risks you accept by signing",
        "What we do not cover",
        "unknown is not zero",
        "do not imply official endorsement",
    ):
        assert part in text
    assert text.endswith("CONFIDENTIAL DRAFT: not for use")


def test_loads_of_all_patrols_are_summed() -> None:
    plan = build_plan(count=3)
    fuel = sum(round(patrol.supplies.fuel_l) for patrol in plan.patrols)
    text = read(plan, "en").text
    told = int(re.search(r"([\d,]+) L of fuel", text)[1].replace(",", ""))
    assert abs(told - fuel) <= len(plan.patrols)
    assert f"{3 * plan.patrols[0].supplies.rations} ration packs" in text


def test_french_is_french_alone_and_names_are_local() -> None:
    layers = build_layers()
    english, french = (read(build_plan(), lang, layers).text for lang in ("en", "fr"))
    assert "Nous envoyons 3 patrouilles." in french
    assert "PROJET" in french
    assert "patrols" not in french
    assert "patrouilles" not in english
    # Timbuktu is the only name of these layers with a French form.
    assert "Tombouctou" not in english


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_and_not_run(name) -> None:
    plan = build_plan(count=9, rename=lambda text: name)
    for lang in ("en", "fr"):
        reader = read(plan, lang, build_layers(name=name))
        assert name in reader.text
        assert "A1337Z" not in reader.text
        assert not reader.tags & {"script", "img", "svg"}


def test_what_does_not_fit_on_the_page_is_counted() -> None:
    plan = build_plan(count=9)
    many = plan.model_copy(update={"patrols": plan.patrols * 2})
    assert "6 more patrols: see tables/schedule.csv." in read(many, "en").text


def test_no_patrol_is_told_as_such() -> None:
    text = read(build_plan(count=0), "en").text
    assert "We send 0 patrols." in text
    assert "No patrol." in text


def test_only_a_confidential_pack_holds_it(tmp_path) -> None:
    write_pack(build_plan(), None, tmp_path)
    held = {path.name for path in tmp_path.glob("brief.*")}
    assert held == {"brief.en.html", "brief.fr.html"}
    assert b"<script" not in (tmp_path / "brief.en.html").read_bytes()
