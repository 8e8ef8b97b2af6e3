"""Fuzz every reader, the scenario and the plan loader for a stated time.

`make fuzz SECONDS=600` shares the time out among the readers. Each runs in a process of
its own under atheris (libFuzzer for Python), which changes whole files by what parts of
patrolplan a change reaches. A reader may read what it is given or refuse it by an
InputError; whatever else it raises, more than 5 s for one input, or more than 2 GB of
memory is a defect: the input is kept in build/fuzz, and becomes a test in
tests/hostile/test_found.py.

Needs the extra `fuzz`. GDAL, PROJ and Pillow are not watched, only what is written in
Python; they are given the inputs all the same.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOUND = HERE.parent / "build" / "fuzz"
SLOWEST_S = 5
LARGEST_MB = 2048
# Loading the libraries and the kernel of patrolplan is no part of any input's time.
LEAST_S = 10
DONE = re.compile(r"Done (\d+) runs|^#(\d+)\s", re.MULTILINE)


def list_targets() -> list[str]:
    """Return what is fuzzed: a reader and the ending of its file each."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from whole_files import build_whole_files

    return [f"{reader}{ending}" for reader, ending in build_whole_files()]


def fuzz_target(target: str, seconds: int, seed: int) -> None:
    """Fuzz one reader in this process; libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["patrolplan", "tomllib", "gpxpy"]):
        sys.path.insert(0, str(HERE.parent / "tests"))
        from refusing import READERS, check_faults
        from whole_files import build_whole_files

    from patrolplan.errors import InputError

    reader, _, ending = target.partition(".")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    path = folder / f"input.{ending}"
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "whole").write_bytes(build_whole_files()[reader, f".{ending}"])

    def read(data: bytes) -> None:
        path.write_bytes(data)
        try:
            READERS[reader](path)
        except InputError as error:
            check_faults(error.faults, path)

    FOUND.mkdir(parents=True, exist_ok=True)
    # The first call loads what is loaded late, and is held to no time.
    read((seeds / "whole").read_bytes())
    atheris.Setup(
        [
            sys.argv[0],
            str(seeds),
            f"-max_total_time={seconds}",
            f"-timeout={SLOWEST_S}",
            f"-rss_limit_mb={LARGEST_MB}",
            f"-seed={seed}",
            f"-artifact_prefix={FOUND / target}-",
            "-max_len=200000",
            "-print_final_stats=1",
        ],
        read,
    )
    atheris.Fuzz()


def run_target(target: str, seconds: int, seed: int) -> tuple[int, bool]:
    """Return how many inputs a reader was given, and whether it stood them all."""
    command = [sys.executable, __file__, "--target", target]
    command += ["--seconds", str(seconds), "--seed", str(seed)]
    run = subprocess.run(
        command,
        check=False,
        # What Python raised is told on the one, what libFuzzer did on the other.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )
    counts = [int(done or at) for done, at in DONE.findall(run.stdout)]
    stood = run.returncode == 0 and bool(counts)
    if not stood:
        print(f"exit {run.returncode}\n{run.stdout[-4000:]}", file=sys.stderr)
    return max(counts, default=0), stood


def main() -> int:
    """Fuzz all readers in turn; return 1 where one did not stand it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target")
    parser.add_argument("--only", default="", help="targets that begin so")
    asked = parser.parse_args()
    if asked.target:
        fuzz_target(asked.target, asked.seconds, asked.seed)
        return 0
    targets = [name for name in list_targets() if name.startswith(asked.only)]
    each = max(asked.seconds // len(targets), LEAST_S)
    total, fallen = 0, []
    for target in targets:
        began = time.monotonic()
        count, stood = run_target(target, each, asked.seed)
        total += count
        if not stood:
            fallen.append(target)
        taken = time.monotonic() - began
        word = "stood" if stood else "FELL"
        print(f"{target:18} {count:>9,} inputs {taken:6.0f} s  {word}", flush=True)
    print(f"{total:,} inputs, none over {SLOWEST_S} s or {LARGEST_MB:,} MB that stood")
    if fallen:
        print(f"fell: {', '.join(fallen)}; inputs in {FOUND}", file=sys.stderr)
    return bool(fallen)


if __name__ == "__main__":
    sys.exit(main())
