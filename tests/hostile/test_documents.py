"""Text, XML, JSON and TOML of strangers: encodings, entities, depth, keys twice."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable

import pytest

from geojson_files import build_site, dump_features, dump_site
from patrolplan.safety_figures import SafetyFigures
from refusing import Case, check_faults, check_refused, name_cases, read_as

SPOT = {"type": "Point", "coordinates": [0, 16]}
TABLE = "id,name,population,lon,lat\na,Ménaka \u2013 «é»,9,0,16\n"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">'
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><gpx><trk><name>&i;</name></trk></gpx>"
)
QUADRATIC = (
    f'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "{"x" * 50_000}">]>'
    f"<gpx><name>{'&a;' * 5_000}</name></gpx>"
)
DEEP = 100_000


def nest(begin: str, end: str, *, within: Callable[[str], str] = str) -> bytes:
    return within(begin * DEEP + end * DEEP).encode()


def wrap(text: str) -> str:
    return f'{{"type": "FeatureCollection", "features": {text}}}'


def bury(levels: int) -> bytes:
    """Return a site with a property that nests so deep, if not too deep to be read."""
    buried: object = 0
    for _ in range(levels):
        buried = [buried]
    return dump_features([build_site(SPOT, deep=buried)])


ENCODINGS = [
    Case(
        "sites", "latin.csv", TABLE.replace("\u2013", "-").encode("latin-1"), "Latin-1"
    ),
    Case("sites", "windows.csv", TABLE.encode("cp1252"), "Windows-1252"),
    Case("sites", "utf16.csv", TABLE.encode("utf-16"), "UTF-16"),
    Case("sites", "utf16.geojson", dump_site(SPOT).decode().encode("utf-16"), "UTF-16"),
    Case("sites", "latin.geojson", '{"é": 1}'.encode("latin-1"), "Latin-1"),
    Case("plan", "latin.json", '{"é": 1}'.encode("latin-1"), "not UTF-8"),
    Case("scenario", "latin.toml", "title = 'é'".encode("latin-1"), "not UTF-8"),
    Case("scenario", "utf16.toml", "title = 'é'".encode("utf-16"), "not UTF-8"),
    Case("mandate", "half.toml", b"title = '\xed\xa0\x80'", "not UTF-8"),
    Case("incidents", "utf16.csv", TABLE.encode("utf-16"), "UTF-16"),
    Case("incidents", "zero.csv", b"\0" * 1000, "column"),
    Case("sites", "zero.csv", b"\0" * 1000, "column"),
    Case("sites", "zero.geojson", b"\0" * 1000, "line 1"),
    Case("sites", "empty.csv", b"", "it is empty"),
    Case("sites", "mark.csv", b"\xef\xbb\xbf", "it is empty"),
    Case("sites", "empty.geojson", b"", "it is empty"),
    Case("plan", "empty.json", b"", "line 1"),
    Case("scenario", "empty.toml", b"", "format"),
]

MARKUP = [
    Case("track", "laughs.gpx", LAUGHS.encode(), "entities"),
    Case("export", "laughs.gpx", LAUGHS.encode(), "entities"),
    Case("export", "laughs.kml", LAUGHS.encode(), "entities"),
    Case("track", "quadratic.gpx", QUADRATIC.encode(), "entities"),
    Case("export", "quadratic.kml", QUADRATIC.encode(), "entities"),
    Case("track", "deep.gpx", nest("<gpx>", "</gpx>"), "too deep"),
    Case("export", "deep.gpx", nest("<gpx>", "</gpx>"), "XML"),
    Case("export", "deep.kml", nest("<kml>", "</kml>"), ""),
    Case("track", "cut.gpx", b"<gpx><trk><trkseg><trkpt lat='16'", "no XML"),
    Case("track", "kml.gpx", b"<kml/>", "XML of another kind"),
    Case("track", "html.gpx", b"<html><body>", "XML of another kind"),
    Case("track", "none.gpx", b"", "no XML"),
    Case(
        "track",
        "utf7.gpx",
        b'<?xml version="1.0" encoding="utf-7"?><gpx>+ADw-x+AD4-</gpx>',
        "encoding",
    ),
    Case(
        "track",
        "unknown.gpx",
        b'<?xml version="1.0" encoding="x-none"?><gpx/>',
        "encoding",
    ),
    Case(
        "track",
        "nowhere.gpx",
        b'<gpx><trk><trkseg><trkpt lat="nan" lon="1e999"/></trkseg></trk></gpx>',
        "no position",
    ),
    Case(
        "track",
        "never.gpx",
        b'<gpx><trk><trkseg><trkpt lat="16" lon="0"><time>9999-99-99</time></trkpt>'
        b"</trkseg></trk></gpx>",
        "without a time",
    ),
]

DEPTH = [
    Case("sites", "lists.geojson", nest("[", "]"), "too deep"),
    Case("sites", "objects.geojson", nest('{"a":', "0}"), ""),
    Case("sites", "inside.geojson", nest("[", "]", within=wrap), "too deep"),
    Case("sites", "buried.geojson", bury(100), "safety.deepest_json"),
    Case("roads", "lists.geojson", nest("[", "]", within=wrap), "too deep"),
    Case("plan", "lists.json", nest("[", "]"), "too deep"),
    Case("plan", "objects.json", nest('{"a":', "0}"), ""),
    Case("plan", "buried.json", bury(500), "too deep"),
    Case("export", "lists.geojson", nest("[", "]"), "no JSON"),
    Case("scenario", "lists.toml", nest("[", "]", within="a = {}".format), "TOML"),
    Case("grid", "lists.toml", nest("[", "]", within="a = {}".format), "TOML"),
    Case("mandate", "lists.toml", nest("[", "]", within="a = {}".format), "TOML"),
    Case("mapping", "lists.toml", nest("[", "]", within="a = {}".format), "TOML"),
    Case("scenario", "dots.toml", b".".join([b"a"] * 5000) + b" = 1", "too deep"),
    Case("grid", "dots.toml", b".".join([b"a"] * 5000) + b" = 1", "too deep"),
    Case("scenario", "head.toml", b"[" + b".".join([b"a"] * 5000) + b"]", "too deep"),
    Case("scenario", "inline.toml", b"a = " + b"{a = " * 5000 + b"1", "TOML"),
]

KEYS = [
    Case(
        "sites",
        "twice.geojson",
        b'{"type": "FeatureCollection", "features": [], "features": []}',
        "key 'features' twice",
    ),
    Case("scenario", "twice.toml", b"seed = 1\nseed = 2", "TOML"),
    Case("scenario", "nan.toml", b"seed = nan", "seed"),
    Case("scenario", "many.toml", b"x = '" + b"a" * 9_000_000 + b"'", "at most 8 MB"),
    Case("plan", "nan.json", b'{"format": NaN}', "format"),
    Case("plan", "half.json", rb'{"format": "\ud800"}', "format"),
    Case("plan", "list.json", b"[]", "PlanFile"),
    Case("plan", "word.json", b'"plan"', "PlanFile"),
    Case("plan", "digits.json", b'{"seed": ' + b"9" * 5000 + b"}", "integer string"),
    Case("plan", "pickle.json", b"\x80\x04\x95cos\nsystem\n", "not UTF-8"),
    Case("scenario", "yaml.toml", b"start: 22:30\n", "TOML"),
    Case("scenario", "json.toml", b'{"name": "x"}', "TOML"),
    Case("scenario", "python.toml", b"__import__('os')", "TOML"),
]


@pytest.mark.parametrize("case", name_cases([*ENCODINGS, *MARKUP, *DEPTH, *KEYS]))
def test_a_hostile_document_is_refused_in_words(tmp_path, case) -> None:
    check_refused(case, tmp_path)


def test_depth_that_layers_have_is_read_and_the_limit_is_the_scenarios(
    tmp_path,
) -> None:
    """A property at 60 levels of 64; and the same with a limit of 8."""
    path = tmp_path / "deep.geojson"
    # The list is within a property, a feature, the features and the document.
    path.write_bytes(bury(58))
    assert len(read_as("population")(path)) == 1
    with pytest.raises(ValueError, match="deepest_json") as caught:
        read_as("population", SafetyFigures(deepest_json=8))(path)
    check_faults(caught.value.faults, path)


def test_ménaka_typed_in_two_ways_is_one_place(theatre) -> None:
    """One accent as a letter of its own, one as a letter and a mark."""
    composed, taken_apart = "m\u00e9naka-2", "me\u0301naka-2"
    spots = ([2.4, 15.92], [2.41, 15.93])
    for spelling, place in zip((composed, taken_apart), spots, strict=True):
        theatre.add_feature("population", "menaka", place, id=spelling)
    faults = theatre.list_faults()
    assert [f.where for f in faults if f.found == "twice"] == [f"id {composed!r}"]


def test_a_scenario_means_the_place_however_it_is_typed(theatre) -> None:
    theatre.add_feature("population", "menaka", [2.4, 15.92], id="m\u00e9naka-2")
    theatre.add_to_scenario('[sites]\nrequired = ["me\u0301naka-2"]')
    scenario = theatre.read_scenario()
    assert scenario.sites.required == ("m\u00e9naka-2",)
    assert "m\u00e9naka-2" in set(theatre.read_layers().population["id"])


def test_yaml_would_have_read_a_clock_time_as_a_number() -> None:
    """Why scenarios are TOML: a clock time is one, or it is refused."""
    assert tomllib.loads("start = 22:30:00")["start"].hour == 22
    assert json.loads('"22:30"') == "22:30"
