"""Plans taken together: counted by hand, by axis, and refused where they do not fit."""

from __future__ import annotations

import json
import re
from collections import Counter
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.cli import main
from patrolplan.ensemble import (
    AXIS_COLUMNS,
    LINE_COLUMNS,
    SITE_COLUMNS,
    Member,
    gather_ensemble,
)
from patrolplan.errors import PlanFileError
from patrolplan.line_passes import list_passes
from patrolplan.planfile import format_plan
from patrolplan.products.ensemble_page import (
    RAMP,
    find_share_fill,
    render_ensemble_page,
)
from patrolplan.products.ensemble_rows import (
    REASON_WORDS,
    describe_ensemble,
    tabulate_sites,
    word_reason_briefly,
)
from patrolplan.products.members import read_members
from patrolplan.products.nearest_phrases import _REASONS as QUESTION_REASONS
from patrolplan.products.sentences import list_codes
from sample_plan import SITES, build_plan, load_theatre


def with_lines(plan, lines):
    """Return a plan whose patrols drive these lines, leg by leg."""
    document = plan.model_dump(mode="json", by_alias=True)
    for patrol in document["patrols"]:
        for number, leg in enumerate(patrol["legs"]):
            leg["lines"] = lines(patrol["id"], number)
    return type(plan).model_validate(document)


def test_shares_are_as_counted_by_hand() -> None:
    # Patrol 1 goes to Ansongo and Labbezanga, 2 to Bourem, Bamba and Almoustarat, 3
    # to Koriomé, Bambara-Maoudé, Douentza and Hombori.
    found = gather_ensemble([build_plan(count=n) for n in (1, 2, 3, 3)])
    assert list(found.sites.columns) == [*SITE_COLUMNS, "geometry"]
    sites = found.sites.set_index("site_id")
    assert sites.crs == "EPSG:4326"
    assert (sites["plans"] == 4).all()
    assert sites["visited"]["ansongo"] == 4
    assert sites["share"]["bourem"] == 3 / 4
    assert sites["share"]["hombori"] == 2 / 4
    assert sites["visited"]["mopti"] == 0
    # Unknown stays unknown.
    assert pd.isna(sites["people"]["labbezanga"])
    assert pd.isna(sites["need_most"]["labbezanga"])
    reasons = found.reasons.set_index(["site_id", "reason"])["plans"]
    assert reasons["mopti", "out_of_range"] == 4
    assert sites["held"]["gao"] == 4
    assert sites["reason"]["ansongo"] is None
    assert list(found.sites["visited"]) == sorted(found.sites["visited"], reverse=True)


def test_a_night_on_a_line_does_not_make_two_passes_of_one() -> None:
    # Out by a, b to the visit with a night on b; home by b, a with a night between.
    def stop(kind):
        return SimpleNamespace(kind=kind)

    def leg(*lines):
        return SimpleNamespace(lines=list(lines))

    patrol = SimpleNamespace(
        stops=[stop(k) for k in ("base", "halt", "visit", "halt", "base")],
        legs=[leg("a", "b"), leg("b"), leg("b"), leg("a")],
    )
    assert list(list_passes(patrol)) == ["a", "b", "b", "a"]
    # Two visits on one line: it is driven from each to the next.
    patrol = SimpleNamespace(
        stops=[stop(k) for k in ("base", "visit", "visit", "base")],
        legs=[leg("a"), leg("a"), leg("a")],
    )
    assert Counter(list_passes(patrol)) == {"a": 3}


def test_vehicles_are_counted_each_time_that_they_pass() -> None:
    plans = [
        with_lines(build_plan(count=n), lambda patrol, leg: [f"line-of-{patrol}"])
        for n in (1, 2)
    ]
    found = gather_ensemble(plans)
    lines = found.lines.set_index("line_id")
    assert list(found.lines.columns) == [*LINE_COLUMNS, "geometry"]
    vehicles = {team.id: team.vehicles for team in plans[0].teams}
    for patrol, driven in (("patrol-1", 2), ("patrol-2", 1)):
        row = lines.loc[f"line-of-{patrol}"]
        out = next(p for p in plans[1].patrols if p.id == patrol)
        # Nights aside, a leg is a pass.
        times = len(out.legs) - sum(stop.kind == "halt" for stop in out.stops)
        assert row["driven"] == driven
        assert row["share"] == driven / 2
        assert row["patrol_passes"] == driven * times
        assert row["vehicle_passes"] == driven * times * vehicles[out.team_id]
        assert row["passes_per_plan"] == row["vehicle_passes"] / 2
        # No layer tells its name or shape.
        assert row["name"] == f"line-of-{patrol}"
        assert row["geometry"] is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("xyz")), min_size=1))
def test_axis_counts_add_up_to_all(drawn) -> None:
    plans = {n: build_plan(count=n) for n in range(5)}
    members = [
        Member(f"plan-{i}", plans[n], (("axis", value),))
        for i, (n, value) in enumerate(drawn)
    ]
    found = gather_ensemble(members)
    assert list(found.by_axis.columns) == list(AXIS_COLUMNS)
    sites = found.by_axis[found.by_axis["kind"] == "site"]
    sums = sites.groupby("id")[["plans", "served"]].sum()
    for row in found.sites.itertuples():
        assert sums["plans"][row.site_id] == row.plans == len(drawn)
        assert sums["served"][row.site_id] == row.visited
        # Visited, or left out for a reason: every plan says one of both.
        told = found.reasons[found.reasons["site_id"] == row.site_id]["plans"].sum()
        assert told + row.visited == row.plans
    # The order of the plans says nothing.
    turned = gather_ensemble(members[::-1])
    assert describe_ensemble(turned)["sites"] == describe_ensemble(found)["sites"]
    for frame, other in ((found.sites, turned.sites), (found.lines, turned.lines)):
        pd.testing.assert_frame_equal(
            frame.drop(columns="geometry"), other.drop(columns="geometry")
        )


def test_plans_of_another_theatre_are_refused_by_name() -> None:
    plan = build_plan(count=1)
    document = plan.model_dump(mode="json", by_alias=True)
    document["scenario"]["name"] = "elsewhere"
    document["sites"] = [s for s in document["sites"] if s["id"] != "mopti"]
    document["assessment"]["unserved"] = [
        u for u in document["assessment"]["unserved"] if u["site_id"] != "mopti"
    ]
    moved = next(s for s in document["sites"] if s["id"] == "bamba")
    moved["lon"] += 0.5
    counted = next(s for s in document["sites"] if s["id"] == "bourem")
    counted["population"] = None
    other = type(plan).model_validate(document)
    with pytest.raises(PlanFileError) as refused:
        gather_ensemble([plan, other])
    told = [(f.file, f.where) for f in refused.value.faults]
    assert told == [
        ("elsewhere", "site 'bamba', position"),
        ("elsewhere", "site 'bourem', population"),
        ("elsewhere", "sites"),
    ]
    assert "lacks 'mopti'" in str(refused.value)
    assert "unknown; 27486" in str(refused.value)
    with pytest.raises(PlanFileError, match="one plan or more"):
        gather_ensemble([])


def test_a_page_finds_what_bears_an_id_of_any_writing() -> None:
    """In an attribute, Arabic is isolated: so are the keys it is looked up by."""
    key = "\u0643\u064a\u062f\u0627\u0644"
    lines = load_theatre().lines.head(2).assign(id=[key, "b"])
    plans = [with_lines(build_plan(count=1), lambda *_: [key]) for _ in range(2)]
    members = [Member(f"plan-{n}", plan, ()) for n, plan in enumerate(plans)]
    page = render_ensemble_page(gather_ensemble(members, lines=lines))
    (attribute,) = re.findall(r'<tr data-id="([^"a-z]+)">', page)
    assert attribute == f"\u2068{key}\u2069"
    data = json.dumps(attribute)
    assert f'"driven": {{{data}:' in page
    assert f'"line_ids": [{data}, "b"]' in page


@pytest.mark.parametrize(
    "line",
    [
        *("A{{7*191}}Z", "{#", "{% x", "</script><b>", "`${x}"),
        "{% filter replace('x', 7 * 191) %}AxZ{% endfilter %}",
    ],
)
def test_an_id_of_a_line_goes_through_no_template(line) -> None:
    """Shapes kept it, and what they keep is rendered as a template once more."""
    lines = load_theatre().lines.head(2).assign(id=[line, "b"])
    plans = [with_lines(build_plan(count=1), lambda *_: [line]) for _ in range(2)]
    members = [Member(f"plan-{n}", plan, ()) for n, plan in enumerate(plans)]
    page = render_ensemble_page(gather_ensemble(members, lines=lines))
    assert "A1337Z" not in page
    assert "</script><b>" not in page


def test_a_fill_says_which_quarter() -> None:
    fills = [find_share_fill(n, 8) for n in range(9)]
    assert fills[0] not in RAMP
    assert fills[1:] == [RAMP[i] for i in (0, 0, 1, 1, 2, 2, 3, 4)]


def test_every_reason_has_a_few_words_in_both_languages() -> None:
    of_sites = set(list_codes("reason")) - set(QUESTION_REASONS)
    assert of_sites - set(REASON_WORDS) == set()
    for code in REASON_WORDS:
        text = word_reason_briefly(code)
        assert text.en != text.fr
    assert word_reason_briefly("new_code").fr == "new_code"


@pytest.fixture
def batch(tmp_path):
    rows = ["scenario,axis_season,result"]
    for name, count, season in (("a", 1, "dry"), ("b", 3, "rains"), ("c", 2, "dry")):
        folder = tmp_path / "batch" / name
        folder.mkdir(parents=True)
        plan = build_plan(count=count)
        (folder / "plan.json").write_text(format_plan(plan), encoding="utf-8")
        # A pack of an earlier batch, of a scenario that has failed since.
        rows.append(f"{name},{season},{'failed' if name == 'c' else 'planned'}")
    path = tmp_path / "batch" / "results.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "batch"


def test_a_batch_gives_the_plans_that_its_table_lists(batch) -> None:
    members = read_members([batch, batch / "a", batch / "a" / "plan.json"])
    assert [(m.name, m.settings) for m in members] == [
        ("a", (("season", "dry"),)),
        ("b", (("season", "rains"),)),
    ]
    (batch / "results.csv").unlink()
    assert len(read_members([batch])) == 3
    (batch / "empty").mkdir()
    with pytest.raises(PlanFileError, match=r"no plan\.json"):
        read_members([batch / "empty"])
    (batch / "results.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(PlanFileError, match="a scenario and a result"):
        read_members([batch])


def test_each_fault_of_a_plan_names_its_pack(batch) -> None:
    for name in ("a", "b"):
        (batch / name / "plan.json").write_text("{", encoding="utf-8")
    with pytest.raises(PlanFileError) as caught:
        read_members([batch])
    told = str(caught.value)
    # Both at once: the first keeps no other from being read.
    assert "a/plan.json: line 1" in told
    assert "b/plan.json: line 1" in told
    with pytest.raises(PlanFileError, match=r"a/plan\.json: line 1"):
        read_members([batch / "a"])


def test_the_verb_writes_page_and_tables_and_prints(batch, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    code = main(["compare", "--ensemble", f"{batch}", "--out", f"{out}", "--json"])
    assert code == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(path.name for path in out.iterdir()) == [
        "ensemble-axes.csv",
        "ensemble-lines.csv",
        "ensemble-reasons.csv",
        "ensemble-sites.csv",
        "ensemble.html",
        "ensemble.json",
    ]
    kept = json.loads((out / "ensemble.json").read_text(encoding="utf-8"))
    assert {**kept, "files": told["files"]} == told
    assert kept["format"] == "patrolplan-ensemble/1"
    by_id = {site["site_id"]: site for site in kept["sites"]}
    assert by_id["bourem"]["by_axis"]["season"]["dry"] == {"plans": 1, "served": 0}
    assert by_id["bourem"]["by_axis"]["season"]["rains"] == {"plans": 1, "served": 1}
    assert by_id["labbezanga"]["people"] is None
    assert main(["compare", "--ensemble", f"{batch}", "--lang", "fr"]) == 0
    printed = capsys.readouterr().out
    assert "inconnu" in printed
    assert "hors de portée (2)" in printed
    assert main(["compare", "--ensemble", f"{batch / 'a'}"]) == 2
    # Equal plans make equal files.
    again = tmp_path / "again"
    main(["compare", "--ensemble", f"{batch}", "--out", f"{again}", "--quiet"])
    for path in out.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_tables_say_unknown_and_bear_the_names_of_lines() -> None:
    theatre = load_theatre()
    line = theatre.lines.iloc[0]
    plan = with_lines(build_plan(count=2), lambda patrol, leg: [line["id"]])
    found = gather_ensemble([plan, build_plan(count=1)], lines=theatre.lines)
    assert len(found.lines) == len(theatre.lines)
    first = found.lines.iloc[0]
    assert (first["line_id"], first["driven"]) == (line["id"], 1)
    assert first["geometry"].equals(line["geometry"])
    table = tabulate_sites(found).set_index("site_id")
    unknown = {site for site, row in SITES.items() if row[3] is None}
    assert set(table.index[table["people"] == "unknown"]) == unknown
    assert set(table["plan_status"]) == {"draft"}
