"""What an order says, where a plan is not of the common kind."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf

from gate_answers import pass_gates
from patrolplan.products.catalogue import Text
from patrolplan.products.commander_brief import render_briefs
from patrolplan.products.digest import digest_plan
from patrolplan.products.maps import render_map
from patrolplan.products.orders import build_order, render_order_pdf
from patrolplan.products.orders.model import Table, list_shown, pick_language
from patrolplan.products.people import format_people, word_inhabitants
from patrolplan.products.summaries import render_summary
from patrolplan.products.terms import translate_term
from sample_plan import build_plan


def read_order(plan, lang="en") -> list[str]:
    return list_shown(pick_language(build_order(plan, plan.patrols[0].id), lang))


def test_unknown_people_are_never_told_as_none() -> None:
    """Ansongo has 8,358 inhabitants, of Labbezanga nobody knows."""
    plan = build_plan(count=1)
    assert "2 places, 8,358 inhabitants, 1 place of unknown people" in read_order(plan)
    assert (
        "2 lieux, 8\u202f358 habitants, 1 lieu dont la population est inconnue"
        in read_order(plan, "fr")
    )
    note = "people of a place that nobody counted; unknown is not zero."
    for page in (render_briefs(plan)["brief.en.html"], render_summary(plan)):
        assert "8,358 + ?</td>" in page
        assert note in page
    assert "8,358 inhabitants, 1 place of unknown people" in render_map(plan)


def test_where_nobody_is_counted_no_number_stands() -> None:
    plan = build_plan(count=1)
    sites = [
        site.model_copy(update={"population": None}) if site.id == "ansongo" else site
        for site in plan.sites
    ]
    (row,) = digest_plan(plan.model_copy(update={"sites": sites})).patrols
    assert format_people(row) == Text.same("?")
    assert word_inhabitants(row).en == "inhabitants unknown"
    # A base alone is visited by nobody: that is known to be none.
    bare = plan.patrols[0].model_copy(
        update={"stops": [plan.patrols[0].stops[0], plan.patrols[0].stops[-1]]}
    )
    (row,) = digest_plan(
        plan.model_copy(
            update={"patrols": [bare.model_copy(update={"legs": bare.legs[:1]})]}
        )
    ).patrols
    assert format_people(row) == Text.same("0")


def test_where_all_are_counted_nothing_is_added() -> None:
    plan = build_plan(count=6)
    row = next(row for row in digest_plan(plan).patrols if not row.people_unknown)
    assert "?" not in format_people(row).en
    assert "unknown" not in word_inhabitants(row).en


def strand(plan, kind="visit"):
    """Return the plan with its patrol ended at its first stop, as news may end it."""
    (patrol,) = plan.patrols
    start = patrol.stops[0].model_copy(update={"kind": "start"})
    last = patrol.stops[1].model_copy(update={"depart": None, "kind": kind})
    if kind == "halt":
        last = last.model_copy(update={"place_id": "halt:patrol-1:1", "site_id": None})
    changes = {
        "stops": [start, last],
        "legs": patrol.legs[:1],
        "return_": patrol.legs[0].arrive,
    }
    return plan.model_copy(update={"patrols": [patrol.model_copy(update=changes)]})


def test_a_patrol_without_a_way_home_is_never_told_to_be_back() -> None:
    plan = build_plan(count=1)
    told = read_order(plan)
    # In its head, and in the report form to be filled in.
    returns = told.count("Return")
    day = plan.patrols[0].return_.date()
    assert any(text.endswith(f"asks. It is back on {day}.") for text in told)
    stranded = strand(plan)
    told = read_order(stranded)
    assert told.count("Return") == returns - 1
    assert told[told.index("Stays at") + 1].startswith("Ansongo, Monday 2014-11-03 ")
    assert not any("is back" in text for text in told)
    assert any(text.startswith("There is no way home for this") for text in told)
    assert any(
        text.endswith("It has no way home: it stays at Ansongo from 2014-11-03.")
        for text in told
    )
    french = " ".join(read_order(stranded, "fr"))
    assert "Elle rentre le" not in french
    assert "aucun chemin de retour" in french


def test_a_patrol_that_visits_nobody_is_not_told_to_protect() -> None:
    told = " ".join(read_order(strand(build_plan(count=1), kind="halt")))
    assert "Team gao-1 goes from Gao camp and visits no place." in told
    assert "it stays at Night halt 1" in told
    assert "to , to" not in told


def move_by_night(plan, hours: int):
    """Return the plan with driving by night allowed, all times later by some hours."""
    later = timedelta(hours=hours)

    def delay(entry, *names):
        times = {name: getattr(entry, name) for name in names}
        return entry.model_copy(
            update={name: time and time + later for name, time in times.items()}
        )

    patrols = [
        delay(patrol, "depart", "return_").model_copy(
            update={
                "stops": [delay(stop, "arrive", "depart") for stop in patrol.stops],
                "legs": [delay(leg, "depart", "arrive") for leg in patrol.legs],
            }
        )
        for patrol in plan.patrols
    ]
    limits = plan.scenario.limits | {"night_movement": True}
    scenario = plan.scenario.model_copy(update={"limits": limits})
    return plan.model_copy(update={"scenario": scenario, "patrols": patrols})


def test_an_order_forbids_no_driving_by_night_that_its_plan_allows(study) -> None:
    plan = study.plan_file
    by_day = " ".join(read_order(plan))
    assert "does not catch up by night" in by_day
    assert "in darkness" not in by_day
    told = read_order(move_by_night(plan, 12))
    joined = " ".join(told)
    assert "catch up by night" not in joined
    assert "which lets patrols drive by night" in joined
    assert "Legs and visits count by day all the same" in joined
    # What was by day is in darkness now.
    assert sum(text.startswith("in darkness: ") for text in told) >= 3
    assert "de nuit" in " ".join(read_order(move_by_night(plan, 12), "fr"))


def test_what_falls_in_darkness_is_judged_by_its_minutes_by_night(study) -> None:
    plan = move_by_night(study.plan_file, 12)
    limit_min = plan.scenario.limits["casualty_surgery_min"]
    judged = 0
    for patrol in plan.patrols:
        order = build_order(plan, patrol.id)
        (section,) = [s for s in order.sections if s.title.en.endswith("Casualty plan")]
        for block in section.blocks:
            for row in block.rows if isinstance(block, Table) else ():
                for line in row.cells[3].small:
                    night = row.cells[2].text.en
                    # Shown rounded up: at the limit either may be said.
                    if night.isdigit() and int(night) != limit_min:
                        beyond = int(night) > limit_min
                        assert line.en.endswith("BEYOND" if beyond else "within")
                        judged += 1
    assert judged > 10


def test_by_day_nothing_of_a_plan_that_may_drive_by_night_is_in_darkness(study) -> None:
    told = read_order(move_by_night(study.plan_file, 0))
    assert not any(text.startswith("in darkness: ") for text in told)


def answer_all_but(plan, *asked: str):
    """Return the plan with each question answered as it should be, but of some."""
    cleared = pass_gates(plan)
    gates = [
        gate
        if gate.site_id not in asked
        else gate.model_copy(
            update={"answer": "unanswered", "role": None, "date": None}
        )
        for gate in cleared.gates
    ]
    return cleared.model_copy(update={"gates": gates, "status": "draft"})


def test_an_order_warns_of_the_questions_that_stand_in_it() -> None:
    plan = build_plan(count=2)

    def warn(plan, number: int, lang="en") -> list[str]:
        order = build_order(plan, plan.patrols[number].id)
        return [
            text
            for text in list_shown(pick_language(order, lang))
            if text.startswith(("DRAFT: not for use. ", "PROJET"))
        ]

    (mine,) = warn(answer_all_but(plan, "ansongo"), 0)
    (other,) = warn(answer_all_but(plan, "ansongo"), 1)
    name = translate_term("visit_harm", "en")
    assert mine.endswith(f"each answer lets it: {name}.")
    assert name not in other
    assert "until the whole plan is cleared" in other
    assert len(warn(answer_all_but(plan, "ansongo"), 1, "fr")) == 1
    assert warn(pass_gates(plan), 0) == []


def test_where_a_patrol_planned_anew_begins_is_no_stop_to_report_from(study) -> None:
    plan = study.plan_file
    first, *others = plan.patrols
    start = first.stops[0].model_copy(update={"kind": "start"})
    anew = first.model_copy(update={"stops": [start, *first.stops[1:]]})
    changed = plan.model_copy(update={"patrols": [anew, *others]})
    # Neither among the stops to report from, nor as a row of the casualty plan.
    assert read_order(changed) == read_order(plan)


def test_signs_without_a_glyph_are_listed_in_a_sentence_that_ends() -> None:
    def read(signs: str) -> str:
        plan = build_plan(count=1, rename=lambda text: f"{text} {signs}")
        order = build_order(plan, plan.patrols[0].id)
        pages = pypdf.PdfReader(io.BytesIO(render_order_pdf(order, "en"))).pages
        return " ".join(" ".join(page.extract_text().split()) for page in pages)

    assert "U+2D54. The HTML edition" in read("\u2d54")
    many = "".join(map(chr, range(0x2D30, 0x2D30 + 25)))
    assert "U+2D43, and more. The HTML edition" in read(many)
