"""What shows itself in a notebook: right, marked, inert, and silent elsewhere."""

from __future__ import annotations

import html
import json
import re
import sys
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from types import SimpleNamespace

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

import patrolplan as pp
from hostile_names import NAMES
from hostile_plan import ENGINES, build_hostile, pick_texts
from patrolplan.errors import AssetError
from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.solver import Progress, Solution
from patrolplan.products import progress_bar
from patrolplan.products.escaping import normalise_text
from patrolplan.products.summaries import render_summary
from patrolplan.showing import Shown
from sample_plan import build_plan

TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
INERT_TAGS = TABLE | {"div", "p", "strong", "ul", "li", "progress"}
INERT_ATTRIBUTES = {"lang", "style", "scope", "colspan", "max", "value"}
STYLE = re.compile(r"[a-z0-9#%.:; \-]*")
PLAN = Plan((PatrolDecision("gao-1", 0, ("ansongo", "bourem")),))
SOLUTION = Solution(PLAN, need=900.0, bound=1000.0, patrols=())


class Part(HTMLParser):
    """Reads a part of a page, and holds that nothing in it runs or fetches."""

    def __init__(self, part: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.feed(part)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs) -> None:
        assert tag in INERT_TAGS
        assert {name for name, _ in attrs} <= INERT_ATTRIBUTES
        # No url( nor anything else that a browser would ask for.
        assert all(STYLE.fullmatch(v) for name, v in attrs if name == "style")
        self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data) -> None:
        raise AssertionError(data)

    def handle_data(self, data) -> None:
        self.pieces.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.pieces))


def show(shown: Shown) -> str:
    part = shown._repr_html_()
    assert part is not None
    return Part(part).text


def test_a_study_shows_what_the_referee_measured(study) -> None:
    text = show(study)
    found = study.assessment
    assert study.plan_file.scenario.name in text
    assert f"People reached {found.people_reached:,} of {found.people_total:,}" in text
    assert f"Need met {found.need_met:,.0f} no plan can meet more than" in text
    assert f"{found.need_bound:,.0f} (gap " in text
    assert "No rule is broken." in text
    patrols = study.plan_file.patrols
    kept = len(re.findall(r"\d{4}-\d\d-\d\d · \d+ days?", text))
    assert kept == min(12, len(patrols))
    assert (f"{len(patrols) - 12} more patrol" in text) == (len(patrols) > 12)
    unknown = sum(e.reason == "need_unknown" for e in found.unserved)
    assert f"{unknown} sites are left out because nobody knows" in text
    assert text.count("Notices") == bool(study.notices)
    # And its plan shows the same, but for names of layers and notices.
    assert f"People reached {found.people_reached:,} " in show(study.plan_file)


def test_the_gap_is_never_told_smaller_than_it_is(study) -> None:
    for found in (study.assessment, build_plan().assessment):
        told = re.search(r"\(gap ([\d.]+) percent at most\)", show(found))
        assert told
        gap = 100 * found.gap
        assert gap - 1e-9 <= float(told[1]) <= gap + 0.01


@pytest.mark.parametrize("shown", [build_plan(), build_plan().assessment])
def test_key_figures_by_hand(shown) -> None:
    text = show(shown)
    # 8,358 of Ansongo + 27,486 Bourem + 28,524 Bamba + 16,864 Bambara-Maoudé
    # + 24,005 Douentza + 23,099 Hombori
    assert "People reached 128,336 of 646,511" in text
    assert "71 % of need met beyond 50 km of a base" in text
    # One over 1.08 is 0.92593, and what is missing to one is rounded up.
    assert "gap 7.41 percent at most" in text


def test_what_is_decided_is_shown_unjudged() -> None:
    for shown in (PLAN, SOLUTION):
        text = show(shown)
        assert "1 gao-1 1 ansongo, bourem" in re.sub(r" ,", ",", text)
        assert "No rule is broken" not in text
    assert "Need met 900 no plan can meet more than 1,000 (gap 10.00 percent" in text
    assert "No patrol." in show(Plan())


def test_a_broken_rule_is_told_first() -> None:
    broken = {"rule": "no_way", "patrol_id": "p", "where": None}
    plan = build_plan(violations=[broken | {"found": None, "limit": None}])
    for shown in (plan, plan.assessment):
        text = show(shown)
        assert "This plan breaks 1 rule." in text
        assert "A leg goes where there is no way" in text
        assert "No rule is broken" not in text


def test_everything_is_marked(study) -> None:
    plan = build_plan()
    for shown in (study, study.plan_file, plan, plan.assessment, PLAN, SOLUTION):
        assert show(shown).strip().startswith("CONFIDENTIAL · DRAFT: not for use")
    assert show(build_plan(release="unclassified")).startswith(" UNCLASSIFIED")


def test_french_is_french() -> None:
    part = Part(render_summary(build_plan(), "fr")).text.replace("\N{NBSP}", " ")
    part = part.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "CONFIDENTIEL" in part
    assert "Personnes touchées 128 336 sur 646 511" in part
    assert "Ce que nous ne couvrons pas" in part
    for word in ("People", "No rule", "more site", "Days out"):
        assert word not in part


@pytest.mark.parametrize("name", NAMES[::3])
def test_hostile_names_are_shown_and_nothing_runs(name) -> None:
    shown = normalise_text(name)
    plan = build_plan(count=1, rename=lambda _: name)
    text = show(plan)
    assert re.sub(r"\s+", " ", shown) in text
    for lang in ("en", "fr"):
        Part(render_summary(plan, lang))
    decided = Plan((PatrolDecision(name, 0, (name, name)),))
    assert re.sub(r"\s+", " ", shown) in show(decided)
    Part(progress_bar.render_bar(name, Progress(0.5, 1.0, 2.0)))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nothing_runs_whoever_wrote_every_text_of_a_plan(lang) -> None:
    plan = build_hostile(pick_texts(0)).plan
    for shown in (plan, plan.assessment):
        part = render_summary(shown, lang)
        Part(part)
        assert "{{" not in part
        assert "${" not in part


def test_long_plans_are_cut_and_the_rest_is_counted() -> None:
    decision = PatrolDecision("gao-1", 0, tuple("abcdefgh"))
    text = show(Plan((decision,) * 15))
    assert "3 more patrols." in text
    assert text.count("and 2 more") == 12


def test_short_in_plain_text(study) -> None:
    count = len(study.plan_file.patrols)
    name = study.plan_file.scenario.name
    assert repr(study) == f"<Study of <PlanFile {name!r}: {count} patrols>>"


def test_only_results_are_shown() -> None:
    with pytest.raises(TypeError, match="how a dict shows itself"):
        render_summary({})


def test_a_share_that_is_no_number_is_not_shown() -> None:
    # A saved plan may hold anything there: what is no number is not shown.
    found = build_plan().assessment
    odd = found.model_copy(update={"reach": {"need_share_beyond": "<b>"}})
    assert "Beyond the bases" not in show(odd)


# ------------------------------------------------------------------------- frames

hostile = st.sampled_from(NAMES) | st.text(max_size=20)
cells = hostile | st.none() | st.integers(-9, 9) | st.dates() | st.just(pd.NaT)


@settings(max_examples=40)
@given(st.lists(st.tuples(hostile, cells), min_size=1, max_size=6), hostile)
def test_an_escaped_frame_shows_what_was_written(rows, heading) -> None:
    numbers = np.arange(len(rows)) / 2
    days = pd.to_datetime(["2014-11-03"] * len(rows), utc=True)
    points = gpd.GeoSeries([Point(i, 16) for i in range(len(rows))], crs=4326)
    frame = gpd.GeoDataFrame(
        {"number": numbers, "day": days, f"{heading} ": [row[1] for row in rows]},
        geometry=points.values,
        index=pd.Index([row[0] for row in rows], name=heading),
        crs=4326,
    )
    frame["other"] = points.values
    before = frame.copy(deep=True)
    escaped = pp.escape_frame(frame)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(before))
    assert list(escaped["number"]) == list(numbers)
    assert list(escaped["day"]) == list(days)
    assert escaped["day"].dtype == frame["day"].dtype
    assert escaped.geometry.geom_equals(frame.geometry.set_axis(escaped.index)).all()
    assert (escaped["other"].values == frame["other"].values).all()
    assert escaped.crs == frame.crs
    assert html.unescape(escaped.columns[2]) == normalise_text(f"{heading} ")
    for (key, cell), shown_key, shown in zip(
        rows, escaped.index, escaped.iloc[:, 2], strict=True
    ):
        assert html.unescape(shown_key) == normalise_text(key)
        assert not re.search(r"""[<>"'`{}$\\]""", shown_key)
        if cell is None or cell is pd.NaT:
            assert pd.isna(shown)
        elif isinstance(cell, str | date):
            assert html.unescape(shown) == normalise_text(cell)
            assert not re.search(r"""[<>"'`{}$\\]""", shown)
        else:
            # A column of numbers with gaps is one of floats, and stays so.
            assert shown == cell


def test_an_escaped_frame_without_shapes_and_with_two_headings_alike() -> None:
    frame = pd.DataFrame([["<b>", 1, date(2014, 11, 3)]], columns=["a", "a", "<i>"])
    frame.index = pd.MultiIndex.from_tuples([("<u>", 1)], names=["<s>", None])
    escaped = pp.escape_frame(frame)
    assert escaped.to_numpy().tolist() == [["&lt;b&gt;", 1, "2014-11-03"]]
    assert list(escaped.columns) == ["a", "a", "&lt;i&gt;"]
    assert list(escaped.index) == [("&lt;u&gt;", 1)]
    assert list(escaped.index.names) == ["&lt;s&gt;", None]


# --------------------------------------------------------------------------- maps


class Frame(HTMLParser):
    """Reads the one frame that a map shows itself in."""

    def __init__(self, part: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.feed(part)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))


def test_an_explored_frame_is_shown_offline_with_its_names_inert(tmp_path) -> None:
    name = "<img src=x onerror=alert(1)>\"'{{7*191}}</script>"
    names = [name, *ENGINES]
    frame = gpd.GeoDataFrame(
        {"name": names, "need": range(len(names))},
        geometry=[Point(i / 4, 16) for i in range(len(names))],
        crs=4326,
    )
    explored = pp.escape_frame(frame).explore("need", tiles=None)
    shown = pp.show_offline(explored, title=name, height_px=300)
    ((tag, attributes),) = Frame(shown._repr_html_()).tags
    assert tag == "iframe"
    assert attributes["srcdoc"] == shown.page
    assert attributes["title"] == name
    # Scripts of the map alone: no word with the notebook, no window, no form.
    assert attributes["sandbox"] == "allow-scripts"
    assert "src" not in attributes
    assert "height: 300px" in attributes["style"]
    for word in ("<img src=x", "<svg onload", "A1337Z"):
        assert word not in shown.page
    assert "Content-Security-Policy" in shown.page
    for name, attributes in Frame(shown.page).tags:
        # A link to follow by hand (Leaflet names its makers) is no resource.
        asked = [attributes.get("src"), attributes.get("href") if name != "a" else None]
        assert all(a is None or a.startswith(("data:", "#")) for a in asked)
    path = shown.save(tmp_path / "need.html")
    assert path.read_text("utf-8") == shown.page
    assert repr(shown) == f"<InlineMap: {len(shown.page) / 1000:.0f} kB>"


def test_a_map_that_fetches_is_refused() -> None:
    with pytest.raises(AssetError):
        pp.show_offline(folium.Map())


# ---------------------------------------------------------------------- progress

SHARES = [Progress(share, 800.0, 1000.0) for share in (0.0, 0.5, 1.0)]


def test_the_bar_is_silent_where_nobody_looks(capsys, monkeypatch) -> None:
    monkeypatch.setattr(progress_bar, "_is_notebook", lambda: False)
    bar = pp.ProgressBar()
    for progress in SHARES:
        bar(progress)
    assert capsys.readouterr() == ("", "")


def test_the_bar_stands_once_in_a_notebook(capsys, monkeypatch) -> None:
    drawn: list[str] = []
    handles: list[SimpleNamespace] = []

    def display(page, *, display_id):
        assert display_id is True
        drawn.append(page)
        handles.append(SimpleNamespace(update=drawn.append))
        return handles[-1]

    # What a kernel has, and no more: the bar asks for nothing else of it.
    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    shown = SimpleNamespace(HTML=str, display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    bar = pp.ProgressBar("<b>")
    for progress in SHARES:
        bar(progress)
    assert len(handles) == 1
    assert [re.findall(r'value="(\d+)"', part) for part in drawn] == [
        ["0"],
        ["50"],
        ["100"],
    ]
    # 1 - 800 / 1000
    assert "<b> 50 % · Need met 800 · gap 20.0 %" in Part(drawn[1]).text
    assert capsys.readouterr() == ("", "")


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch) -> None:
    for shell in (None, SimpleNamespace()):
        ipython = SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        assert not progress_bar._is_notebook()


def test_a_share_out_of_bounds_stays_on_the_bar() -> None:
    for share, percent in ((-0.1, "0"), (1.2, "100")):
        part = progress_bar.render_bar("x", Progress(share, 0.0, 0.0))
        assert f'value="{percent}"' in part


# --------------------------------------------------------------------------- legs


def test_legs_are_those_of_the_plan(study) -> None:
    legs = study.legs
    plan = study.plan_file
    assert len(legs) == sum(len(patrol.legs) for patrol in plan.patrols) > 0
    for patrol in plan.patrols:
        mine = legs[legs["patrol_id"] == patrol.id]
        assert list(mine["length_km"]) == [leg.length_km for leg in patrol.legs]
        assert list(mine["from_id"]) == [leg.from_ for leg in patrol.legs]
        assert list(mine["to_id"]) == [leg.to for leg in patrol.legs]
        assert set(mine["team_id"]) == {patrol.team_id}
        assert mine["depart"].is_monotonic_increasing
    assert (legs["depart"] <= legs["arrive"]).all()
    assert legs.crs == "EPSG:4326"
    # A way winds more than it is drawn, never less, but for the rounding of its points.
    geod = legs.crs.get_geod()
    drawn_km = [geod.geometry_length(shape) / 1000 for shape in legs.geometry]
    assert (legs["length_km"] * 1.01 + 0.2 >= drawn_km).all()


def test_legs_by_hand() -> None:
    plan = build_plan(count=1)
    legs = pp.tabulate_legs(plan)
    assert legs.iloc[0]["from_id"] == "base-gao"
    assert legs.iloc[-1]["to_id"] == "base-gao"
    assert legs.iloc[0]["depart"] == datetime(2014, 11, 3, 6, 30, tzinfo=UTC)
    none = pp.tabulate_legs(build_plan(count=0))
    assert len(none) == 0
    assert list(none.columns) == list(legs.columns)
    assert list(none.dtypes) == list(legs.dtypes)
    assert none.crs == legs.crs
    assert json.loads(legs.explore(tiles=None).get_root().to_json())["name"] == "Figure"
