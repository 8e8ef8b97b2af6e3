"""Every verb on a theatre of strangers' names, and what each said of it."""

from __future__ import annotations

import contextlib
import csv
import io
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hostile_grammar import Names
from hostile_theatre import HostileTheatre, write_hostile_theatre
from patrolplan.cli import main

__all__ = ["Told", "Walk", "run_verb", "walk"]

LONGEST_S: Final = 120
"""What one verb may take here before it counts as hung."""


@dataclass(frozen=True)
class Told:
    """What a verb said, and its exit code."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    def list_faults(self) -> list[str]:
        """Return what is wrong with how it ended: a traceback, a code of a terminal."""
        found = [
            f"{word} in its output"
            for word in ("Traceback", "internal fault", "ResourceWarning")
            if word in self.out + self.err
        ]
        if self.code not in (0, 1, 2):
            found.append(f"exit code {self.code}")
        for line in (self.out + self.err).split("\n"):
            signs = line.translate(dict.fromkeys(map(ord, "\u00a0\u202f")))
            if not signs.isprintable():
                found.append(f"a line that is not printable: {line[:200]!r}")
                break
        return found


class _Hung(BaseException):
    """Raised in a verb that has taken too long; no handler of ours catches it."""


def run_verb(*argv: object) -> Told:
    """Run the command line in this process, for a while at most."""
    words = tuple(str(word) for word in argv)
    out, err = io.StringIO(), io.StringIO()

    def stop(*_: object) -> None:
        raise _Hung(words)

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_S)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return Told(words, code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Walk:
    """A hostile theatre, what each verb said of it, and the folder of all it wrote."""

    theatre: HostileTheatre
    told: dict[str, Told]
    out: Path

    @property
    def names(self) -> Names:
        """The names in it."""
        return self.theatre.names

    @property
    def pack(self) -> Path:
        """The whole pack of the first scenario."""
        return self.out / "packs" / f"hostile-{self.names.seed}-0"


def walk(folder: Path, seed: int, *, whole: bool = True) -> Walk:
    """Put a new theatre through every verb; not whole, those of a plan alone."""
    theatre = write_hostile_theatre(folder / "theatre", seed)
    out = folder / "out"
    first, second = theatre.scenarios
    told = {"check": run_verb("check", first, second)}
    told["plan"] = run_verb(
        *("plan", first, second, "--jobs", "1"), "--out", out / "packs"
    )
    plans = [out / "packs" / f"hostile-{seed}-{n}" / "plan.json" for n in (0, 1)]
    found = Walk(theatre, told, out)
    if told["plan"].code == 2:
        return found
    for verb, argv in _list_commands(theatre, plans, whole=whole):
        words = [verb.partition(" ")[0], *argv]
        if "--out" in argv:
            words[words.index("--out") + 1] = out / str(argv[argv.index("--out") + 1])
        told[verb] = run_verb(*words)
    return found


def _list_commands(
    theatre: HostileTheatre, plans: list[Path], *, whole: bool
) -> Iterator[tuple[str, list[object]]]:
    first, second = theatre.scenarios
    plan = plans[0]
    own = ["--scenario", first]
    yield "map", [plan, *own, "--out", "again"]
    yield "order", [plan, *own, "--out", "again"]
    yield "export", [plan, *own, "--out", "again"]
    yield "assess", [plan]
    yield "assess --json", [plan, "--json"]
    yield "compare", [*plans, *own, "--out", "compare"]
    yield (
        "balance",
        [
            *plans,
            "--mandate",
            theatre.folder / "layers/mandate.toml",
            "--out",
            "balance",
        ],
    )
    yield "release open", [plan, "--release", "open", *own, "--out", "open"]
    yield (
        "release unclassified",
        [plan, "--release", "unclassified", *own, "--out", "unclassified"],
    )
    yield "compare --ensemble", [*plans, *own, "--ensemble", "--out", "ensemble"]
    if not whole:
        return
    lines = next(theatre.folder.glob("layers/lines/lines.*"))
    sites, incidents = _write_tables(theatre)
    gao, kidal = (theatre.ids["population"][key] for key in ("gao", "kidal"))
    yield "stress", [plan, *own, "--draws", "200", "--out", "stress"]
    yield "risk", [first, "--incidents", incidents, "--out", "risk"]
    yield "critical", [first, "--out", "critical"]
    yield "casualty", [first, "--out", "casualty"]
    yield "tradeoff", [first, "--points", "3", "--out", "tradeoff"]
    yield "bases", [first, "--out", "bases"]
    yield (
        "sensitivity",
        [first, "--only", "movement.snap_km", "--jobs", "1", "--out", "sensitivity"],
    )
    yield "campaign", [first, "--months", "2", "--out", "campaign"]
    yield "batch", [first, second, "--jobs", "1", "--out", "batch"]
    yield (
        "replan",
        [
            plan,
            "--now",
            "2014-11-04",
            *own,
            "--alert",
            f"{kidal}=90000",
            "--out",
            "replan",
        ],
    )
    yield "route", [gao, kidal, *own]
    yield "route --json", [gao, kidal, *own, "--json"]
    yield "matrix", [sites, "--out", "matrix.csv"]
    # A network of one's own is no CSV.
    if lines.suffix != ".csv":
        yield "matrix --network", [sites, "--network", lines, "--snap-km", "200"]
    tracks = sorted((plan.parent / "gps").glob("*.gpx"))
    yield "learn", [*tracks, *own, "--vehicle", "light_4x4", "--out", "learn"]


def _write_tables(theatre: HostileTheatre) -> tuple[Path, Path]:
    """Write places to travel between, and incidents, under strangers' names."""
    names = theatre.names
    sites = theatre.folder / "sites.csv"
    rows = [["id", "name", "lon", "lat"]]
    for number in range(12):
        cells = [names.take("matrix.id"), names.take("matrix.name")]
        rows.append([*cells, f"{number / 20}", f"{16 + number / 20}"])
    _write_rows(sites, rows)
    incidents = theatre.folder / "incidents.csv"
    rows = [
        ["id", "date", "latitude", "longitude", "event_type", "fatalities", "notes"]
    ]
    for number in range(12):
        cells = ["2014-09-01", f"{16 + number / 20}", "0.1"]
        note = names.take("incidents.notes")
        kind = "Violence against civilians"
        rows.append([names.take("incidents.id"), *cells, kind, "1", note])
    _write_rows(incidents, rows)
    return sites, incidents


def _write_rows(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
