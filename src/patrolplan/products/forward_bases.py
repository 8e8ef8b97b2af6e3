"""Forward bases as people read them: a table, and a page in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from patrolplan.forward_bases import ForwardBases
from patrolplan.products.catalogue import Text, mark
from patrolplan.products.files import write_folder
from patrolplan.products.sheets import render_sheet
from patrolplan.products.tables import format_csv

__all__ = [
    "WORDS",
    "render_forward_bases",
    "tabulate_forward_bases",
    "write_forward_bases",
]

WORDS: Final = mark("covers {covered} of need; one more team there meets {more} more")
"""What the command line says of a base."""

_TYPES: Final = {
    "rank": "Int64",
    "site_id": "string",
    "name": "string",
    "name_fr": "string",
    "lon_deg": "Float64",
    "lat_deg": "Float64",
    "covered": "string",
    "need_covered": "Float64",
    "like_team": "string",
    "more_need": "Float64",
    "more_need_at_most": "Float64",
    "moved_team": "string",
    "moved_need": "Float64",
    "days": "Int64",
    "person_days": "Int64",
    "water_l": "Float64",
    "rations": "Int64",
    "plan_status": "string",
}


def _name_sites(found: ForwardBases) -> dict[str, Text]:
    population = found.question.layers.population
    named = zip(
        population["id"], population["name"], population["name_fr"], strict=True
    )
    return {
        key: Text(name, french if isinstance(french, str) and french.strip() else name)
        for key, name, french in named
    }


def tabulate_forward_bases(found: ForwardBases) -> pd.DataFrame:
    """Return one row a base, that which alone covers most first.

    Columns: ``rank``, ``site_id``, ``name``, ``name_fr``, ``lon_deg``, ``lat_deg``;
    ``covered`` (ids) and ``need_covered`` (persons at risk, weighted) that no standing
    base covers; ``like_team``, ``more_need`` and ``more_need_at_most`` of one more team
    like that; ``moved_team`` and ``moved_need`` of the best move instead; ``days`` it
    stands and what one more team takes in them, ``person_days``, ``water_l``,
    ``rations``; ``plan_status``, always ``draft``.

    Parameters
    ----------
    found
        The bases.
    """
    names, points = _name_sites(found), found.question.need.geometry
    rows = [
        {
            "rank": rank,
            "site_id": base.site_id,
            "name": names[base.site_id].en,
            "name_fr": names[base.site_id].fr,
            "lon_deg": points[base.site_id].x,
            "lat_deg": points[base.site_id].y,
            "covered": ", ".join(base.covered),
            "need_covered": base.need_covered,
            "like_team": base.team_id,
            "more_need": base.more_need,
            "more_need_at_most": base.at_most,
            "moved_team": base.moved_team,
            "moved_need": base.moved_need,
            "days": found.days,
            "person_days": base.person_days,
            "water_l": base.water_l,
            "rations": base.rations,
            "plan_status": "draft",
        }
        for rank, base in enumerate(found.bases, start=1)
    ]
    frame = pd.DataFrame(rows, columns=list(_TYPES), dtype=object)
    return frame.astype(dict(_TYPES))


def render_forward_bases(found: ForwardBases) -> str:
    """Render the bases as one page that opens with no network.

    Parameters
    ----------
    found
        The bases.
    """
    names = _name_sites(found)
    rows = [
        (
            base,
            names[base.site_id],
            Text(
                ", ".join(names[site].en for site in base.covered),
                ", ".join(names[site].fr for site in base.covered),
            ),
        )
        for base in found.bases
    ]
    return render_sheet(
        "forward_bases.html",
        found=found,
        scenario=found.question.scenario.name,
        rows=rows,
    )


def write_forward_bases(found: ForwardBases, folder: Path) -> dict[str, Path]:
    """Write ``forward-bases.csv`` and ``forward-bases.html``.

    Parameters
    ----------
    found
        The bases.
    folder
        Where; it is made if it is missing.

    Returns
    -------
    The path of each file by its name.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    contents = {
        "forward-bases.csv": format_csv(tabulate_forward_bases(found)),
        "forward-bases.html": render_forward_bases(found),
    }
    return write_folder(folder, contents)
