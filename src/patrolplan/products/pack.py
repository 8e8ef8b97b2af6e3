"""The pack of one plan: its map, its file, its tables, and a manifest of them all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final, Literal, NamedTuple

from patrolplan.planfile import PlanFile, format_plan
from patrolplan.products.casualty_tables import has_casualty, tabulate_casualty
from patrolplan.products.catalogue import LANGUAGES
from patrolplan.products.commander_brief import render_briefs
from patrolplan.products.exports import render_exports
from patrolplan.products.files import (
    PackError,
    hold_folder,
    hold_inside,
    slug_name,
    write_whole,
)
from patrolplan.products.gates import find_shown_status, tabulate_gates
from patrolplan.products.maps import render_map
from patrolplan.products.memory import has_memory, tabulate_overdue
from patrolplan.products.nearest import tabulate_nearest
from patrolplan.products.orders import render_orders
from patrolplan.products.release import (
    check_folder,
    find_custody,
    read_profile,
    write_release,
)
from patrolplan.products.rows import MapLayers
from patrolplan.products.supplies import tabulate_supplies
from patrolplan.products.tables import (
    format_csv,
    tabulate_assessment,
    tabulate_not_covered,
    tabulate_schedule,
)

__all__ = [
    "MANIFEST_FORMAT",
    "Lot",
    "PackError",
    "PackKind",
    "find_pack_folder",
    "is_pack_file",
    "write_pack",
]

MANIFEST_FORMAT: Final = "patrolplan-manifest/1"
PackKind = Literal["full", "map", "plan"]
"""All of a pack; without orders, exports and briefs; without its map either."""
# Files by which a patrol that is still to come could be foretold, or a gap be found:
# no pack holds them that is not CONFIDENTIAL.
_CONFIDENTIAL: Final = (
    "asked.json",
    "mix.json",
    "brief.*.html",
    "plan.geojson",
    "plan.gpkg",
    "plan.kml",
    "waypoints.csv",
    "waypoints-mgrs.csv",
    "gps/*.gpx",
    "alternatives/*.json",
    "changes.*.txt",
    "orders/*.html",
    "orders/*.pdf",
    "tables/alternatives.csv",
    "tables/casualty.csv",
    "tables/changes.csv",
    "tables/gates.csv",
    "tables/indicators.csv",
    "tables/nearest.csv",
    "tables/overdue.csv",
    "tables/prices.csv",
    "tables/value-curve.csv",
    "tables/supplies.csv",
)


_ALWAYS: Final = ("map.html", "plan.json", "manifest.json", "tables/*.csv")


class Lot(NamedTuple):
    """How a plan was drawn by lot.

    Attributes
    ----------
    seed
        With it the same plan is drawn again.
    value_share
        What of the best plan's need the mix keeps in the mean.
    """

    seed: int
    value_share: float


def find_pack_folder(out: Path, scenario_name: str) -> Path:
    """Return the folder of a scenario's pack, which lies directly below ``out``.

    Parameters
    ----------
    out
        Where the packs go.
    scenario_name
        Any name; it becomes a plain file name.
    """
    return hold_inside(out, slug_name(scenario_name))


def write_pack(
    plan: PlanFile,
    layers: MapLayers | None,
    folder: Path,
    *,
    extra: Mapping[str, bytes] | None = None,
    lot: Lot | None = None,
    languages: Sequence[str] = LANGUAGES,
    kind: PackKind = "full",
) -> dict[str, Path]:
    """Write a plan's pack; equal plans and layers give equal bytes.

    That of a plan whose release is OPEN or UNCLASSIFIED is another one: see
    :func:`~patrolplan.products.release.write_release`.

    Everything is made before anything is written. The old manifest goes first and the
    new one comes last, so a folder with a manifest holds a whole pack.

    Parameters
    ----------
    plan
        The plan.
    layers
        What its map is drawn on; None draws the plan alone.
    folder
        The folder of this plan; it is made if it is missing.
    extra
        More files of the pack by their path below the folder, such as
        ``gps/gao-1.gpx``.
    lot
        How the plan was drawn, if it was: for the manifest of a CONFIDENTIAL pack.
    languages
        Of the orders: ``en``, ``fr`` or both.
    kind
        How much of a CONFIDENTIAL pack is written.

    Returns
    -------
    dict
        The path of each file by its path below the folder, the manifest last.

    Raises
    ------
    PackError
        If the folder or a folder in it is a symbolic link, or a name leads out of it;
        if another run is writing into it;
        or if a pack that is not CONFIDENTIAL would foretell patrols, a release is
        none of :data:`~patrolplan.products.release.PROFILES`, or the folder holds a
        pack of another (:func:`~patrolplan.products.release.check_folder`).
    OSError
        If a file cannot be written.
    """
    profile = read_profile(plan.release)
    if profile != "confidential":
        if extra or lot is not None:
            msg = "an OPEN or UNCLASSIFIED pack holds no more: CONFIDENTIAL ones may"
            raise PackError(msg)
        return write_release(plan, layers, folder)
    check_folder(folder, profile)
    plan = plan.model_copy(update={"release": profile})
    contents: dict[str, bytes] = {
        "plan.json": format_plan(plan).encode("utf-8"),
        "tables/schedule.csv": _encode(format_csv(tabulate_schedule(plan, layers))),
        "tables/assessment.csv": _encode(format_csv(tabulate_assessment(plan))),
        "tables/not-covered.csv": _encode(
            format_csv(tabulate_not_covered(plan, layers))
        ),
    }
    if kind != "plan":
        contents["map.html"] = _encode(render_map(plan, layers))
    if plan.release == "confidential":
        # Where harm is feared is known to no wider circle than where patrols go.
        contents["tables/gates.csv"] = _encode(format_csv(tabulate_gates(plan)))
        supplies = tabulate_supplies(plan, find_shown_status(plan))
        contents["tables/supplies.csv"] = _encode(format_csv(supplies))
    if kind == "full":
        contents |= render_exports(plan, layers)
        contents |= render_orders(plan, layers, languages=languages)
        for name, page in render_briefs(plan, layers).items():
            contents[name] = _encode(page)
    if plan.nearest is not None and plan.release == "confidential":
        tried = format_csv(tabulate_nearest(plan, layers))
        contents["tables/nearest.csv"] = _encode(tried)
    if has_memory(plan) and plan.release == "confidential":
        overdue = format_csv(tabulate_overdue(plan))
        contents["tables/overdue.csv"] = _encode(overdue)
    if has_casualty(plan) and plan.release == "confidential":
        # It says where sites of care are, and where patrols will be far from them.
        casualty = format_csv(tabulate_casualty(plan, layers))
        contents["tables/casualty.csv"] = _encode(casualty)
    for name, data in (extra or {}).items():
        if name in contents or name == "manifest.json":
            msg = f"{name!r} is a file of every pack already"
            raise PackError(msg)
        if _is_confidential(name) and plan.release != "confidential":
            msg = f"{name!r} belongs in a CONFIDENTIAL pack only"
            raise PackError(msg)
        contents[name] = data
    if lot is not None and (plan.release != "confidential" or plan.seed is not None):
        msg = "the seed of a lot belongs in the manifest of a CONFIDENTIAL pack only"
        raise PackError(msg)
    paths = {name: hold_inside(folder, *name.split("/")) for name in contents}
    manifest = hold_inside(folder, "manifest.json")
    text = json.dumps(
        _build_manifest(plan, contents, lot),
        ensure_ascii=False,
        indent=1,
        allow_nan=False,
    )
    folder.mkdir(parents=True, exist_ok=True)
    with hold_folder(folder):
        manifest.unlink(missing_ok=True)
        _remove_left_over(folder, contents)
        for name, data in contents.items():
            write_whole(paths[name], data)
        write_whole(manifest, text + "\n")
    return {**paths, "manifest.json": manifest}


def _encode(text: str) -> bytes:
    return text.encode("utf-8")


def _is_confidential(name: str) -> bool:
    return any(PurePosixPath(name).match(pattern) for pattern in _CONFIDENTIAL)


def is_pack_file(name: str) -> bool:
    """Return whether a file has the place and name of one that a pack holds.

    Parameters
    ----------
    name
        Its path below the folder.
    """
    path = PurePosixPath(name)
    return _is_confidential(name) or any(path.match(pattern) for pattern in _ALWAYS)


def _remove_left_over(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Remove what an earlier pack in this folder held that this one must not show."""
    for pattern in _CONFIDENTIAL:
        for path in folder.glob(pattern):
            name = path.relative_to(folder).as_posix()
            if name not in contents:
                hold_inside(folder, *name.split("/")).unlink()
    # And what a run that was killed had half written; nobody else is writing now.
    for path in folder.rglob(".*.part"):
        home, _, last = path.relative_to(folder).as_posix().rpartition("/")
        begun = re.fullmatch(r"\.(.+)\.\d+\.part", last)
        if begun and is_pack_file(f"{home}/{begun[1]}" if home else begun[1]):
            hold_inside(folder, *home.split("/") if home else (), last).unlink()


def _build_manifest(
    plan: PlanFile, contents: Mapping[str, bytes], lot: Lot | None
) -> dict[str, Any]:
    scenario = plan.scenario.model_dump(mode="json")
    drawn = {} if lot is None else {"lot": lot._asdict()}
    return {
        "format": MANIFEST_FORMAT,
        "version": plan.version,
        "seed": plan.seed,
        **drawn,
        "status": find_shown_status(plan),
        "release": plan.release,
        **_describe_custody(plan),
        "parameters": scenario,
        "inputs": [
            {"path": _relate(entry.path), "sha256": entry.sha256}
            for entry in plan.inputs
        ],
        "outputs": [
            {
                "path": name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "bytes": len(data),
            }
            for name, data in sorted(contents.items())
        ],
    }


def _describe_custody(plan: PlanFile) -> dict[str, str]:
    custody = find_custody(plan)
    if custody is None:
        return {}
    return {
        "owner_role": custody.owner_role,
        "expires": custody.expires.isoformat(),
    }


def _relate(path: str) -> str:
    """Return a path without the folders of the machine that it was read on."""
    if PurePosixPath(path).is_absolute():
        return PurePosixPath(path).name
    if PureWindowsPath(path).is_absolute() or PureWindowsPath(path).drive:
        return PureWindowsPath(path).name
    return path
