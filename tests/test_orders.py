"""Orders: one model, shown alike as HTML and as PDF, in both languages, on A4."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from itertools import cycle

import pypdf
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile_names import PAYLOADS
from patrolplan.cli import main
from patrolplan.cli.program import Language, read_languages
from patrolplan.daylight import estimate_daylight
from patrolplan.geodesy import format_mgrs
from patrolplan.planfile import format_plan
from patrolplan.products.catalogue import Text
from patrolplan.products.escaping import escape_text, normalise_text
from patrolplan.products.files import PackError
from patrolplan.products.orders import (
    build_order,
    find_mandate,
    render_order_html,
    render_order_pdf,
    render_orders,
)
from patrolplan.products.orders.model import (
    Note,
    Picture,
    Table,
    list_shown,
    list_texts,
    pick_language,
)
from patrolplan.products.orders.printing import find_missing_signs
from patrolplan.products.pack import write_pack
from sample_plan import build_layers, build_plan

LANGUAGES = ("en", "fr")
A4_PT = (595.28, 841.89)
# Typst markup, and what other tests know to be hostile.
HOSTILE = (
    *(payload for payload in PAYLOADS if len(payload) < 1000),
    "#panic()",
    '#import "@preview/x:1.0.0": *',
    "$ x $ \\ @ref _em_ *strong* `raw` <label> = Head // no",
    "</script><script>alert(1)</script>",
    "</style><style>*{}",
    "\u0643\u064a\u062f\u0627\u0644 Kidal",
    "\u2d3d\u2d49\u2d37\u2d30\u2d4d",
)


class _Reader(HTMLParser):
    """Reads what a page shows: its text without head, pictures, and running bars."""

    SILENT = ("head", "svg", "header", "footer")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self._silent: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in self.SILENT:
            self._silent.append(tag)

    def handle_endtag(self, tag) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data) -> None:
        if not self._silent:
            self.shown.append(data)


def read_page(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def squeeze(text: str) -> str:
    """Take out what a line break may add or swallow, and what none can see alone.

    A PDF says once which letter a glyph is: where a letter stands before a joiner or
    bears a mark it may be told so for all the like.
    """
    parts = unicodedata.normalize("NFD", text)
    return "".join(
        char
        for char in parts
        if not char.isspace() and unicodedata.category(char) not in ("Cf", "Mn", "Me")
    )


def read_print(data: bytes) -> str:
    return squeeze("".join(read_lines(data)))


def read_lines(data: bytes) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return [line for page in pages for line in page.extract_text().splitlines()]


def find_in_order(strings: list[str], text: str) -> list[str]:
    """Return the strings that do not follow each other in a text."""
    missing, place = [], 0
    for string in strings:
        found = text.find(squeeze(string), place)
        if found < 0:
            missing.append(string)
        else:
            place = found + len(squeeze(string))
    return missing


@pytest.fixture(scope="module")
def orders(study):
    plan = study.plan_file
    mandate = find_mandate(plan)
    assert mandate is not None
    return [
        build_order(plan, patrol.id, study.layers, mandate=mandate)
        for patrol in plan.patrols
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_and_print_show_the_strings_of_the_model(orders, lang) -> None:
    order = orders[0]
    strings = list_shown(pick_language(order, lang))
    assert len(strings) > 200
    shown = "".join(read_page(render_order_html(order, lang)).shown)
    assert squeeze(shown) == squeeze("".join(strings))
    assert find_in_order(strings, read_print(render_order_pdf(order, lang))) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_order_of_the_built_in_plan_is_printed_on_a4_and_marked(
    orders, lang
) -> None:
    for order in orders:
        reader = pypdf.PdfReader(io.BytesIO(render_order_pdf(order, lang)))
        count = len(reader.pages)
        assert 4 <= count <= 10
        for number, page in enumerate(reader.pages, start=1):
            assert [float(side) for side in page.mediabox[2:]] == pytest.approx(
                A4_PT, abs=0.1
            )
            text = squeeze(page.extract_text())
            foot = order.page.pick(lang).format(n=number, m=count)
            for words in (
                order.marking.pick(lang),
                order.status.pick(lang),
                order.disclaimer.pick(lang),
                order.plan.pick(lang),
                foot,
            ):
                assert squeeze(words) in text
        assert "CreationDate" not in str(reader.metadata)
        assert reader.metadata["/Keywords"].startswith(order.marking.pick(lang))


# What reads alike in both languages: names, codes, grids, numbers, times.
ALIKE = {
    "Communications",
    "Code",
    "Distance",
    "Incidents",
    "Internet",
    "Personnel",
    "Positions",
    "Base",
}


def test_no_text_of_any_order_is_left_in_english(orders, study) -> None:
    plan = study.plan_file
    names = {site.name for site in plan.sites} | {base.name for base in plan.bases}
    names |= {site.cercle for site in plan.sites} | {plan.scenario.name}
    names |= {team.id for team in plan.teams} | {p.id for p in plan.patrols}
    left = set()
    for order in orders:
        for text in list_texts(order):
            rest = re.sub(r"^\d+\. ", "", text.en)
            if text.en != text.fr or rest in ALIKE:
                continue
            for name in sorted(filter(None, names), key=len, reverse=True):
                rest = rest.replace(name, "")
            # Grids, numbers, times, units, letters of sentences, signs of stops.
            rest = re.sub(r"\b(\d{2}[A-Z]{3}\d{6}|km|min|h|L|UTC|BH?|H\d+)\b", "", rest)
            rest = re.sub(r"\b[A-Z]\b|\d", "", rest)
            if re.search(r"[^\W\d_]", rest):
                left.add(text.en)
    assert left == set()


def test_the_itinerary_of_a_patrol_is_that_of_the_plan_file(study, orders) -> None:
    """Kilometres, times, grids and sunlight, added up from plan.json by hand."""
    document = json.loads(format_plan(study.plan_file))
    patrol = document["patrols"][0]
    assert document["scenario"]["timezone"] == "Africa/Bamako"  # UTC all year
    order = orders[0]
    section = next(s for s in order.sections if s.title.en.endswith("Itinerary"))
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    rows = [row.cells for row in table.rows if not row.band]
    assert len(rows) == len(patrol["stops"])
    total_km = 0.0
    for index, (cells, stop) in enumerate(zip(rows, patrol["stops"], strict=True)):
        if index:
            total_km += patrol["legs"][index - 1]["length_km"]
        assert cells[2].text.en == format_mgrs(stop["lon"], stop["lat"])
        assert cells[3].text.en == f"{total_km:,.1f}"
        arrive, depart = stop["arrive"] or "", stop["depart"] or ""
        assert cells[5].text.en == arrive[11:16]
        assert cells[6].text.en.split(" ")[0] == depart[11:16]
        late = arrive[:10] < depart[:10] and arrive != ""
        assert cells[6].text.en.endswith(" +1") is late
    days = [row.cells[0].text.en for row in table.rows if row.band]
    first, dusk = patrol["stops"][0], patrol["stops"][1]
    day = study.plan_file.patrols[0].depart.date()
    rises, _ = estimate_daylight(
        first["lon"], first["lat"], day, timezone="Africa/Bamako"
    )
    # The base and where the first day ends.
    last = [s for s in patrol["stops"] if (s["arrive"] or "")[:10] == day.isoformat()]
    end = last[-1] if last else dusk
    _, sets = estimate_daylight(end["lon"], end["lat"], day, timezone="Africa/Bamako")
    assert f"sunrise {rises:%H:%M} at B" in days[0]
    assert f"sunset {sets:%H:%M} at" in days[0]
    assert days[0].startswith(f"Day 1 · {day:%A} {day.isoformat()}")


def test_a_worked_itinerary() -> None:
    """A patrol of three legs: 30 km/h, so minutes are twice the kilometres."""
    plan = build_plan(count=1)
    legs = plan.patrols[0].legs
    order = build_order(plan, plan.patrols[0].id)
    shown = list_shown(pick_language(order, "en"))
    sums = [sum(leg.length_km for leg in legs[:n]) for n in range(len(legs) + 1)]
    assert sums[0] == 0
    for total in sums:
        assert f"{total:,.1f}" in shown
    # 2014-11-03 is a Monday; the sample leaves at 06:30.
    assert "Monday 2014-11-03 06:30" in shown
    assert "not reckoned in this plan" in " ".join(shown)
    assert "0447 W" in " ".join(shown)
    assert "31PBT322328" in shown  # Ansongo
    assert "30QZD158012" in shown  # Gao camp
    french = list_shown(pick_language(order, "fr"))
    assert "lundi 2014-11-03 06:30" in french
    assert "0447 O" in " ".join(french)


def test_an_order_of_a_cleared_plan_says_so_and_needs_no_warning(study) -> None:
    draft = study.plan_file
    order = build_order(draft, draft.patrols[0].id)
    assert order.is_draft
    assert "NOT ANSWERED" in [text.en for text in list_texts(order)]
    assert any("Nobody goes by this order" in t.en for t in list_texts(order))
    visited = {s.site_id for s in draft.patrols[0].stops if s.kind == "visit"}
    asked = [t.en for t in list_texts(order)].count("NOT ANSWERED")
    # The whole plan twice; each place visited once, and once more for a ceasefire.
    assert asked >= 2 + len(visited)


def test_an_order_bears_no_name_of_a_person_and_is_confidential_alone() -> None:
    plan = build_plan()
    for release in ("open", "unclassified", "OPEN"):
        with pytest.raises(PackError, match="CONFIDENTIAL"):
            render_orders(plan.model_copy(update={"release": release}))
    with pytest.raises(KeyError):
        build_order(plan, "nobody")


def check_hostile(names: list[str]) -> None:
    """Put names, each in turn, into all that a plan lets strangers write."""
    turns = cycle(names)
    plan = build_plan(count=1, rename=lambda text: f"{text} {next(turns)}")
    order = build_order(plan, plan.patrols[0].id, build_layers(name=names[0] or "x"))
    calm_plan = build_plan(count=1)
    calm = build_order(calm_plan, calm_plan.patrols[0].id, build_layers())
    for lang in LANGUAGES:
        page, plain = (read_page(render_order_html(o, lang)) for o in (order, calm))
        strings = list_shown(pick_language(order, lang))
        assert squeeze("".join(page.shown)) == squeeze("".join(strings))
        for stop in plan.patrols[0].stops:
            site = next((s for s in plan.sites if s.id == stop.site_id), None)
            # The name is shown whole: as a string of its own, or within its sentence.
            shown = normalise_text(site.name) if site else ""
            assert squeeze(shown) in squeeze("".join(strings))
        # No tag and no attribute but those of the template and the picture.
        assert set(page.tags) == set(plain.tags)
        assert page.attributes == plain.attributes
        assert "script" not in page.tags
    data = render_order_pdf(order, "en")
    strings = list_shown(pick_language(order, "en"))
    # What pypdf reads back as it was written: not letters from right to left, nor marks
    # set on others, nor signs without a glyph, which the last page tells instead.
    plain_ones = [text for text in strings if text.isascii()]
    text = read_print(data)
    assert [shown for shown in plain_ones if squeeze(shown) not in text] == []
    assert ("U+" in text) >= bool(find_missing_signs("".join(strings)))
    for part in (b"/JavaScript", b"/JS ", b"/Launch", b"/URI", b"/EmbeddedFile"):
        assert part not in data


@pytest.mark.parametrize("first", range(0, len(HOSTILE), 6))
def test_hostile_names_are_shown_and_never_run(first) -> None:
    check_hostile(list(HOSTILE[first : first + 6]))


@settings(max_examples=12)
@given(names=st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_any_names_are_shown_and_never_run(names) -> None:
    check_hostile(names)


def test_a_name_of_ten_kilobytes_stays_on_the_page() -> None:
    long = "x" * 10_240
    plan = build_plan(count=1, rename=lambda text: f"{text}{long}")
    order = build_order(plan, plan.patrols[0].id, build_layers(name=long))
    strings = list_shown(pick_language(order, "en"))
    assert "".join(strings).count(long) >= 15
    page = read_page(render_order_html(order, "en"))
    assert squeeze("".join(page.shown)) == squeeze("".join(strings))
    # On paper a district is enough to see that a word breaks: it stands twice.
    plan = build_plan(count=1)
    sites = [
        site.model_copy(update={"cercle": long}) if site.id == "ansongo" else site
        for site in plan.sites
    ]
    order = build_order(plan.model_copy(update={"sites": sites}), plan.patrols[0].id)
    lines = read_lines(render_order_pdf(order, "en"))
    assert sum(line.count("x") for line in lines) >= 2 * 10_240
    # What ran off the paper would stand on one line alone.
    assert max(map(len, lines)) < 250


def test_signs_that_the_fonts_lack_are_told() -> None:
    assert (
        find_missing_signs("Gao é à ç œ Ÿ « » \u202f 1 000 \u0643\u064a \u05d0") == ""
    )
    assert find_missing_signs("\u2d3d and \u4e2d") == "\u2d3d\u4e2d"
    plan = build_plan(count=1, rename=lambda text: f"{text} \u2d3d")
    order = build_order(plan, plan.patrols[0].id)
    assert "U+2D3D" in read_print(render_order_pdf(order, "en"))
    assert "\u2d3d" in render_order_html(order, "en")


def test_equal_plans_give_equal_bytes() -> None:
    first, second = (render_orders(build_plan(), build_layers()) for _ in range(2))
    assert first == second
    assert len(first) == 3 * 2 * 2


def test_the_orders_of_a_pack_come_and_go_with_it(tmp_path) -> None:
    plan = build_plan(count=2)
    paths = write_pack(plan, None, tmp_path, languages=("fr",))
    names = sorted(name for name in paths if name.startswith("orders/"))
    assert names == [
        f"orders/patrol-{n}.fr.{end}" for n in (1, 2) for end in ("html", "pdf")
    ]
    # A plan of fewer patrols leaves no order of the one before it.
    write_pack(build_plan(count=1), None, tmp_path, languages=("fr",))
    left = sorted(path.name for path in tmp_path.glob("orders/*"))
    assert left == ["patrol-1.fr.html", "patrol-1.fr.pdf"]
    wider = tmp_path / "wider"
    write_pack(plan.model_copy(update={"release": "open"}), None, wider)
    assert not list(wider.glob("orders/*"))


def test_the_pictures_are_small_and_escaped(orders) -> None:
    for order in orders:
        (picture,) = [
            block
            for section in order.sections
            for block in section.blocks
            if isinstance(block, Picture)
        ]
        for lang in LANGUAGES:
            svg = picture.svg.pick(lang)
            assert len(svg.encode()) < 60_000
            of = {"en": "Map of patrol", "fr": "Carte de la patrouille"}[lang]
            label = f'role="img" aria-label="{of} {escape_text(order.patrol_id)}"'
            assert label in svg
            assert set(re.findall(r"<([a-zA-Z]+)", svg)) <= {
                "svg",
                "clipPath",
                "rect",
                "g",
                "path",
                "text",
                "circle",
            }
        assert picture.svg != Text.same(picture.svg.en)


def test_the_verb_prints_the_orders_asked_for(tmp_path, capsys) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(format_plan(build_plan()), encoding="utf-8")
    asked = ["order", str(plan), "--patrol", "patrol-2", "--lang", "fr", "--json"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "draft"
    assert sorted(p.name for p in (tmp_path / "out" / "orders").iterdir()) == [
        "patrol-2.fr.html",
        "patrol-2.fr.pdf",
    ]
    assert main(["order", str(plan), "--patrol", "x"]) == 2
    assert main(["order", str(plan), "--lang", "en,de"]) == 2
    assert "en,de" in capsys.readouterr().err


def test_languages_are_read_in_the_order_given_each_once() -> None:
    assert read_languages("fr, EN,fr") == (Language.FR, Language.EN)
    for text in ("", "en,", "de"):
        with pytest.raises(typer.BadParameter):
            read_languages(text)


def test_gaps_are_counted_as_the_table_beside_shows_them(study) -> None:
    plan = study.plan_file
    counted = 0
    for patrol in plan.patrols:
        order = build_order(plan, patrol.id, study.layers)
        (section,) = [s for s in order.sections if s.title.en.endswith("Casualty plan")]
        tables = [block for block in section.blocks if isinstance(block, Table)]
        told = [b.text.en for b in section.blocks if isinstance(b, Note)]
        shown = sum(
            any(cell.text.en.startswith("BEYOND") for cell in row.cells)
            for table in tables
            for row in table.rows
        )
        said = [text for text in told if "beyond the clock." in text]
        assert [text.split()[0] for text in said] == ([str(shown)] if shown else [])
        counted += shown
    assert counted > 0
