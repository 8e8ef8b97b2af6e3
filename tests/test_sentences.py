"""Every code has its sentence, every text its French, and no value breaks either."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import patrolplan.products
from patrolplan.products.catalogue import (
    Text,
    find_zone,
    format_clock,
    format_duration,
    format_number,
    name_zone,
    translate,
    translate_count,
)
from patrolplan.products.sentences import (
    list_codes,
    render_code,
    render_code_text,
    render_violation,
)
from patrolplan.products.terms import translate_term
from sample_plan import START

PRODUCTS = Path(patrolplan.products.__file__).parent
PO = PRODUCTS / "locale" / "fr" / "LC_MESSAGES" / "patrolplan.po"
WHO = {"name": "Track", "name_fr": "Piste"}
WHEN = {"from_date": "2014-10-01", "to_date": "2015-01-31"}
REASONS = {
    "visit_may_harm": {},
    "liaison_refused": {},
    "surgery_too_far": {},
    "surgery_too_far_by_night": {},
    "surgery_too_far_on_way": {},
    "held_by_base": {"base_id": "gao"},
    "no_team": {},
    "no_way": {},
    "no_halt": {},
    "beyond_horizon": {},
    "out_of_range": {"missing_km": 84.2, "team_id": "gao-1"},
    "too_many_days": {"missing_days": 2, "team_id": "gao-1"},
    "dwell_too_long": {},
    "need_unknown": {},
    "need_zero": {},
    "no_time_left": {"extra_days": 1, "team_id": "gao-1"},
    "not_planned": {},
    "equity_first": {"more_need": 876.0, "dropped": ["lere"]},
    "hazard_exceeded": {"team_id": "gao-1"},
    "fuel_exceeded": {"team_id": "gao-1", "missing_l": 84.2},
    "role_missing": {"roles": ["medic"]},
    "way_closed": WHO | WHEN,
    "way_closed_in_season": WHEN,
    "ways_closed": {
        "names": ["a track", "a ferry"],
        "names_fr": ["une piste", "un bac"],
    },
    "window_missed": {},
    "group_served": {"other_id": "gao"},
    "equally_good": {"dropped": ["gao"]},
    "priced_out": {"lost_need": 120.0, "dropped": ["gao", "ber"]},
    "demands_unmet": {"demands": 3, "most": 2},
    "demands_not_met": {"demands": 3, "met": 2},
    "site_unmet": {"site_id": "gao", "reason": "no_way", "values": {}},
    "group_unmet": {"site_ids": ["gao", "ber"]},
    "unknown_unmet": {"found": 0, "least": 1},
}
CHANGES = {
    "raise_range_km": {"team_id": "gao-1", "missing_km": 84.2},
    "add_days": {"team_id": "gao-1", "days": 2},
    "extend_horizon": {"team_id": "gao-1", "days": 3},
    "add_role": {"team_id": "gao-1", "role": "medic"},
    "carry_fuel": {"team_id": "gao-1", "missing_l": 84.2},
    "add_team": {"base_id": "gao", "vehicle": "light_4x4", "team_id": "gao-1"},
    "add_visit": {"team_id": "gao-1", "depart_day": 0},
    "add_patrol": {"base_id": "gao", "vehicle": "light_4x4", "days": 4},
    "add_teams": {"teams": 2, "base_id": "gao", "team_id": "gao-1"},
    "plan_longer": {"days": 3},
    "open_base": {"base_id": "gao"},
    "drop_required": {"site_id": "gao"},
    "drop_group": {"site_ids": ["gao", "ber"]},
    "ask_fewer_unknown": {"least": 0},
}
RULES = [
    "bound_below_plan",
    "casualty_misstated",
    "clearing_misstated",
    "dwell_too_short",
    "element_missing",
    "figures_misstated",
    "fuel_exceeded",
    "gate_closed",
    "gate_misstated",
    "geometry_misplaced",
    "group_not_visited",
    "group_repeated",
    "halt_misnamed",
    "halt_too_near",
    "hazard_exceeded",
    "left_unrested",
    "leg_shortened",
    "leg_too_fast",
    "need_misstated",
    "night_movement",
    "night_on_the_move",
    "night_without_halt",
    "no_way",
    "not_at_base",
    "outside_horizon",
    "pair_forbidden",
    "passed_misstated",
    "patrols_overlap",
    "range_exceeded",
    "rations_exceeded",
    "required_not_visited",
    "rest_too_short",
    "role_missing",
    "stop_misplaced",
    "surgery_too_far",
    "surgery_too_far_by_night",
    "supplies_misstated",
    "times_disagree",
    "too_few_days",
    "too_few_unknown",
    "too_few_vehicles",
    "too_many_days",
    "unknown_site",
    "unknown_team",
    "unserved_misstated",
    "visit_repeated",
    "water_exceeded",
    "window_missed",
    "work_at_night",
]
NOTICES = {
    "base_hugging": {"beyond_km": 50},
    "casualty_gaps_day": {"count": 3, "limit_min": 120},
    "casualty_gaps_night": {"count": 1, "limit_min": 120},
    "casualty_unknown": {},
    "casualty_unmitigated": {},
    "days_cut": {"team_id": "gao-1", "days": 7, "max_days": 8, "supply": "water"},
    "elements_keep_home": {"team_id": "gao-1", "elements": ["recovery"]},
    "elements_missing": {"team_id": "gao-1", "elements": ["bowser", "ambulance"]},
    "seats_short": {"team_id": "gao-1", "people": 24, "seats": 20},
    "ended_early": {},
    **{
        f"{which}chance_{outcome}": {
            "chance_percent": 90,
            "least_percent": 90.7,
            "draws": 10000,
            **buffer,
        }
        for which, buffer in (
            ("", {"longer_percent": 20}),
            ("day_", {"kept_min": 150}),
        )
        for outcome in ("held", "missed")
    },
    "night_in_town": {"patrol_id": "P6", "place_id": "seat-djenne"},
    "no_patrol": {},
    "no_people_known": {},
    "no_risk_known": {},
    "team_barred": {"team_id": "gao-1"},
    "trade_exact": {},
    "trade_found": {"gap_percent": 4.2},
    "trade_gives_up": {"count": 2, "site_ids": ["gao", "ber"]},
    "trade_most": {},
    "trade_not_sent": {"count": 1, "teams": ["gao-1"]},
    "trade_point": {"need_percent": 92, "exposure_percent": 61, "fuel_percent": 70},
    "trade_visits": {"site_ids": ["gao"]},
    "team_beyond_clock": {"team_id": "gao-1", "base_id": "gao"},
    "team_idle": {"team_id": "gao-1", "base_id": "gao"},
    "site_not_joined": {"site_id": "gao"},
    "off_track_way": WHO
    | {"length_km": 292.4, "cell_m": 2000.0, "basis": ["elevation", "land_cover"]},
    "off_track_driven": {"patrol_id": "p1", "length_km": 248.2, "driving_min": 1336.0},
    "incidents_columns_dropped": {"columns": ["actor1", "notes"]},
    "incidents_not_violent": {"count": 3},
    "incidents_outside": {"count": 1},
    "incidents_as_of_moved": {"start": "2014-11-03", "as_of": "2017-12-31"},
    "incidents_later": {"count": 12, "as_of": "2014-11-03"},
    "incidents_discovered_left_out": {"count": 4},
    "incidents_without_probability": {"count": 1},
    "incidents_unguarded": {"count": 4},
    "incidents_none_left": {"as_of": "2014-11-03"},
    "hotspots_refused": {"count": 12, "least": 30},
    "displacement_too_few": {"before": 1, "after": 2},
    "displacement_none_seen": {"before": 5, "after": 5},
    "displacement_ring_rose": {"before": 1, "after": 9},
    "displacement_ring_rose_core_fell": {"before": 1, "after": 8},
    "visits_columns_dropped": {"columns": ["weather"]},
    "visits_of_other_sites": {"count": 2},
    "area_closes": WHO | WHEN,
    "closure_closes": WHO | WHEN,
    "flood_closes": WHO | WHEN | {"gauge": "Gao"},
    "flood_raises": WHO | WHEN | {"gauge": "Gao"},
    "flood_slows": WHO | WHEN | {"gauge": "Gao"},
    "season_slows": WHEN,
    "cause_cuts": WHO | {"cut": ["gao", "ber"]},
    "causes_cut": {"cut": ["gao"], "names": ["Track"], "names_fr": ["Piste"]},
    "cause_lengthens": WHO | {"base_id": "gao", "site_id": "ber", "more_min": 61},
    "line_closes_on_way": WHO | {"patrol_id": "P1", "date": "2014-11-12"},
    "it_blocks": {},
    "it_costs": {"more_min": 90},
    "they_block": {"names": ["Track"], "names_fr": ["Piste"]},
    "they_cost": {"names": ["Track"], "names_fr": ["Piste"]},
    "way_leaves": {"left": ["Track"], "taken": ["Road"]},
    "way_lost": {"free_min": 30},
    "way_never": {},
    "way_slower": {"more_min": 90, "free_min": 30},
    "way_unchanged": {},
}
_TRIP = {"team_id": "gao-1", "date": "2014-11-07", "site_ids": ["bamba"]}
DIFFERENCES = {
    "all_same": {},
    "other_scenario": {"old_name": "north", "new_name": "south"},
    "other_days": {
        "old_from": "2014-11-03",
        "old_to": "2014-11-30",
        "from_date": "2014-12-01",
        "to_date": "2014-12-28",
    },
    "other_figure": {"figure": "min_days", "value": "3", "old_value": "2"},
    "other_inputs": {"files": ["lines.geojson"]},
    "other_seed": {},
    "other_version": {"old_name": "0.1.0", "new_name": "0.2.0"},
    "line_shut": {"line": "koriome-ferry"},
    "line_opened": {"line": "koriome-ferry"},
    "rows_lifted": {"rows": ["flood-delta-akka", "flood-delta-mopti"]},
    "rows_kept": {"rows": ["flood-delta-akka"]},
    "team_gone": {"team_id": "gao-1"},
    "team_new": {"team_id": "gao-1"},
    "team_changed": {"team_id": "gao-1"},
    "sites_gone": {"count": 2},
    "sites_new": {"count": 1},
    "sites_rated": {"count": 3},
    "way_barred": {
        "line": "koriome-ferry",
        "patrol": "P5",
        "bound_for_id": "bamba",
        "date": "2014-11-07",
    },
    "cut_off": {"lines": ["koriome-ferry"], "site_id": "bamba", "people": 28524},
    "team_stays": {"team_id": "gao-1", "count": 1},
    "visit_lost": {"site_id": "bamba"},
    "visit_gained": {"site_id": "bamba", "people": 28524},
    "visit_shifted": {
        "site_id": "bamba",
        "date": "2014-11-07",
        "old_date": "2014-11-05",
    },
    "patrol_lost": _TRIP,
    "patrol_gained": _TRIP,
    "patrol_rerouted": _TRIP,
}
REVISIONS = {
    "alert_answered": {"site_id": "bamba", "team_id": "gao-1", "date": "2014-11-07"},
    "alert_unanswered": {"site_id": "bamba"},
    "change_costs": {"more_need": 1234.5},
    "line_closed": {
        "line": "koriome-ferry",
        "from_date": "2014-11-05",
        "to_date": "2014-11-30",
    },
    "patrol_added": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "patrol_cancelled": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "patrol_changed": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "patrol_cut_off": {"patrol": "P5", "team_id": "gao-1"},
    "patrol_done": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "patrol_goes_on": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "patrol_goes_on_otherwise": {
        "patrol": "P5",
        "team_id": "gao-1",
        "date": "2014-11-07",
    },
    "patrol_overruns": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "patrol_sent_elsewhere": {
        "patrol": "P5",
        "team_id": "gao-1",
        "bound_for_id": "dire",
        "date": "2014-11-07",
    },
    "patrol_stays": {"patrol": "P5", "team_id": "gao-1", "date": "2014-11-07"},
    "promise_broken": {"site_id": "bamba"},
    "promise_met": {"site_id": "bamba", "team_id": "gao-1", "date": "2014-11-07"},
    "promise_met_before": {"site_id": "bamba", "date": "2014-11-07"},
    "replanned": {"date": "2014-11-07", "kept": 3, "planned": 5},
    "visit_added": {"site_id": "bamba", "date": "2014-11-07", "patrol": "P5"},
    "visit_left_out": {
        "site_id": "bamba",
        "old_date": "2014-11-06",
        "old_patrol": "P2",
    },
    "visit_moved": {
        "site_id": "bamba",
        "date": "2014-11-07",
        "patrol": "P5",
        "old_date": "2014-11-06",
        "old_patrol": "P2",
    },
}
PURPOSES = [
    "ask_after_displaced",
    "ask_after_returns",
    "ask_after_school",
    "check_access_to_care",
    "drive_line",
    "find_out",
    "follow_return_corridor",
    "listen_at_market",
    "listen_for_early_warning",
    "look_at_polling_place",
    "mediate_herding",
    "monitor_human_rights",
    "observe_ceasefire",
    "protect_women_children",
    "reach_beyond_bases",
    "respond_to_threat",
    "see_far_from_state",
    "show_presence",
    "support_state_presence",
    "visit_civilians_at_risk",
]
EXAMPLES = [
    *(("reason", code, values) for code, values in REASONS.items()),
    *(("change", code, values) for code, values in CHANGES.items()),
    *(("rule", code, {}) for code in RULES),
    *(("notice", code, values) for code, values in NOTICES.items()),
    *(("purpose", code, {}) for code in PURPOSES),
    *(("revision", code, values) for code, values in REVISIONS.items()),
    *(("difference", code, values) for code, values in DIFFERENCES.items()),
]


def list_messages() -> set[str | tuple[str, ...]]:
    """Extract every message of the source and the templates, as pybabel does."""
    found = extract_from_dir(
        PRODUCTS,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"**": {"encoding": "utf-8"}},
        keywords={
            "mark": None,
            "translate": None,
            "translate_text": None,
            "translate_count": (1, 2),
            "translate_counted": (1, 2),
            "translate_filled": None,
            "_count": (3, 4),
            "_": None,
            "_f": None,
            "_n": (1, 2),
        },
    )
    return {message for _, _, message, _, _ in found}


def test_every_code_in_use_has_a_sentence() -> None:
    for kind in (
        "reason",
        "change",
        "rule",
        "notice",
        "purpose",
        "revision",
        "difference",
    ):
        expected = sorted(code for part, code, _ in EXAMPLES if part == kind)
        assert list(list_codes(kind)) == expected
    assert "no_way" in list_codes()


@pytest.mark.parametrize(("kind", "code", "values"), EXAMPLES)
def test_a_sentence_holds_its_values_in_both_languages(kind, code, values) -> None:
    text = render_code_text(code, values, kind=kind)
    assert not text.en.startswith(f"{code}:")
    assert text.en != code
    assert text.en != text.fr
    assert not re.search(r"[{}]", text.en + text.fr)
    if "team_id" in values:
        assert "gao-1" in text.en
        assert "gao-1" in text.fr


def test_the_referee_knows_no_rule_without_a_sentence() -> None:
    planning = PRODUCTS.parent / "planning"
    source = "".join(path.read_text("utf-8") for path in planning.glob("*.py"))
    named = set(re.findall(r'_?build(?:_violation)?\(\s*"([a-z_]+)"', source))
    named |= set(re.findall(r'rule="([a-z_]+)"', source))
    coded = set(re.findall(r'Code\(\s*code="([a-z_]+)"', source))
    assert named - set(list_codes("rule")) == set()
    assert coded - set(list_codes()) == set()


def test_plural_singular_and_missing_values() -> None:
    one = render_code("add_days", {"team_id": "a", "days": 1}, "en")
    two = render_code("add_days", {"team_id": "a", "days": 2}, "en")
    assert (one, two) == ("Give team a 1 more day.", "Give team a 2 more days.")
    full = render_code("no_time_left", {"extra_days": None, "team_id": None}, "en")
    assert full == "Within reach, but no time is left in any patrol."
    timed = {"dwell_min": 700.0, "window_min": 600}
    assert "11 h 40 min" in render_code("dwell_too_long", timed, "en")
    assert render_code("add_visit", CHANGES["add_visit"], "en").count("day 1,") == 1
    assert translate_count("{n} day", "{n} days", 0, "fr") == "{n} jour"


def test_what_is_missing_is_rounded_up_and_names_stand_for_ids() -> None:
    names = {"gao": Text("Gao camp", "Camp de Gao")}

    def find(key: str, lang: str) -> str:
        return names[key].pick(lang) if key in names else key

    text = render_code_text("out_of_range", REASONS["out_of_range"], names=find)
    assert "85 km" in text.en
    held = render_code_text("held_by_base", {"base_id": "gao"}, names=find)
    assert "Gao camp" in held.en
    assert "Camp de Gao" in held.fr


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_name_at_the_beginning_of_a_sentence_keeps_its_letters(lang: str) -> None:
    """A capital would make another name of it: SSahara of ßahara, an unknown id."""
    for name in ("ßahara", "n'Tillit", "gao-bourem"):
        shown = render_code("site_unmet", {"site_id": name}, lang)
        assert name in shown
        shown = render_code("closure_closes", {"name": name, "name_fr": name}, lang)
        assert name in shown
    barred = {"team_id": "gao-1", "base_id": "x"}
    assert render_code("team_barred", barred, "en").startswith("Team gao-1 ")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_unknown_code_is_shown_plainly(lang: str) -> None:
    shown = render_code("brand_new", {"n": 3, "who": "x", "all": [1]}, lang)
    assert shown == "brand_new: n 3, who x, all [1]"
    assert render_code("brand_new", {}, lang) == "brand_new"
    assert render_code("out_of_range", {}, lang) == "out_of_range"
    odd = {"missing_km": "{0.__class__}", "team_id": {"a": None}}
    assert "{0.__class__}" in render_code("out_of_range", odd, lang)
    for number in (float("inf"), float("nan"), True):
        assert render_code("add_days", {"team_id": "a", "days": number}, lang)


def test_a_broken_rule_says_whose_where_and_what() -> None:
    sentence = render_violation(
        "leg_too_fast", "en", patrol_id="p1", where="gao>bourem", found=35.25, limit=52
    )
    assert sentence == (
        "A leg is faster than the way allows "
        "(patrol p1, gao > bourem, found 35.2 min, limit 52 min)"
    )
    bare = render_violation(
        "new_rule", "fr", patrol_id=None, where=None, found=None, limit=None
    )
    assert bare == "new_rule"


def test_a_broken_rule_names_sites_and_roles_as_people_do() -> None:
    def say(rule: str, found: object, limit: object = None) -> str:
        return render_violation(
            rule,
            "en",
            patrol_id=None,
            where=None,
            found=found,
            limit=limit,
            names=lambda key, lang: key.title(),
        )

    assert say("group_repeated", ["gao", "ber"], 1) == (
        "More than one site of a group is visited (found Gao, Ber, limit 1)"
    )
    assert "limit Gao, Ber)" in say("group_not_visited", None, ["gao", "ber"])
    # A hostile file may hold anything where ids are meant.
    assert "found [1]" in say("pair_forbidden", [1])
    assert "found medic)" in say("role_missing", ["medic"])
    assert "found harm by our visit)" in say("gate_closed", "visit_harm")
    assert "found 7)" in say("gate_misstated", 7)
    priced = {"lost_need": 1250.0, "dropped": ["gao", "ber"]}
    told = render_code("priced_out", priced, "en", names=lambda key, lang: key.title())
    assert told == "Going there would cost 1,250 of need; left out: Gao, Ber."
    bare = render_code("priced_out", priced | {"dropped": []}, "en")
    assert bare == "Going there would cost 1,250 of need."
    added = render_code("add_role", CHANGES["add_role"], "fr")
    assert added == "Ajouter à l'équipe gao-1 le rôle : infirmier."
    asked = render_code("role_missing", {"roles": ["medic", "police"]}, "fr")
    assert asked.endswith("sur place : infirmier, police.")


def test_every_text_has_its_french() -> None:
    with PO.open("rb") as file:
        catalogue = read_po(file, locale="fr")
    known = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalogue if m.id}
    used = {m if isinstance(m, str) else m[0] for m in list_messages()}
    assert used - set(known) == set()
    assert set(known) - used == set()
    for message in known.values():
        strings = message.string if message.pluralizable else (message.string,)
        assert all(strings), message.id
        for form in strings:
            fields = re.findall(r"{\w+}", form)
            source = message.id[1] if message.pluralizable else message.id
            assert sorted(fields) == sorted(re.findall(r"{\w+}", source)), form


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with PO.open("rb") as file:
        catalogue = read_po(file, locale="fr", domain="patrolplan")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    with PO.with_suffix(".mo").open("rb") as file:
        shipped = GNUTranslations(file)
    written = GNUTranslations(compiled)
    # Its head tells which version of Babel compiled it, which is no matter.
    for catalogue in (shipped, written):
        assert catalogue.info().pop("generated-by").startswith("Babel ")
        assert catalogue._catalog.pop("")
    assert shipped._catalog == written._catalog
    assert shipped.info() == written.info()


def test_numbers_times_and_terms_by_language() -> None:
    assert format_number(1234567.25, "en", 1) == "1,234,567.2"
    assert format_number(1234567.25, "fr", 1) == "1\u202f234\u202f567,2"
    assert format_number(-1e-9, "fr", 1) == "0,0"
    assert format_number(float("nan"), "en") == "—"
    assert [format_duration(m) for m in (5, 60, 200)] == ["5 min", "1 h", "3 h 20 min"]
    assert translate_term("paved_degraded", "fr") == "goudronnée, dégradée"
    assert translate_term("some_new_role", "fr") == "some new role"
    assert translate("", "fr") == ""
    with pytest.raises(ValueError, match="de"):
        translate("Patrols", "de")


def test_clock_times_are_of_the_scenario_zone() -> None:
    noon = datetime(START.year, START.month, START.day, 12, tzinfo=UTC)
    assert name_zone(find_zone("Africa/Bamako"), noon) == "UTC"
    assert name_zone(find_zone("Africa/Lagos"), noon) == "UTC+1"
    assert name_zone(find_zone("Asia/Kolkata"), noon) == "UTC+5:30"
    assert name_zone(find_zone("America/New_York"), noon) == "UTC-5"
    assert format_clock(noon, find_zone("Africa/Lagos")) == "13:00"
    assert name_zone(find_zone("No/Where"), noon) == "UTC"
    assert name_zone(find_zone("../etc/passwd"), noon) == "UTC"
