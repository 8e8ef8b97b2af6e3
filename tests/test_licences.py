"""Every dependency may be used by anyone: each licence is known and permissive."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[1]
PERMISSIVE = {
    "0BSD",
    "Apache 2.0",
    "Apache License",
    "Apache License, Version 2.0",
    "Apache Software License",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "HPND",
    "ISC",
    "ISC License (ISCL)",
    "MIT",
    "MIT License",
    "MIT-CMU",
    "PSF-2.0",
    "Python Software Foundation License",
    "Zlib",
}
# Changes to their files must stay open; we change none, and use stays free.
OPEN_FILES = {"MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)"}
WITH_OPEN_FILES = {"certifi", "hypothesis", "pathspec"}
# Those that put the text where the name belongs.
NAMED_BY_TEXT = {"exactextract": "Apache License Version 2.0"}


def list_pinned() -> set[str]:
    """Return the names of all packages of the lock."""
    text = (CLONE / "requirements-dev.txt").read_text("utf-8")
    return {normalize(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


def normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def licences() -> dict[str, str]:
    result = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json"],
        capture_output=True,
        check=True,
        text=True,
    )
    listed = json.loads(result.stdout)
    return {normalize(entry["Name"]): entry["License"] for entry in listed}


def is_permissive(package: str, licence: str) -> bool:
    if package in NAMED_BY_TEXT:
        return " ".join(licence.split()).startswith(NAMED_BY_TEXT[package])
    allowed = PERMISSIVE | (OPEN_FILES if package in WITH_OPEN_FILES else set())
    if licence in allowed:
        return True
    # Of several by AND each must be allowed, of several by OR one.
    options = re.split(r" OR |;", licence)
    return any(
        all(part.strip(" ()") in allowed for part in option.split(" AND "))
        for option in options
    )


def test_every_dependency_is_licensed_permissively(licences):
    pinned = list_pinned()
    installed = {name: text for name, text in licences.items() if name in pinned}

    refused = {n: t[:60] for n, t in installed.items() if not is_permissive(n, t)}

    assert len(installed) > 100
    assert refused == {}


@pytest.mark.parametrize(
    "licence",
    ["GPL-3.0-only", "AGPL-3.0", "MIT AND GPL-2.0-only", "UNKNOWN", "MPL-2.0", ""],
)
def test_what_is_not_permissive_is_refused(licence):
    assert not is_permissive("numpy", licence)


def test_what_everybody_installs_is_pinned_by_hash_and_names_no_place():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (CLONE / name).read_text("utf-8")
        pins = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
        assert pins
        assert all("--hash=sha256:" in pin for pin in pins)
        assert "://" not in text
        assert "--index" not in text
