"""The folder of an OPEN or UNCLASSIFIED pack: what it holds, and nothing besides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import LANGUAGES
from patrolplan.products.files import hold_inside, write_whole
from patrolplan.products.release.brief import render_release_brief
from patrolplan.products.release.facts import Facts, gather_facts
from patrolplan.products.release.map_page import render_release_map
from patrolplan.products.release.not_covered import tabulate_areas, tabulate_places
from patrolplan.products.release.profiles import (
    Custody,
    Profile,
    ReleaseError,
    find_custody,
    read_profile,
)
from patrolplan.products.rows import MapLayers
from patrolplan.products.tables import format_csv

__all__ = [
    "RELEASE_FORMATS",
    "build_release",
    "list_strangers",
    "render_release_page",
    "write_release",
]

RELEASE_FORMATS: Final = {
    "open": "patrolplan-open/1",
    "unclassified": "patrolplan-unclassified/1",
}
"""What the manifest of a profile calls itself."""
# What packs and the verbs that read a plan may have left in its folder: all of it
# foretells patrols. What an old manifest lists comes on top.
_LEFT_OVERS: Final = (
    "plan.*",
    "travel.*",
    "mix.json",
    "waypoints*",
    "changes.*",
    "brief*",
    "compare*",
    "difference*",
    "tradeoff*",
    "trade-off*",
    "front*",
    "indicators*",
    "casualty*",
    "stress*",
    "sensitivity*",
    "forward-bases*",
    "balance.csv",
    "sectors.csv",
    "map*.html",
    ".*.part",
    "tables/*",
    "orders/*",
    "gps/*",
    "exports/*",
    "alternatives/*",
)
_MANIFEST: Final = "manifest.json"


def build_release(plan: PlanFile, layers: MapLayers | None) -> dict[str, bytes]:
    """Make the files of a pack for a wider circle, anew from what may leave.

    Parameters
    ----------
    plan
        The plan; its ``release`` is ``open`` or ``unclassified``.
    layers
        What its map is drawn on.

    Returns
    -------
    dict
        The bytes of each file by its path, the manifest last.

    Raises
    ------
    ReleaseError
        If the release is another.
    """
    profile, facts, custody = _prepare(plan, layers)
    table = tabulate_areas(facts) if profile == "open" else tabulate_places(facts)
    texts = {"map.html": render_release_map(facts, profile, layers, custody)}
    for lang in LANGUAGES:
        brief = render_release_brief(facts, profile, lang, custody)
        texts[f"brief.{lang}.html"] = brief
    texts["tables/not-covered.csv"] = format_csv(table)
    manifest = _build_manifest(facts, profile, custody)
    texts[_MANIFEST] = json.dumps(manifest, indent=1) + "\n"
    return {name: text.encode("utf-8") for name, text in texts.items()}


def render_release_page(plan: PlanFile, layers: MapLayers | None) -> str:
    """Render the map of a plan whose release is OPEN or UNCLASSIFIED.

    Parameters
    ----------
    plan, layers
        As for :func:`build_release`.

    Raises
    ------
    ReleaseError
        If the release is another.
    """
    profile, facts, custody = _prepare(plan, layers)
    return render_release_map(facts, profile, layers, custody)


def _prepare(
    plan: PlanFile, layers: MapLayers | None
) -> tuple[Profile, Facts, Custody | None]:
    profile = read_profile(plan.release)
    if profile == "confidential":
        msg = "a CONFIDENTIAL pack is the whole plan, and is written as such"
        raise ReleaseError(msg)
    custody = None if profile == "open" else find_custody(plan)
    return profile, gather_facts(plan, layers), custody


def _build_manifest(
    facts: Facts, profile: Profile, custody: Custody | None
) -> dict[str, Any]:
    manifest = {
        "format": RELEASE_FORMATS[profile],
        "version": facts.version,
        "date": facts.month,
    }
    if custody is not None:
        manifest["owner_role"] = custody.owner_role
        manifest["expires"] = custody.month
    return manifest


def write_release(
    plan: PlanFile, layers: MapLayers | None, folder: Path
) -> dict[str, Path]:
    """Write a pack for a wider circle, and remove what earlier packs left there.

    Everything is made before anything is written or removed; the manifest comes last.

    Parameters
    ----------
    plan, layers
        As for :func:`build_release`.
    folder
        Of this pack alone. A CONFIDENTIAL pack in it is removed, its plan too.

    Returns
    -------
    dict
        The path of each file by its path below the folder, the manifest last.

    Raises
    ------
    PackError
        If the release is another, or the folder or one in it is a symbolic link.
    OSError
        If a file cannot be written or removed.
    """
    contents = build_release(plan, layers)
    paths = {name: hold_inside(folder, *name.split("/")) for name in contents}
    stale = [hold_inside(folder, *name.split("/")) for name in _list_stale(folder)]
    folder.mkdir(parents=True, exist_ok=True)
    paths[_MANIFEST].unlink(missing_ok=True)
    for path in stale:
        path.unlink(missing_ok=True)
    for emptied in sorted({path.parent for path in stale} - {folder}, reverse=True):
        if not any(emptied.iterdir()):
            emptied.rmdir()
    for name, data in contents.items():
        write_whole(paths[name], data)
    return paths


def _list_stale(folder: Path) -> list[str]:
    """Return what an earlier pack left, by its path below the folder."""
    names = set(_list_manifested(folder))
    for pattern in _LEFT_OVERS:
        names |= {path.relative_to(folder).as_posix() for path in folder.glob(pattern)}
    return [
        name
        for name in sorted(names)
        if (folder / name).is_file() or (folder / name).is_symlink()
    ]


def _list_manifested(folder: Path) -> Iterator[str]:
    """Yield what an old manifest lists; one that cannot be read lists nothing."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    outputs = manifest.get("outputs") if isinstance(manifest, dict) else None
    for entry in outputs if isinstance(outputs, list) else ():
        name = entry.get("path") if isinstance(entry, dict) else None
        parts = name.split("/") if isinstance(name, str) else []
        if parts and not {"", ".", ".."} & set(parts) and "\0" not in "".join(parts):
            yield "/".join(parts)


def list_strangers(folder: Path) -> list[str]:
    """Return the files of a folder that are none of an OPEN or UNCLASSIFIED pack.

    Parameters
    ----------
    folder
        The folder of a pack.
    """
    ours = {"map.html", "tables/not-covered.csv", _MANIFEST}
    ours |= {f"brief.{lang}.html" for lang in LANGUAGES}
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    }
    return sorted(found - ours)
