"""Generate the page of data sources from the table that products print from."""

from __future__ import annotations

import tomllib
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from tabling import escape_cell, format_table

from patrolplan.scenario import ELEVATION_FILE, LAYER_FILES, MANDATE_FILE, SOURCES_FILE

GEO = Path(__file__).resolve().parents[2] / "data" / "geo"
PAGE = "data-sources.md"

INTRODUCTION = """\
# Data sources

The built-in theatre is northern Mali as it was in 2014. It is made of open data and of
public pages, merged by one script (`data/geo/rebuild.py`) that gives the same bytes each
time. `data/geo/README.md` says which package each source came in, its version, and what
every column means in which unit. This table is generated from `data/geo/sources.toml`,
which maps and packs print from too; `patrolplan info` shows it on the command line.

!!! warning "Illustrative"
    The zones of civilian risk, and the layers said to be illustrative below, were made
    up from published accounts to show the tool at work. They are no assessment. Bring
    your own before any use in earnest.

Lines of communication are schematic: their lengths are planning figures with their
source, and the drawing is not for navigation. An empty cell means *unknown*, never zero.
"""

CLOSING = """
Single rows say more: tables kept by hand bear a `source` and a `confidence` (high, medium,
low or choice) in each row.

## What must be said when data are passed on

- Place names and positions: GeoNames (CC BY 4.0); SimpleMaps World Cities Database (CC BY
  4.0), which asks for a link to simplemaps by name.
- Comparison lengths and trunk topology: © OpenStreetMap contributors, ODbL 1.0, with the
  notice `lines/ODBL-NOTICE.md`.
- Made with Natural Earth. Airfields: OurAirports. Elevation: GMTED2010 (USGS and NGA).

Maps and packs carry these lines by themselves. Borders and names imply no opinion on the
status of any place.
"""


def write_page() -> str:
    """Return the page as Markdown."""
    sources = tomllib.loads((GEO / SOURCES_FILE).read_text(encoding="utf-8"))
    paths = LAYER_FILES | {"mandate": MANDATE_FILE, "elevation": ELEVATION_FILE}
    rows = [
        [
            f"`{layer}`",
            f"`{paths[layer]}`",
            escape_cell(row["source"]),
            escape_cell(row["licence"]),
            escape_cell(row["date"]),
        ]
        for layer, row in sources.items()
    ]
    table = format_table(["layer", "file", "source", "licence", "date"], rows)
    return f"{INTRODUCTION}\n{table}{CLOSING}"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to the site."""
    files.append(File.generated(config, PAGE, content=write_page()))
    return files
