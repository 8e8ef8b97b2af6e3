"""The planner's page by plain requests: who may ask, what is refused, what is kept."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from patrolplan.cli import main, serving
from patrolplan.products.planner_result import render_planner_result
from patrolplan.products.planner_roads import tell_roads
from patrolplan.serving import running
from patrolplan.serving.desk import State
from patrolplan.serving.levers import MAX_ROUNDS, read_levers
from sample_plan import build_plan
from serving_page import serve_scenario
from theatre import copy_theatre

HOSTILE = "</script><img src=x onerror=alert(1)>{{7*191}}"


@pytest.fixture(scope="module")
def theatre(tmp_path_factory):
    theatre = copy_theatre(tmp_path_factory.mktemp("served") / "theatre")
    theatre.edit_scenario(
        'title = "Northern Mali, November 2014"', f"title = '{HOSTILE}'"
    )
    theatre.edit_scenario("seed = 42", "seed = 42\niterations = 5")
    return theatre


@pytest.fixture(scope="module")
def served(theatre):
    with serve_scenario(theatre.file, theatre.folder / "saved.toml") as served:
        yield served


@pytest.fixture
def levers(served):
    return read_levers(served.service.desk.original.scenario).model_dump(mode="json")


def test_it_listens_on_this_machine_alone(served) -> None:
    assert served.service.listener.getsockname()[0] == "127.0.0.1"
    assert served.service.listener.family == socket.AF_INET


def test_the_page_is_marked_strict_and_shows_what_is_hostile_as_text(served) -> None:
    answer = served.get("/")
    assert answer.status == 200
    text = answer.body.decode("utf-8")
    assert "CONFIDENTIAL" in text
    assert HOSTILE not in text
    assert "<img src=x" not in text
    assert ">1337" not in text
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert policy[1].endswith("connect-src 'self'")
    assert "unsafe-eval" not in policy[1]


@pytest.mark.parametrize("path", ["/", "/state", "/nothing"])
def test_every_answer_is_kept_nowhere_and_framed_nowhere(served, path) -> None:
    headers = served.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert not any(name.startswith("access-control") for name in headers)
    assert "server" not in headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}",
     "127.0.0.1.evil.example:{port}", ""],
)  # fmt: skip
def test_a_foreign_host_is_refused_whatever_it_knows(served, host) -> None:
    named = host.format(port=served.port)
    assert served.get("/", Host=named).status == 421
    assert served.post("/plan", {}, Host=named).status == 421
    assert served.get("/", Host=f"LOCALHOST:{served.port}").status == 200


@pytest.mark.parametrize("path", ["/plan", "/save", "/cancel"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"X_Patrolplan_Key": ""},
        {"X_Patrolplan_Key": "é" * 32},
    ],
    ids=str,
)
def test_a_post_of_another_site_is_refused_and_does_nothing(
    served, theatre, path, headers
) -> None:
    before = served.get("/state").told
    assert served.post(path, {}, **headers).status == 403
    assert served.get("/state").told == before
    assert not (theatre.folder / "saved.toml").exists()


def test_a_form_of_another_site_cannot_be_a_post(served) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        assert served.post("/plan", {}, Content_Type=kind).status == 415
    # The key in the address counts for reading alone.
    assert served.ask(f"/plan?key={served.key}", b"{}", Host=f"127.0.0.1:{served.port}",
                      Content_Type="application/json").status == 403  # fmt: skip


def test_without_the_key_nothing_is_told(served) -> None:
    for path in ("/", "/state", "/roads", "/result", "/map", "/compare"):
        for query in ("", "?key=", f"?key={served.key}x", f"?key={served.key}&key=x"):
            answer = served.ask(path + query)
            assert answer.status == 403
            assert len(answer.body) < 80


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/..%2f", "/x"])
def test_there_is_nothing_else_to_ask_for(served, path) -> None:
    assert served.get(path).status == 404


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "TRACE", "HEAD"])
def test_no_other_method_is_answered(served, method) -> None:
    assert served.ask(f"/?key={served.key}", method=method).status == 405


def test_a_body_is_bounded_and_json(served) -> None:
    assert served.post("/plan", "x" * 300_000).status == 413
    own = {"Content_Type": "application/json", "X_Patrolplan_Key": served.key}
    for body in (b"", b"{", b"\xff", b"[" * 50_000):
        assert served.ask("/plan", body, **own).status == 400
    for document in ([], None, 7, "x", {"start": None}):
        assert served.post("/plan", document).status == 422


def test_a_fault_of_ours_is_not_taken_for_what_was_sent(
    served, levers, monkeypatch
) -> None:
    def fail(_asked) -> bool:
        raise ValueError

    monkeypatch.setattr(served.service.desk, "plan", fail)
    assert served.post("/plan", levers).status == 500


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("start", "soon", "start"),
        ("start", "1066-10-14", "start"),
        ("seed", -1, "seed"),
        ("iterations", "", "iterations"),
        ("iterations", 10**9, "iterations"),
        ("closed", ["@2014-11-03"], "closed"),
        ("closed", ["koriome-ferry@2014-13-01"], "closed"),
        ("lifted", [1], "lifted"),
        ("teams", [], "teams"),
        ("risk_weights", {"1": 0.9, "2": 0.2, "3": 0.4, "4": 0.7, "5": 1},
         "risk_weights"),
        ("risk_weights", {"1": "<b>"}, "risk_weights"),
        ("factor_weights", {"threat": 1, "vulnerability": 1, "capacity": 0},
         "factor_weights"),
        ("pwned", 1, ""),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_field_and_nothing_is_planned(
    served, levers, name, value, field
) -> None:
    before = served.get("/state").told
    answer = served.post("/plan", levers | {name: value})
    assert answer.status == 422
    assert field in {fault["field"] for fault in answer.told["faults"]}
    assert all("saved.toml" in fault["text"] for fault in answer.told["faults"])
    assert served.get("/state").told == before


def test_all_teams_at_home_and_too_few_days_are_faults_of_teams(served, levers) -> None:
    for change in ({"goes": False}, {"max_days": 0}, {"max_days": 1}):
        teams = [team | change for team in levers["teams"]]
        answer = served.post("/plan", levers | {"teams": teams})
        assert answer.status == 422
        assert {fault["field"] for fault in answer.told["faults"]} == {"teams"}


def test_before_a_plan_there_is_nothing_to_save_or_see(served) -> None:
    assert served.post("/save").status == 409
    assert [served.get(p).status for p in ("/result", "/map", "/compare")] == [404] * 3


def test_a_result_says_which_rules_a_plan_breaks() -> None:
    broken = {
        "rule": "leg_too_fast",
        "patrol_id": "patrol-1",
        "where": "gao>bourem",
        "found": 35.25,
        "limit": 52,
    }
    plans = [build_plan(count=2, violations=[broken]), build_plan(count=2)]
    results = [render_planner_result([plan], None, (), key="k") for plan in plans]
    assert "A leg is faster than the way allows (patrol patrol-1" in results[0]
    assert ["pp-broken" in result for result in results] == [True, False]


def test_one_plan_at_a_time_which_can_be_given_up(served, levers) -> None:
    long = levers | {"iterations": MAX_ROUNDS}
    assert served.post("/plan", long).status == 202
    assert served.post("/plan", levers).status == 409
    assert served.get("/state").told["levers"] == long
    assert served.post("/cancel").status == 200
    state = served.wait()
    assert (state["phase"], state["plans"], state["faults"]) == ("cancelled", 0, [])


@pytest.mark.parametrize("name", ["closed", "lifted"])
def test_what_is_none_fails_while_planning_and_says_so(served, levers, name) -> None:
    assert served.post("/plan", levers | {name: [HOSTILE]}).status == 202
    state = served.wait()
    assert state["phase"] == "failed"
    assert [fault["field"] for fault in state["faults"]] == [name]


def test_what_closes_lines_is_told_for_the_day_asked(served) -> None:
    def ask(day: str):
        return served.ask(f"/roads?key={served.key}&day={day}")

    dry, rains = ask("2014-11-03").told, ask("2014-08-04").told
    assert [dry["season"], rains["season"]] == ["dry", "rains"]
    assert "rn33-lere-niafunke" not in dry["shut"]
    told = [{"row": "", "en": "closed in the rains",
             "fr": "fermée à la saison des pluies"}]  # fmt: skip
    assert rains["shut"]["rn33-lere-niafunke"] == told
    # By the season and by the river: only the river's row can be left out.
    assert [cause["row"] for cause in rains["shut"]["youwarou-niafunke"]] == [
        "",
        "flood-delta-akka",
    ]
    for day in ("", "soon", "1066-10-14", "9999-12-31"):
        assert ask(day).status == 422


def test_an_area_to_avoid_is_told_and_what_is_lifted_is_told_none_the_less(
    tmp_path,
) -> None:
    theatre = copy_theatre(tmp_path / "theatre")
    theatre.add_to_scenario(
        '[lines]\nclosed = ["koriome-ferry"]\nlifted = ["flood-delta-akka"]\n'
        '[[lines.avoid]]\nname = "Gossi"\n'
        'wkt = "POLYGON((-1.5 15.3, -1.4 15.3, -1.4 15.9, -1.5 15.9, -1.5 15.3))"'
    )
    shut = tell_roads(theatre.read_scenario(), theatre.read_layers())["shut"]
    avoided = {"row": "", "en": "Gossi is avoided: its lines are closed."}
    assert any(avoided.items() <= c.items() for told in shut.values() for c in told)
    assert [cause["row"] for cause in shut["youwarou-niafunke"]] == ["flood-delta-akka"]
    assert "koriome-ferry" not in shut


def test_a_file_that_is_there_is_not_saved_over(theatre, capsys) -> None:
    argv = ["serve", str(theatre.file), "--save", str(theatre.file)]
    assert main(argv) == 2
    assert "name a new file" in capsys.readouterr().err


def test_a_folder_that_is_a_link_is_refused_before_anything_is_planned(
    theatre, tmp_path, capsys, monkeypatch
) -> None:
    # Whatever came so far would serve for ever.
    monkeypatch.setattr(running, "open_service", None)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    argv = ["serve", str(theatre.file), "--save", str(tmp_path / "link" / "x.toml")]
    assert main(argv) == 2
    assert "link is a symbolic link" in capsys.readouterr().err


def test_a_file_that_another_run_saved_meanwhile_is_not_saved_over(
    theatre, tmp_path
) -> None:
    target = tmp_path / "mine.toml"
    with serve_scenario(theatre.file, target) as served:
        desk = served.service.desk
        content = desk.original.scenario.content
        # What is saved is all that is asked of the last plan here.
        desk._state = State(studies=(SimpleNamespace(scenario=desk.original.scenario),))
        target.write_text("of another run", encoding="utf-8")
        answer = served.post("/save")
        assert answer.status == 500
        assert "mine.toml: is there already" in answer.told["told"]
        assert target.read_text("utf-8") == "of another run"
        target.unlink()
        for _ in range(2):
            assert served.post("/save").told == {"file": "mine.toml"}
            assert target.read_bytes() == content


def test_a_port_that_is_taken_is_wrong_input(served, theatre, capsys) -> None:
    new = str(theatre.folder / "other.toml")
    argv = ["serve", str(theatre.file), "--save", new, "--port", str(served.port)]
    assert main(argv) == 2
    assert "is taken" in capsys.readouterr().err


def test_without_the_extra_it_says_how_to_install_it(monkeypatch, capsys) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda _: None)
    assert main(["serve"]) == 2
    assert "pip install 'patrolplan[serve]'" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="signals are sent in another way")
def test_ctrl_c_ends_it_without_a_word(theatre) -> None:
    argv = [
        "-m",
        "patrolplan",
        "serve",
        theatre.file,
        "--save",
        theatre.folder / "n.toml",
    ]
    with subprocess.Popen(
        [sys.executable, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What runs these tests may ignore it, and whoever it starts would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://127.0.0.1:")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    assert not (theatre.folder / "n.toml").exists()
