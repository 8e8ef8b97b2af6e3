"""Whatever a file holds, a reader reads it or refuses it in words: nothing else."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolplan.errors import InputError
from patrolplan.layers import read_layers
from patrolplan.scenario import Scenario, read_scenario
from patrolplan.shipped import find_main_scenario
from refusing import check_faults, read_or_refuse
from whole_files import build_whole_files

TOKENS = (
    *(b"null", b"NaN", b"-Infinity", b"1e999", b"-1", b"0", b"9" * 30, b"true"),
    *(b'""', b"[]", b"{}", b"[[[[", b"}}}}", b"\0", b"\xff\xfe", b"\xc3", b"\r", b"\t"),
    *(b"<!DOCTYPE x>", b"&x;", b"]]>", b"'''", b'"""', b"=cmd|'/c calc'!A0", b"../../"),
    *(b"\xe2\x80\xae", b"e\xcc\x81", b"1_000", b"0x10", b"\xd9\xa3", b"2014-02-30"),
    *(b"25:61", b"id", b"lon", b"name", b"type", b"coordinates", b"__class__", b"%s"),
)
WORDS = re.compile(rb"[A-Za-z_]+|-?[0-9.]+|\s+|.", re.DOTALL)
TEXTS = (".geojson", ".csv", ".json", ".toml", ".gpx", ".kml")

# A change: which word of the file, what becomes of it, and which token or word comes.
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.sampled_from(("replace", "insert", "drop", "copy", "cut")),
        st.sampled_from(TOKENS) | st.binary(max_size=6),
    ),
    min_size=1,
    max_size=5,
)


def change_words(whole: bytes, changes) -> bytes:
    words = WORDS.findall(whole)
    for at, how, token in changes:
        at %= len(words)
        if how == "replace":
            words[at] = token
        elif how == "insert":
            words.insert(at, token)
        elif how == "copy":
            words.insert(at, words[(at * 7) % len(words)])
        elif how == "drop" and len(words) > 1:
            del words[at]
        elif how == "cut" and at:
            del words[at:]
    return b"".join(words)


KINDS = [kind for kind in build_whole_files() if kind[1] in TEXTS]


@pytest.mark.parametrize(("reader", "ending"), KINDS)
def test_a_text_with_some_words_changed_is_read_or_refused(
    tmp_path_factory, reader, ending
) -> None:
    whole = build_whole_files()[reader, ending]
    path = tmp_path_factory.mktemp("changed") / f"input{ending}"
    path.write_bytes(whole)
    # Else nothing but the refusal of one thing would be tested.
    assert read_or_refuse(reader, path)

    @settings(max_examples=60)
    @given(CHANGES)
    def check(changes) -> None:
        path.write_bytes(change_words(whole, changes))
        read_or_refuse(reader, path)

    check()


@pytest.mark.parametrize(("reader", "ending"), list(build_whole_files()))
def test_any_bytes_at_all_are_read_or_refused(tmp_path_factory, reader, ending) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"input{ending}"

    @settings(max_examples=25)
    @given(st.binary(max_size=300), st.integers(0, 40))
    def check(content, kept) -> None:
        # Behind the first bytes of a whole file, readers look further.
        path.write_bytes(build_whole_files()[reader, ending][:kept] + content)
        read_or_refuse(reader, path)

    check()


# Whole scenarios

VALUES = st.recursive(
    st.none().map(lambda _: 0)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.sampled_from(
        ["", "gao", "../../etc", "Africa/Bamako", "2014-11-03", "é\u0301"]
    )
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "file", "1", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def list_places(node: Any, path: tuple = ()) -> list[tuple]:
    """Return the way to every value of a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += list_places(value, (*path, key))
    return found


def format_toml(value: Any) -> str:
    if isinstance(value, dict):
        cells = (f"{json.dumps(k)} = {format_toml(v)}" for k, v in value.items())
        return "{" + ", ".join(cells) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(format_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    return str(value)


def write_toml(path, document: dict) -> None:
    lines = (f"{json.dumps(k)} = {format_toml(v)}\n" for k, v in document.items())
    path.write_text("".join(lines), encoding="utf-8")


MAIN = tomllib.loads(find_main_scenario().read_text(encoding="utf-8"))
# What a file may say besides what the built-in one says.
FIELDS = [(name,) for name in Scenario.model_fields]
FIELDS += [
    (name, inner)
    for name, field in Scenario.model_fields.items()
    for inner in getattr(field.annotation, "model_fields", ())
]


def use_scenario(path) -> None:
    """Read a scenario and all that is derived from it, or see it refused in words."""
    try:
        scenario = read_scenario(path)
        assert len(scenario.days) == scenario.horizon_days
        assert all(closure.line for closure in scenario.closures)
        assert [scenario.find_season(day) for day in scenario.days]
        assert scenario.find_layer("population")
        assert scenario.replace(seed=3).seed == 3
    except InputError as error:
        check_faults(error.faults, path)


def test_the_writer_of_toml_writes_what_it_was_given(tmp_path) -> None:
    path = tmp_path / "main.toml"
    write_toml(path, MAIN)
    assert tomllib.loads(path.read_text(encoding="utf-8")) == MAIN


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(FIELDS + list_places(MAIN)), VALUES),
        min_size=1,
        max_size=4,
    )
)
def test_any_scenario_is_read_or_refused(tmp_path_factory, changes) -> None:
    document = json.loads(json.dumps(MAIN, default=str))
    document["start"] = MAIN["start"]
    for place, value in changes:
        node: Any = document
        for key in place[:-1]:
            inside = isinstance(node, dict) or (
                isinstance(node, list) and key in range(len(node))
            )
            if not inside:
                break
            node = node.setdefault(key, {}) if isinstance(node, dict) else node[key]
        if isinstance(node, dict):
            node[place[-1]] = value
    path = tmp_path_factory.mktemp("scenario") / "any.toml"
    write_toml(path, document)
    use_scenario(path)


HOSTILE_PATHS = (
    "/etc/passwd",
    "../../../etc/passwd",
    "/dev/zero",
    "/proc/self/environ",
    ".",
)


@pytest.mark.parametrize("place", HOSTILE_PATHS)
def test_a_layer_that_leads_to_a_file_of_the_system_is_refused_unquoted(
    theatre, place
) -> None:
    """A scenario names its own files; yet no line of another is shown in a fault."""
    theatre.edit_scenario('folder = "layers"', f'folder = "layers"\nbases = "{place}"')
    with pytest.raises(InputError) as caught:
        read_layers(theatre.read_scenario())
    assert "root:" not in str(caught.value)
