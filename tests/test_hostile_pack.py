"""Hostile names in every field of one plan, through every file that is made of it."""

from __future__ import annotations

import io
from collections import Counter
from html.parser import HTMLParser

import pypdf
import pytest

from hostile_names import NAMES
from hostile_plan import (
    PART,
    WHOLE,
    build_hostile,
    build_hostile_front,
    find_unshown,
    pick_texts,
    share_out,
)
from patrolplan.products.comparison import compare_plans, write_comparison
from patrolplan.products.index import IndexRow, render_index
from patrolplan.products.pack import write_pack
from patrolplan.products.tradeoff import write_tradeoff

SHARES = [
    0,
    *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, WHOLE // PART)),
]
RELEASES = ("confidential", "unclassified", "open")


class Skeleton(HTMLParser):
    """Counts the tags of a page, each with the names of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[tuple[str, ...]] = Counter()
        self.shown: list[str] = []
        self._hidden = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags[(tag, *(name for name, _ in attrs))] += 1
        self._hidden += tag in {"script", "style"}

    def handle_endtag(self, tag) -> None:
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data) -> None:
        if not self._hidden:
            self.shown.append(data)


def write_all(texts, folder):
    """Write everything that is made of a plan: three packs, and pages of several."""
    hostile = build_hostile(texts)
    for release in RELEASES:
        plan = hostile.plan.model_copy(update={"release": release})
        write_pack(plan, hostile.layers, folder / release)
    fewer = hostile.plan.model_copy(update={"patrols": hostile.plan.patrols[:1]})
    compared = compare_plans([hostile.plan, fewer], hostile.layers)
    write_comparison(compared, folder / "compare", hostile.layers)
    front, front_words = build_hostile_front(texts)
    write_tradeoff(front, folder / "tradeoff")
    rows = [
        IndexRow(hostile.plan.scenario.name, texts[1], hostile.plan),
        IndexRow(texts[2], faults=(texts[3],)),
    ]
    (folder / "index.html").write_text(render_index(rows), encoding="utf-8")
    return hostile, front_words


@pytest.fixture(scope="module", params=SHARES)
def written(request, tmp_path_factory):
    texts = pick_texts(request.param)
    folder, calm = (tmp_path_factory.mktemp(name) for name in ("hostile", "calm"))
    return folder, calm, *write_all(texts, folder), write_all(share_out(texts), calm)


def read_text(path) -> str:
    data = path.read_bytes()
    if path.suffix != ".pdf":
        return data.decode("utf-8", errors="replace")
    return "".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages
    )


def test_there_are_enough_names() -> None:
    assert len(NAMES) >= WHOLE


def test_no_engine_evaluates_a_name(written) -> None:
    folder = written[0]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 40
    for path in files:
        assert "A1337Z" not in read_text(path), path.name
        assert path.resolve().is_relative_to(folder.resolve())


def count_tags(folder) -> dict[str, Counter]:
    """Count the tags of each page; the orders of one language are counted together."""
    counts: dict[str, Counter] = {}
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix()
        if path.parent.name == "orders":
            # The patrol gives its name.
            name = f"orders in {path.suffixes[-2]}"
        counts.setdefault(name, Counter()).update(
            Skeleton(path.read_text("utf-8")).tags
        )
    return counts


def test_a_page_has_the_tags_of_a_harmless_one(written) -> None:
    folder, calm = written[:2]
    counts = count_tags(folder)
    assert len(counts) >= 12
    assert counts == count_tags(calm)


def test_a_page_shows_what_was_written(written) -> None:
    folder, _, hostile, front_words, _ = written
    words = hostile.words

    def read(name: str) -> str:
        return "".join(Skeleton((folder / name).read_text("utf-8")).shown)

    shown = read("confidential/map.html")
    told = words.list_given("scenario.name", "inputs.source", "inputs.licence")
    assert list(find_unshown(told, shown)) == []
    shown = read("compare/compare.html")
    assert list(find_unshown(words.list_given("scenario.name"), shown)) == []
    shown = read("tradeoff/tradeoff.html")
    told = front_words.list_given("name", "en", "fr")
    assert list(find_unshown(told, shown)) == []
    orders = sorted((folder / "confidential" / "orders").glob("*.en.html"))
    assert len(orders) == len(hostile.plan.patrols)
    together = "".join(read(str(path.relative_to(folder))) for path in orders)
    for patrol in hostile.plan.patrols:
        assert list(find_unshown([patrol.id, patrol.team_id], together)) == []
