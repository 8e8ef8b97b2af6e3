"""Speeds learned from tracks: what goes in, what is told, and what never is."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely

import patrolplan.layers.tracks
from patrolplan.cli import main
from patrolplan.errors import LayerError
from patrolplan.geodesy import measure_parts_m, project_geometry
from patrolplan.layers import read_layers
from patrolplan.layers.tracks import read_track
from patrolplan.learning_figures import LearningFigures
from patrolplan.network.learning import learn_speeds, replace_speeds

DRY = datetime(2014, 11, 3, 7, tzinfo=UTC)
RAINS = datetime(2014, 8, 3, 7, tzinfo=UTC)
NAME = "Sgt Nobody's <receiver> 4711"


def write_gpx(path: Path, fixes, *, extra: str = "") -> Path:
    """Write fixes (lon, lat, moment) of one segment, with what must not be kept."""
    points = "\n".join(
        f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>250</ele>'
        + (f"<time>{moment:%Y-%m-%dT%H:%M:%SZ}</time>" if moment else "")
        + "<extensions><device><id>4711</id></device></extensions></trkpt>"
        for lon, lat, moment in fixes
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<gpx version="1.1" creator="{NAME.replace("<", "").replace(">", "")}"'
        ' xmlns="http://www.topografix.com/GPX/1/1">'
        f"<metadata><author><name>Nobody</name></author></metadata>{extra}"
        f"<trk><name>Nobody</name><trkseg>\n{points}\n</trkseg></trk></gpx>\n",
        encoding="utf-8",
    )
    return path


def find_lines(layers, surface: str):
    lines = layers.lines
    chosen = lines[(lines["surface"] == surface) & (lines["kind"] != "ferry")]
    return chosen.geometry[chosen["length_km"].sort_values(ascending=False).index]


def drive_along(line, start: datetime, kmh: float, *, every_s: int = 20, rest_h=2):
    """Yield fixes along a line at one speed, with a rest at half way and jitter."""
    dice = np.random.default_rng(1)
    metric = project_geometry(line, to_metric=True)
    stretch = measure_parts_m(line.coords).sum() / metric.length
    step_m = kmh / 3.6 * every_s / stretch
    moment = start
    for along_m in np.arange(0, metric.length, step_m):
        stands = (
            rest_h * 3600 // every_s
            if along_m <= metric.length / 2 < (along_m + step_m)
            else 1
        )
        for _ in range(int(stands)):
            spot = metric.interpolate(along_m)
            noisy = shapely.Point(
                spot.x + dice.normal(0, 4), spot.y + dice.normal(0, 4)
            )
            back = project_geometry(noisy, to_metric=False)
            yield back.x, back.y, moment
            moment += timedelta(seconds=every_s)


def learn_from(paths, scenario, layers, **changes):
    return learn_speeds(
        [read_track(path) for path in paths],
        layers.lines,
        layers.speeds,
        vehicle="armoured",
        find_season=scenario.find_season,
        timezone=scenario.timezone,
        figures=LearningFigures(**changes),
    )


def test_a_known_speed_is_learned_by_surface_and_season(
    scenario, layers, tmp_path
) -> None:
    """Three tracks at 24, 25 and 26 km/h on a track, and one at 9 in the rains: halts
    of two hours count for nothing. Equal lengths: 3 / (1/24 + 1/25 + 1/26) = 24.97."""
    line = find_lines(layers, "track").iloc[0]
    paths = [
        write_gpx(tmp_path / f"{kmh}.gpx", drive_along(line, DRY, kmh))
        for kmh in (24, 25, 26)
    ]
    wet = write_gpx(tmp_path / "wet.gpx", drive_along(line, RAINS, 9))
    learned = learn_from([*paths, wet], scenario, layers)
    rows = {(row.surface, row.season): row for row in learned.frame.itertuples()}
    dry, rains = rows["track", "dry"], rows["track", "rains"]
    assert dry.learned_kmh == pytest.approx(24.97, rel=0.01)
    assert rains.learned_kmh == pytest.approx(9, rel=0.01)
    assert dry.planned_kmh == 30
    assert dry.ratio == pytest.approx(dry.learned_kmh / 30, abs=0.006)
    assert (dry.tracks, rains.tracks) == (3, 1)
    length_km = measure_parts_m(line.coords).sum() / 1000
    assert dry.km == pytest.approx(3 * length_km, rel=0.03)
    # Of ln 24, ln 25, ln 26 the standard deviation is 0.040; of one, none.
    assert dry.track_sd == pytest.approx(0.04, abs=0.005)
    assert math.isnan(rains.track_sd)
    assert dry.believed


def test_too_little_is_told_and_not_believed(scenario, layers, tmp_path) -> None:
    line = find_lines(layers, "track").iloc[0]
    path = write_gpx(tmp_path / "a.gpx", drive_along(line, DRY, 25))
    learned = learn_from([path], scenario, layers, least_km=5000)
    assert not learned.frame["believed"].any()
    assert replace_speeds(layers.speeds, learned).equals(layers.speeds)


def test_what_lies_on_no_line_teaches_nothing(scenario, layers, tmp_path) -> None:
    """Half a degree off in the open desert; and at a rest, all the time."""
    fixes = [(2.0 + i / 500, 23.0, DRY + timedelta(minutes=i)) for i in range(60)]
    learned = learn_from([write_gpx(tmp_path / "a.gpx", fixes)], scenario, layers)
    assert learned.frame.empty
    # A 500th of a degree there is 205 m, a minute: 12 km/h, 59 times.
    assert learned.off_lines_km == pytest.approx(59 * 0.2051, rel=0.01)
    still = [(2.0, 23.0, DRY + timedelta(minutes=i)) for i in range(60)]
    learned = learn_from([write_gpx(tmp_path / "b.gpx", still)], scenario, layers)
    assert learned.off_lines_km == 0


def test_gaps_leaps_and_fixes_without_a_time_teach_nothing(
    scenario, layers, tmp_path
) -> None:
    line = find_lines(layers, "track").iloc[0]
    fixes = list(drive_along(line, DRY, 25, rest_h=0))
    learned = learn_from([write_gpx(tmp_path / "a.gpx", fixes)], scenario, layers)
    usual = learned.frame.iloc[0]
    # Every tenth without a time, every fiftieth a leap of the receiver.
    broken = [
        (lon, lat + (0.5 if i % 50 == 7 else 0), None if i % 10 == 3 else moment)
        for i, (lon, lat, moment) in enumerate(fixes)
    ]
    learned = learn_from([write_gpx(tmp_path / "b.gpx", broken)], scenario, layers)
    row = learned.frame[learned.frame["surface"] == "track"].iloc[0]
    assert row["learned_kmh"] == pytest.approx(usual["learned_kmh"], rel=0.02)
    assert learned.untimed == len([i for i in range(len(fixes)) if i % 10 == 3])
    sparse = [fix for i, fix in enumerate(fixes) if i % 40 == 0]
    # 800 s apart: who knows what lies between.
    path = write_gpx(tmp_path / "c.gpx", sparse)
    assert learn_from([path], scenario, layers).frame.empty


def test_what_is_written_plans_and_tells_of_nobody(
    theatre, scenario, layers, tmp_path, capsys
) -> None:
    line = find_lines(layers, "track").iloc[0]
    path = write_gpx(tmp_path / "Nobody-4711.gpx", drive_along(line, DRY, 20))
    out = tmp_path / "learned"
    assert main(["learn", str(path), "--out", str(out), "--lang", "fr"]) == 0
    told = capsys.readouterr().out.replace(str(out), "")
    written = [file.read_text("utf-8") for file in sorted(out.iterdir())]
    assert [file.name for file in sorted(out.iterdir())] == [
        "speeds-compared.csv",
        "speeds-learned.csv",
    ]
    spots = {
        f"{value:.{digits}f}"
        for lon, lat in line.coords
        for value in (lon, lat)
        for digits in (3, 4)
    }
    changed = set(written[1].splitlines()) - set(
        theatre.find("speeds").read_text("utf-8").splitlines()
    )
    for text in (told, written[0], *changed):
        assert "Nobody" not in text
        assert "4711" not in text
        assert not re.search(r"20\d\d-|\d:\d\d", text)
        assert not any(spot in text for spot in spots)
    # A scenario names it, and plans by it.
    own = theatre.point_to("speeds", "own.csv")
    own.write_text(written[1], encoding="utf-8")
    speeds = read_layers(theatre.read_scenario()).speeds
    key = ["vehicle", "surface", "season"]
    now, before = (
        frame.set_index(key)["speed_kmh"] for frame in (speeds, layers.speeds)
    )
    differs = now[now != before]
    assert list(differs.index) == [("armoured", "track", "dry")]
    assert differs.iloc[0] == pytest.approx(20, rel=0.01)
    row = speeds.set_index(key).loc[("armoured", "track", "dry")]
    assert row["confidence"] == "medium"
    assert row["source"].startswith("learned from returned tracks")


def test_learn_speaks_json_and_asks_for_the_vehicle(
    theatre, layers, tmp_path, capsys
) -> None:
    line = find_lines(layers, "track").iloc[0]
    path = write_gpx(tmp_path / "a.gpx", drive_along(line, DRY, 20))
    assert main(["learn", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["speeds"][0]["vehicle"] == "armoured"
    assert told["speeds"][0]["track_sd"] is None
    # With a truck among them, the teams' vehicles are of two classes.
    theatre.edit_scenario("armoured_ambulance = 1", "truck = 1")
    argv = ["learn", str(path), "--scenario", str(theatre.file)]
    assert main(argv) == 2
    assert "--vehicle" in capsys.readouterr().err
    assert main([*argv, "--vehicle", "camel"]) == 2


# -- hostile files -----------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><gpx><trk><name>&c;</name></trk></gpx>'
)
FIX = '<trkpt lat="16" lon="0"><time>2014-11-03T07:00:00Z</time></trkpt>'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (LAUGHS, "document type"),
        ('<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>', "document type"),
        (
            '<!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx>&x;</gpx>',
            "type",
        ),
        ("<kml><trkseg/></kml>", "another kind"),
        ("not xml", "no XML"),
        ("", "no XML"),
        ("<gpx><trk><trkseg>", "no XML"),
        ("<gpx></gpx>", "no fix"),
        (f"<gpx><trk><trkseg>{FIX}</trkseg></trk></gpx>", "no fix"),
        ("<gpx>" + "<a>" * 30 + "</a>" * 30 + "</gpx>", "too deep"),
        (f"<gpx>{FIX}</gpx>", "no segment"),
        (
            '<gpx><trk><trkseg><trkpt lat="91" lon="0"/></trkseg></trk></gpx>',
            "no position",
        ),
        (
            '<gpx><trk><trkseg><trkpt lat="nan" lon="0"/></trkseg></trk></gpx>',
            "no position",
        ),
        ('<gpx><trk><trkseg><trkpt lon="0"/></trkseg></trk></gpx>', "no position"),
        (
            FIX.join(("<gpx><trkseg>", "</trkseg></gpx>")).replace("2014", "soon"),
            "1 fixes without a time",
        ),
        ('<?xml version="1.0" encoding="utf-99"?><gpx/>', ""),
    ],
)
def test_a_hostile_file_is_refused_and_told_nothing_of(tmp_path, text, found) -> None:
    path = tmp_path / "bad.gpx"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_track(path)
    (fault,) = caught.value.faults
    assert found in str(fault)
    assert "bad.gpx" in str(fault)
    for secret in ("passwd", "soon", "haha"):
        assert secret not in str(fault)


def test_too_large_a_file_is_refused(tmp_path, monkeypatch) -> None:
    fixes = [(0.0, 16.0, DRY + timedelta(minutes=i)) for i in range(20)]
    path = write_gpx(tmp_path / "a.gpx", fixes)
    assert len(read_track(path).segments[0].lon) == 20
    monkeypatch.setattr(patrolplan.layers.tracks, "MAX_FIXES", 10)
    with pytest.raises(LayerError, match="fixes"):
        read_track(path)
    monkeypatch.setattr(patrolplan.layers.tracks, "MAX_TRACK_BYTES", 100)
    with pytest.raises(LayerError, match="bytes"):
        read_track(path)
    with pytest.raises(LayerError, match="No such file"):
        read_track(tmp_path / "none.gpx")


def test_all_bad_tracks_are_named_at_once(tmp_path, capsys) -> None:
    for name in ("a.gpx", "b.gpx"):
        (tmp_path / name).write_text("<gpx/>", encoding="utf-8")
    assert main(["learn", str(tmp_path / "a.gpx"), str(tmp_path / "b.gpx")]) == 2
    told = capsys.readouterr().err
    assert "a.gpx" in told
    assert "b.gpx" in told


def test_fixes_are_put_in_order_of_time_and_each_moment_counts_once(tmp_path) -> None:
    fixes = [(0.0, 16.0, DRY + timedelta(minutes=i)) for i in (3, 1, 2, 2)]
    (segment,) = read_track(write_gpx(tmp_path / "a.gpx", fixes)).segments
    assert np.diff(segment.time_s).tolist() == [60, 60]
