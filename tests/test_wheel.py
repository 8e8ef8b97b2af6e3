"""The wheel bears its data: it plans where no clone is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[1]
COMPILING = "Compiling the solver: this takes a minute, once.\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, "."],
        cwd=CLONE,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


NOT_SOURCE = (".git", ".venv", "build", "dist", "out", ".*_cache", "__pycache__")


def build_packages(source: Path, folder: Path, **environment: str) -> dict[str, bytes]:
    """Return the sdist and the wheel that a folder makes, by name."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel"]
    subprocess.run(
        [*command, "-o", folder, "."],
        cwd=source,
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_source_makes_the_same_bytes_elsewhere(tmp_path: Path) -> None:
    """Neither where the source lies, when it was written nor who reads it matters."""
    here, there = tmp_path / "here", tmp_path / "far" / "away" / "there"
    ignore = shutil.ignore_patterns(*NOT_SOURCE)
    for place in (here, there):
        shutil.copytree(CLONE, place, ignore=ignore, copy_function=shutil.copy)
    for path in there.rglob("*"):
        os.utime(path, (1.0e9, 1.0e9))
        if path.is_file():
            path.chmod(0o600)
    first = build_packages(here, tmp_path / "one")
    second = build_packages(there, tmp_path / "two", TZ="Asia/Tokyo", LC_ALL="C")

    assert sorted(name.rpartition(".")[2] for name in first) == ["gz", "whl"]
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.fixture(scope="module")
def run_installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory):
    """Run the installed command from a folder that is far from the clone."""
    site = tmp_path_factory.mktemp("site")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import sys, patrolplan; from patrolplan.cli import main;"
        f"assert patrolplan.__file__.startswith({str(site)!r}), patrolplan.__file__;"
        "sys.exit(main(sys.argv[1:]))"
    )

    def run(*arguments: str) -> tuple[subprocess.CompletedProcess[str], Path]:
        result = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=elsewhere,
            env=os.environ | {"PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=False,
        )
        return result, elsewhere

    return run


def test_the_wheel_holds_scenarios_layers_and_vendored_scripts(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "patrolplan/_shipped/scenarios/north-mali.toml" in names
    assert "patrolplan/_shipped/data/geo/lines/lines.geojson" in names
    assert "patrolplan/_shipped/data/geo/lines/ODBL-NOTICE.md" in names
    assert "patrolplan/products/locale/fr/LC_MESSAGES/patrolplan.mo" in names
    assert any(name.endswith("leaflet.js") for name in names)
    assert "patrolplan/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


def test_the_installed_command_plans_the_built_in_scenario(run_installed):
    result, folder = run_installed("plan", "--iterations", "50")

    assert result.returncode == 0, result.stderr
    # The first plan after installation compiles, and says so; nothing else is said.
    assert result.stderr in ("", COMPILING)
    assert (folder / "out" / "north-mali" / "map.html").is_file()


def test_the_installed_command_copies_scenarios_that_plan(run_installed):
    made, folder = run_installed("new", "mine")
    planned, _ = run_installed(
        "plan", "mine/gao-menaka-dry.toml", "--iterations", "50", "--quiet"
    )

    assert made.returncode == 0, made.stderr
    assert planned.returncode == 0, planned.stderr
    assert (folder / "out" / "gao-menaka-dry" / "plan.json").is_file()


@pytest.mark.soak
def test_the_wheel_plans_in_an_empty_environment(wheel, tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", wheel], check=True)
    command = tmp_path / "venv" / "bin" / "patrolplan"

    planned = subprocess.run(
        [command, "plan"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    made = subprocess.run([command, "new", "x"], cwd=tmp_path, check=False)

    assert planned.returncode == 0, planned.stderr
    assert (tmp_path / "out" / "north-mali" / "map.html").is_file()
    assert made.returncode == 0
