"""What verbs print: a name that strangers wrote moves no cursor and forges no line."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_names import PAYLOADS
from patrolplan import cli
from patrolplan.batch import Outcome
from patrolplan.cli import main
from patrolplan.cli.planning import _print_outcomes
from patrolplan.cli.program import Language, print_json
from patrolplan.cli.speaking import add_cells, print_table, say, warn
from patrolplan.plain_line import flatten_line
from patrolplan.planfile import format_plan
from patrolplan.products.escaping import normalise_text
from sample_plan import build_plan

TERMINAL = (
    "\x1b]52;c;bXkgY2xpcGJvYXJk\x07",
    "\x1b[2J\x1b[31mred",
    "\x9b2Jcleared",
    "forged\r\nsecond: line\x0b\x0c",
    "\u202eturned\u202c \u2067isolated\u2069",
    "[red]markup[/red] [/] [link=file:///etc/passwd]x[/link] :skull: \\[b]",
)
BARE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_a_line_is_one_line_of_printable_signs(text) -> None:
    line = flatten_line(text)
    assert len(line) == len(text)
    assert flatten_line(line) == line
    assert len(line.splitlines()) <= 1
    assert not BARE.search(line)


def test_french_keeps_the_spaces_that_it_is_written_with() -> None:
    assert flatten_line("45\u202f% : 1\u00a0000") == "45\u202f% : 1\u00a0000"


@pytest.mark.parametrize("text", TERMINAL)
def test_lines_and_cells_say_the_text_and_do_nothing(text, capsys) -> None:
    from rich.table import Table

    table = Table("a", "b", box=None)
    add_cells(table, text, "1")
    say(text)
    warn(text)
    print_table(table)
    out, err = capsys.readouterr()
    assert not BARE.search(out + err)
    assert len(err.splitlines()) == 1
    for shown in (out.splitlines()[0], err.splitlines()[0]):
        assert shown == flatten_line(text)
    # rich would take markup and names of emoji for orders.
    assert out.splitlines()[2].split() == [*flatten_line(text).split(), "1"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_on_every_terminal(encoding, monkeypatch) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stream)
    texts = [text for text in (*PAYLOADS, *TERMINAL) if len(text) < 1000]
    print_json({"\x1b[31m": texts})
    stream.flush()
    said = buffer.getvalue().decode("ascii")
    assert not BARE.search(said)
    assert json.loads(said) == {"\x1b[31m": texts}


@pytest.mark.parametrize("text", TERMINAL)
def test_a_scenario_that_was_planned_is_told_whatever_its_name(
    text, tmp_path, capsys
) -> None:
    plan = build_plan(rename=lambda name: f"{name} {text}")
    outcome = Outcome(tmp_path, text, plan, tmp_path, (text,))
    _print_outcomes([outcome], None, Language.EN)
    out = capsys.readouterr().out
    assert not BARE.search(out)
    assert f"{flatten_line(text)}: {flatten_line(text)}" in out.splitlines()


def test_no_verb_on_a_saved_plan_sends_a_code_to_the_terminal(tmp_path, capsys) -> None:
    text = " ".join(TERMINAL)
    plan = build_plan(
        rename=lambda name: f"{name} {text}",
        violations=[
            {"rule": text, "patrol_id": text, "where": text, "found": 1, "limit": 0}
        ],
    )
    path = tmp_path / "plan.json"
    path.write_text(format_plan(plan), encoding="utf-8")
    out = str(tmp_path / "out")
    for argv in (
        ["assess", path],
        ["assess", path, "--json"],
        ["balance", path],
        ["compare", path, path],
        ["export", path, "--out", out],
        ["map", path, "--out", out],
        ["order", path, "--patrol", "\x1b[31m"],
        ["order", path, "--patrol", plan.patrols[0].id, "--out", out],
        ["release", path, "--release", "open", "--out", out],
        ["stress", path],
    ):
        code = main([str(word) for word in argv])
        said = capsys.readouterr()
        assert code in {0, 1, 2}
        assert "internal fault" not in said.err, argv
        assert not BARE.search(said.out + said.err), argv


def test_a_place_that_nobody_knows_is_asked_back_in_one_line() -> None:
    script = "import sys; from patrolplan.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", script, "route", "Gao", "\x1b[2J\nx", "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == 2
    assert not BARE.search(done.stderr)
    assert len(done.stderr.splitlines()) == 1


def test_a_page_and_a_line_agree_on_what_is_lost() -> None:
    """Only what a page replaces or drops too, and no letter, is lost on a line."""
    for text in (*PAYLOADS, *TERMINAL):
        letters = [c for c in normalise_text(text) if c.isalnum()]
        assert [c for c in flatten_line(text) if c.isalnum()] == letters


def test_every_verb_speaks_through_one_module() -> None:
    """What is printed bare is data: JSON in ASCII, and our own schema."""
    bare = []
    for path in sorted(Path(cli.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and path.name != "speaking.py":
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in {"print", "add_row", "echo"}:
                    bare.append(f"{path.stem}.{called}")
    assert bare == ["about.print", "program.print"]
