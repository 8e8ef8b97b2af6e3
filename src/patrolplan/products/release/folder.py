"""The folder of an OPEN or UNCLASSIFIED pack: what it holds, and nothing besides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from patrolplan.planfile import PlanFile
from patrolplan.products.catalogue import LANGUAGES
from patrolplan.products.files import (
    HANDED_ON,
    MANIFEST,
    find_handed_on,
    hold_folder,
    hold_inside,
    refuse_handed_on,
    write_whole,
)
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
    "build_release",
    "check_folder",
    "render_release_page",
    "write_release",
]

_FILES: Final = (
    "map.html",
    *(f"brief.{lang}.html" for lang in LANGUAGES),
    "tables/not-covered.csv",
    MANIFEST,
)
# How many of the strangers in a folder are named.
_NAMED: Final = 3


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
    texts[MANIFEST] = json.dumps(manifest, indent=1) + "\n"
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
        "format": HANDED_ON[profile],
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
    """Write a pack for a wider circle into a folder that holds nothing else.

    Everything is made before anything is written; the manifest comes last.

    Parameters
    ----------
    plan, layers
        As for :func:`build_release`.
    folder
        Of this pack alone, as :func:`check_folder` has it.

    Returns
    -------
    dict
        The path of each file by its path below the folder, the manifest last.

    Raises
    ------
    PackError
        If the release is another, or the folder holds anything but a pack of that
        release, the folder or one in it is a symbolic link, or another run is writing
        into it.
    OSError
        If a file cannot be written.
    """
    contents = build_release(plan, layers)
    paths = {name: hold_inside(folder, *name.split("/")) for name in contents}
    check_folder(folder, read_profile(plan.release))
    folder.mkdir(parents=True, exist_ok=True)
    with hold_folder(folder):
        paths[MANIFEST].unlink(missing_ok=True)
        for draft in _list_drafts(folder):
            hold_inside(folder, *draft.split("/")).unlink(missing_ok=True)
        for name, data in contents.items():
            write_whole(paths[name], data)
    return paths


def check_folder(folder: Path, profile: Profile) -> None:
    """Refuse a folder in which packs of two profiles would meet.

    A pack for a wider circle is handed on folder and all, so nothing else may lie
    there, and nothing is removed for it: a CONFIDENTIAL plan may be the only one of
    its kind. Nor may a CONFIDENTIAL pack come into a folder that is handed on.

    Parameters
    ----------
    folder
        Where a pack is to be written; it may be missing.
    profile
        For whom that is.

    Raises
    ------
    PackError
        If the folder holds a pack of another profile, or, for OPEN and UNCLASSIFIED,
        anything besides a pack of theirs.
    """
    if profile == "confidential":
        refuse_handed_on(folder)
        return
    held = find_handed_on(folder)
    if held not in {None, profile}:
        msg = (
            f"{folder.name}: holds an {str(held).upper()} pack, which is made to be "
            f"handed on; choose another folder for an {profile.upper()} one with --out"
        )
        raise ReleaseError(msg)
    strangers = _list_strangers(folder)
    if strangers:
        named = ", ".join(strangers[:_NAMED])
        more = len(strangers) - _NAMED
        msg = (
            f"{folder.name}: an {profile.upper()} pack lies in a folder of its own, "
            f"and this one holds {named}{f' and {more} more' if more > 0 else ''}; "
            "choose an empty folder with --out"
        )
        raise ReleaseError(msg)


def _list_strangers(folder: Path) -> list[str]:
    """Return what lies in a folder and is none of an OPEN or UNCLASSIFIED pack.

    Empty folders too: their names may tell of patrols.
    """
    ours = {*_FILES, "tables", *_list_drafts(folder)}
    if find_handed_on(folder) is None:
        ours.remove(MANIFEST)
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir())
    }
    return sorted(found - ours)


def _list_drafts(folder: Path) -> list[str]:
    """Return what a run that was cut off left of our files: none was whole."""
    found = []
    for name in _FILES:
        home, _, last = name.rpartition("/")
        drafts = (folder / home).glob(f".{last}.*.part")
        found += [path.relative_to(folder).as_posix() for path in drafts]
    return found
