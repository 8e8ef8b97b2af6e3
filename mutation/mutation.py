"""Change the code on purpose, one place at a time, and count what the tests notice.

`make mutation COUNT=300 SEED=1 AREA=need` draws COUNT places of the area at random,
changes each in one of the ways of cosmic-ray, and runs the tests that reach it until
one fails. The score is the share noticed. What no test noticed is listed at the end.

cosmic-ray itself starts an interpreter for each change and writes it into the clone;
mutmut passes over what is decorated or runs on import. Here a process that has loaded
everything forks instead, and the clone stays as it is.

Needs the extra `mutation`, and fork. The areas and their tests stand in settings.toml.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from math import sqrt
from pathlib import Path
from typing import Any

from choosing import find_record
from mutants import CLONE, draw_mutants, name_change

HERE = Path(__file__).resolve().parent
BUILT = CLONE / "build" / "mutation"
# Of a normal distribution, 95 % lie this many deviations from its middle.
DEVIATIONS = 1.959964


def list_files(globs: list[str], left_out: list[str]) -> list[Path]:
    """Return the files that some patterns mean, without those left out."""
    found = {path for pattern in globs for path in CLONE.glob(pattern)}
    return sorted(
        found - {path for pattern in left_out for path in CLONE.glob(pattern)}
    )


def find_interval(found: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's formula.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    share, square = found / count, DEVIATIONS**2
    middle = share + square / (2 * count)
    half = DEVIATIONS * sqrt(share * (1 - share) / count + square / (4 * count**2))
    whole = 1 + square / count
    return (middle - half) / whole, (middle + half) / whole


def run_pytest(
    tests: list[Path], slow: list[str], plugin: str, environment: dict[str, str]
) -> None:
    """Run pytest with one of the plugins here."""
    command = [sys.executable, "-m", "pytest", "-p", "examples", "-p", plugin]
    command += [
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-m",
        "not soak",
        "-q",
        "-s",
    ]
    command += ["--tb=no", "-r", "N", "--basetemp", str(BUILT / f"tmp-{os.getpid()}")]
    command += [part for name in slow for part in ("--deselect", name)]
    paths = [str(HERE), str(CLONE / "src")]
    done = subprocess.run(
        [*command, *(path.relative_to(CLONE).as_posix() for path in tests)],
        cwd=CLONE,
        env=os.environ
        | {"HYPOTHESIS_PROFILE": "mutation", "PYTHONPATH": os.pathsep.join(paths)}
        | environment,
        check=False,
    )
    # Tests may fail; what else ends it early leaves nothing to report.
    if done.returncode in {2, 3, 4}:
        sys.exit(f"pytest ended with {done.returncode}")


def name_reach(environment: dict[str, str]) -> Path:
    """Return where it stands what tests reach, apart for each environment."""
    if not environment:
        return BUILT / "reach"
    told = json.dumps(environment, sort_keys=True).encode()
    return BUILT / f"reach-{hashlib.sha256(told).hexdigest()[:8]}"


def measure_reach(
    tests: list[Path],
    slow: list[str],
    config: dict[str, Any],
    environment: dict[str, str],
) -> Path:
    """Write down what each test reaches, where it or the code has changed since.

    Returns the folder of the records.
    """
    folder = name_reach(environment)
    code = hashlib.sha256()
    for path in sorted([*CLONE.glob("src/**/*.py"), *CLONE.glob("tests/**/*.py")]):
        if not path.name.startswith("test_"):
            code.update(path.read_bytes())
    keys = {}
    for test in tests:
        name = test.relative_to(CLONE).as_posix()
        key = hashlib.sha256(code.digest() + test.read_bytes()).hexdigest()
        at = find_record(folder, name)
        if not at.exists() or json.loads(at.read_text("utf-8"))["key"] != key:
            keys[name] = key
    if keys:
        print(f"watching what {len(keys)} files of tests reach", flush=True)
        watched = {
            path
            for area in config["areas"].values()
            if area.get("environment", {}) == environment
            for path in list_files(area["sources"], [])
        }
        told = {
            "folder": str(folder),
            "sources": [str(path) for path in sorted(watched)],
            "keys": keys,
        }
        stale = [CLONE / name for name in keys]
        reach = {"MUTATION_REACH": json.dumps(told)}
        run_pytest(stale, slow, "reaching", environment | reach)
    return folder


def try_area(asked: argparse.Namespace, config: dict[str, Any]) -> Path:
    """Draw changes of an area and try them; return the file of results."""
    area, count, seed = asked.area, asked.count, asked.seed
    chosen = config["areas"][area]
    sources = list_files(chosen["sources"], chosen.get("sources_left_out", []))
    tests = list_files(chosen["tests"], chosen.get("tests_left_out", []))
    if asked.only:
        sources = [path for path in sources if path.stem in asked.only.split(",")]
    slow = config["tests_too_slow"] + chosen.get("tests_too_slow", [])
    around = chosen.get("environment", {})
    reach = measure_reach(tests, slow, config, around)
    names = [test.relative_to(CLONE).as_posix() for test in tests]
    left_out = config["operators_left_out"]
    drawn, places = draw_mutants(
        sources, left_out, count, seed, on_import=asked.on_import
    )
    print(f"{area}: {len(drawn)} changes of {places:,} places, seed {seed}", flush=True)
    kind = "-on-import" if asked.on_import else ""
    at = BUILT / f"{area}{kind}-{seed}-changes.json"
    at.write_text(json.dumps([mutant.tell() for mutant in drawn]), "utf-8")
    results = BUILT / f"{area}{kind}-{seed}.jsonl"
    if not (asked.resume or asked.again):
        results.unlink(missing_ok=True)
    settings = {
        "sources": [path.relative_to(CLONE).as_posix() for path in sources],
        "most_seconds": asked.seconds or config["most_seconds"],
        "records": [str(find_record(reach, name)) for name in names],
        "mutants": str(at),
        "again": asked.again,
        "results": str(results),
    }
    environment = around | {
        "MUTATION_SETTINGS": json.dumps(settings),
        "MUTATION_CHANGE": str(BUILT / f"{area}-change.json"),
    }
    run_pytest(tests, slow, "trying", environment)
    return results


def report(area: str, path: Path) -> None:
    """Say what share was noticed, and list what was not."""
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    # Of a change that was tried again the last result holds.
    results = list({name_change(result): result for result in told}.values())
    ends = Counter(result["end"] for result in results)
    noticed = ends["killed"] + ends["timed out"]
    for result in sorted(results, key=lambda result: (result["path"], result["line"])):
        if result["end"] in {"survived", "unreached"}:
            print(f"{result['path']}:{result['line']}: {result['operator']}", end=" ")
            print(f"({result['end']}, {result['tests']} tests)")
            print(f"    {result['before']}\n    {result['after']}")
    low, high = find_interval(noticed, len(results))
    print(f"{area}: {noticed} of {len(results)} noticed, {noticed / len(results):.1%}")
    print(f"  95 % interval {low:.1%} to {high:.1%}; {dict(ends)}")


def main() -> int:
    """Try changes as the command line asks."""
    config = tomllib.loads((HERE / "settings.toml").read_text("utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--area", choices=sorted(config["areas"]), required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    kinds = "what runs on import instead of functions"
    parser.add_argument("--on-import", action="store_true", help=kinds)
    parser.add_argument("--only", help="modules, by name, with commas between")
    parser.add_argument("--seconds", type=float, help="of tests for one change")
    again = "try what no test noticed again, say with new tests"
    parser.add_argument("--again", action="store_true", help=again)
    parser.add_argument("--resume", action="store_true", help="keep what was tried")
    asked = parser.parse_args()
    BUILT.mkdir(parents=True, exist_ok=True)
    report(asked.area, try_area(asked, config))
    return 0


if __name__ == "__main__":
    sys.exit(main())
