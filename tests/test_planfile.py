"""``plan.json``: what is written is read back, and every breach is named."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrolplan.errors import PlanFileError
from patrolplan.planfile import PlanFile, format_plan, format_time, read_plan

HOSTILE_TEXTS = [
    "[ 1,\n 2 ]",
    "[]",
    "[ ]",
    'a "quoted" [ name ]',
    "back\\slash [ \\",
    "\\",
    '\\"',
    '["',
    '"]',
    "{ [ } ]",
    "tab\tand\r\nline",
    "</script><!--",
    "Ménaka \u2028 \U0001f69a",
]


@pytest.fixture(scope="module")
def plan(study) -> PlanFile:
    return study.plan_file


@pytest.fixture(scope="module")
def text(plan) -> str:
    return format_plan(plan)


@pytest.fixture
def write(tmp_path):
    def write_text(text: str | bytes):
        path = tmp_path / "plan.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write_text


@pytest.fixture
def list_faults(text, write):
    """Return the faults of the built-in plan after a change."""

    def refuse(change) -> list:
        document = json.loads(text)
        change(document)
        with pytest.raises(PlanFileError) as caught:
            read_plan(write(json.dumps(document)))
        return list(caught.value.faults)

    return refuse


def test_the_built_in_plan_is_read_back_equal(plan, text, write) -> None:
    assert read_plan(write(text)) == plan


def test_writing_what_was_read_gives_the_same_bytes(text, write) -> None:
    assert format_plan(read_plan(write(text))) == text


def test_the_text_holds_what_the_plan_holds(plan, text) -> None:
    assert json.loads(text) == plan.model_dump(mode="json", by_alias=True)


def test_every_time_is_utc_with_a_z(text) -> None:
    times = re.findall(r'"(\d{4}-\d\d-\d\dT[^"]*)"', text)
    assert len(times) > 50
    assert all(re.fullmatch(r"[\d-]+T[\d:]+(\.\d{3})?Z", found) for found in times)


def test_rows_of_a_matrix_stand_on_one_line(plan, text) -> None:
    size = len(plan.travel[0].place_ids)
    rows = [line for line in text.splitlines() if line.count(",") >= size - 1]
    assert len(rows) >= 3 * size


def rename_first_site(plan: PlanFile, name: str) -> PlanFile:
    first = plan.sites[0].model_copy(update={"name": name})
    last = plan.sites[1].model_copy(update={"cercle": f"]{name}["})
    return plan.model_copy(
        update={"sites": [first, last, *plan.sites[2:]], "travel": []}
    )


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_no_name_is_changed_by_writing(plan, name) -> None:
    found = json.loads(format_plan(rename_first_site(plan, name)))
    assert found["sites"][0]["name"] == name
    assert found["sites"][1]["cercle"] == f"]{name}["


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=60,
    deadline=None,
)
@given(
    st.lists(
        st.text(st.sampled_from('[]{}",:\\ \n\tab1é'), max_size=12),
        min_size=2,
        max_size=4,
    )
)
def test_any_texts_are_written_as_they_are(plan, texts) -> None:
    named = rename_first_site(plan, texts[0])
    limits = {"texts": texts, "inner": [[], [texts], {}, {texts[0]: texts[1]}]}
    asked = plan.scenario.model_copy(update={"limits": limits})
    named = named.model_copy(update={"scenario": asked, "patrols": []})
    document = named.model_dump(mode="json", by_alias=True)
    assert json.loads(format_plan(named)) == document


@given(
    st.timedeltas(timedelta(0), timedelta(days=40_000)),
    st.integers(-23 * 60, 23 * 60),
)
def test_a_time_of_any_zone_is_written_in_utc_to_the_millisecond(
    age, offset_min
) -> None:
    zone = timezone(timedelta(minutes=offset_min))
    aware = datetime(1990, 1, 1, tzinfo=zone) + age
    text = format_time(aware)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", text)
    lost = aware - datetime.fromisoformat(text)
    assert timedelta(0) <= lost < timedelta(milliseconds=1)


def test_a_whole_second_is_written_without_a_fraction() -> None:
    assert format_time(datetime(2014, 11, 3, 6, 15, tzinfo=UTC)).endswith("06:15:00Z")


# What breaks the contract


def test_an_unknown_key_is_refused(list_faults) -> None:
    (fault,) = list_faults(lambda d: d["sites"][0].update(colour="red"))
    assert fault.where == "sites.0.colour"
    assert "unknown key" in fault.found


def test_a_missing_key_is_refused(list_faults) -> None:
    (fault,) = list_faults(lambda d: d["teams"][0].pop("range_km"))
    assert (fault.where, fault.found) == ("teams.0.range_km", "nothing")


def test_several_faults_are_named_at_once(list_faults) -> None:
    def break_three(document) -> None:
        document["sites"][0]["population"] = 0
        document["sites"][1]["lon"] = 181
        document["patrols"][0]["depart"] = "2014-11-03T06:00:00"

    found = {fault.where: fault for fault in list_faults(break_three)}
    assert set(found) == {"sites.0.population", "sites.1.lon", "patrols.0.depart"}
    assert "zone" in found["patrols.0.depart"].expected


def test_not_a_number_is_refused(text, write) -> None:
    broken = re.sub(r'"need_total": [\d.]+', '"need_total": NaN', text)
    with pytest.raises(PlanFileError, match="need_total"):
        read_plan(write(broken))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("scenario.horizon_days", 10**9),
        ("scenario.horizon_days", 367),
        ("scenario.start", "9999-12-31"),
        ("scenario.start", "0001-01-01T00:00:00+14:00"),
        ("scenario.limits.sunset_margin_min", 1e300),
        ("scenario.limits.min_days", 10**400),
        ("scenario.limits.nested", {"a": [[float("inf")]]}),
        ("patrols.0.depart", "0001-01-01T00:00:00+14:00"),
        ("patrols.0.return", "9999-12-31T23:00:00-14:00"),
        ("patrols.0.stops.1.arrive", "1989-12-30T23:59:59Z"),
        ("travel.0.to_date", "9999-12-31"),
        ("teams.0.rest_days", 10**400),
        ("sites.0.need", 1e308),
        ("sites.0.population", 10**400),
        ("assessment.need_bound", 1e308),
        ("assessment.people_total", 10**400),
        ("assessment.reach.length_km", -(10**400)),
        ("assessment.gap", -1e308),
    ],
)
def test_what_nobody_can_reckon_with_is_refused_by_name(
    list_faults, path, value
) -> None:
    def change(document) -> None:
        *above, last = path.split(".")
        for key in above:
            document = document[int(key) if key.isdigit() else key]
        document[last] = value

    (fault,) = list_faults(change)
    assert fault.where == path


def test_a_limit_beyond_what_a_float_holds_is_refused(text, write) -> None:
    broken = re.sub(r'"min_days": [\d.]+', '"min_days": 1e400', text)
    with pytest.raises(PlanFileError, match=r"scenario\.limits\.min_days"):
        read_plan(write(broken))


@pytest.mark.parametrize(
    ("start", "written"),
    [
        ("2100-12-31", "2100-12-31"),
        ("2014-11-03T00:00:00Z", "2014-11-03T00:00:00Z"),
        ("1990-01-01T00:00:00+14:00", "1989-12-31T10:00:00Z"),
        ("1989-12-30", None),
        ("2101-01-02T00:00:00Z", None),
    ],
)
def test_days_have_the_scenarios_years_and_a_day_more(plan, start, written) -> None:
    document = plan.model_dump(mode="json", by_alias=True)
    document["scenario"]["start"] = start
    if written is None:
        with pytest.raises(ValueError, match="should lie between"):
            PlanFile.model_validate(document)
    else:
        found = PlanFile.model_validate(document).model_dump(mode="json")
        assert found["scenario"]["start"] == written


def test_half_a_character_in_a_free_field_is_refused(list_faults) -> None:
    (fault,) = list_faults(lambda d: d["assessment"]["equity"].update({"\ud800": 1}))
    assert "half a character" in fault.found


def duplicate_site(document) -> None:
    document["sites"].append(document["sites"][0])


def duplicate_team(document) -> None:
    document["teams"].append(document["teams"][0])


def duplicate_patrol(document) -> None:
    document["patrols"].append(document["patrols"][0])


def name_base_like_site(document) -> None:
    document["bases"].append(document["bases"][0] | {"id": document["sites"][0]["id"]})


def move_team(document) -> None:
    document["teams"][0]["base_id"] = "atlantis"


def cut_matrix(document) -> None:
    document["travel"][0]["durations_min"].pop()


def cut_row(document) -> None:
    document["travel"][0]["fuel_l"][3].pop()


def name_unknown_place(document) -> None:
    document["travel"][0]["place_ids"][0] = "atlantis"


def lose_team(document) -> None:
    document["patrols"][0]["team_id"] = "nobody"


def lose_base(document) -> None:
    document["patrols"][0]["base_id"] = "atlantis"


def lose_leg(document) -> None:
    document["patrols"][0]["legs"].pop()


def bend_leg(document) -> None:
    document["patrols"][0]["legs"][0]["to"] = "atlantis"


def lose_time(document) -> None:
    document["patrols"][0]["stops"][1]["arrive"] = None


def start_late(document) -> None:
    document["patrols"][0]["stops"][1]["kind"] = "start"


def visit_nowhere(document) -> None:
    patrol = document["patrols"][0]
    number = [s["kind"] for s in patrol["stops"]].index("visit")
    patrol["stops"][number]["site_id"] = "atlantis"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (duplicate_site, "sites and bases"),
        (name_base_like_site, "sites and bases"),
        (duplicate_team, "teams"),
        (duplicate_patrol, "patrols"),
        (move_team, "base_id"),
        (cut_matrix, "travel.0.durations_min"),
        (cut_row, "travel.0.fuel_l"),
        (name_unknown_place, "travel.0.place_ids"),
        (lose_team, "team_id"),
        (lose_base, "base_id"),
        (lose_leg, "legs"),
        (bend_leg, "legs.0"),
        (lose_time, "stops.1"),
        (visit_nowhere, "site_id"),
        (start_late, "stops.1"),
    ],
)
def test_a_loose_end_is_named(list_faults, change, where) -> None:
    faults = list_faults(change)
    assert any(where in fault.where for fault in faults)
    assert len(faults) <= 2


def test_a_patrol_under_way_may_start_anywhere(text, write) -> None:
    document = json.loads(text)
    patrol = document["patrols"][0]
    patrol["stops"][0].update(kind="start", place_id="start:P1")
    patrol["legs"][0]["from"] = "start:P1"
    assert read_plan(write(json.dumps(document))).patrols[0].stops[0].kind == "start"


@pytest.mark.parametrize(
    ("content", "where", "found"),
    [
        (b"", "line 1", "Expecting value"),
        (b'{"format": "patrolplan-plan/1", "sites": [', "line 1", "Expecting value"),
        (b'{"name": "M\xe9naka"}', "byte 11", "not UTF-8"),
        (b"[" * 100_000, "file", "nested too deep"),
        (b'{"a":' * 100_000, "file", "nested too deep"),
        (b"[]", "file", "[]"),
        (b"null", "file", "None"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "file", "4300 digits"),
    ],
)
def test_what_is_no_plan_is_refused_by_name(write, content, where, found) -> None:
    with pytest.raises(PlanFileError) as caught:
        read_plan(write(content))
    (fault, *_) = caught.value.faults
    assert fault.file == "plan.json"
    assert fault.where.startswith(where)
    assert found in fault.found


def test_a_truncated_plan_says_where_it_ends(text, write) -> None:
    with pytest.raises(PlanFileError) as caught:
        read_plan(write(text[: len(text) // 2]))
    (fault,) = caught.value.faults
    assert fault.where.startswith("line ")
    assert fault.cause == "an edit left it incomplete"


@pytest.mark.parametrize("depth", [120, 300, 900])
def test_a_free_field_nested_too_deep_to_be_written_is_refused(
    text, write, depth
) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    with pytest.raises(PlanFileError, match="nested too deep"):
        read_plan(write(text.replace('"limits": {', f'"limits": {{"deep": {deep},', 1)))


def test_a_folder_and_a_missing_file_are_refused(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(PlanFileError) as caught:
            read_plan(path)
        assert caught.value.faults[0].where == "file"


def test_a_hostile_key_cannot_forge_a_second_line(list_faults) -> None:
    key = "x\nplan.json: forged: fault\x1b[31m\ud800"
    (fault,) = list_faults(lambda d: d.update({key: 1}))
    assert len(str(fault).splitlines()) == 1
    assert "\x1b" not in str(fault)
    str(fault).encode()
