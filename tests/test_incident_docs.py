"""The page on incidents: its examples run, and its tables name every figure."""

from __future__ import annotations

import re

import pytest

from incident_files import REPO, write_csv
from patrolplan.histories import (
    DisplacementFigures,
    HotspotFigures,
    IncidentFigures,
    VisitFigures,
)
from patrolplan.planfile import format_plan
from patrolplan.shipped import find_shipped
from sample_plan import build_plan

PAGE = REPO / "docs" / "incidents.md"
SECTIONS = {
    "incidents": IncidentFigures,
    "hotspots": HotspotFigures,
    "displacement": DisplacementFigures,
    "visits": VisitFigures,
}


def test_the_examples_run(tmp_path, monkeypatch) -> None:
    write_csv(
        tmp_path / "incidents.csv",
        [["lat", "lon", "date"], ["16.3", "0", "2014-10-20"]],
    )
    write_csv(tmp_path / "visits.csv", [["site", "date"], ["Gao", "2014-10-20"]])
    earlier = tmp_path / "out" / "october" / "plan.json"
    earlier.parent.mkdir(parents=True)
    earlier.write_text(format_plan(build_plan(count=1)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert len(blocks) == 2
    shipped = find_shipped().as_posix()
    names: dict = {}
    for block in blocks:
        code = block.replace('"scenarios/', f'"{shipped}/scenarios/')
        exec(compile(code, str(PAGE), "exec"), names)
    threat = names["threat"].set_index("site_id")["threat"]
    assert threat["gao"] > threat["taoudenni"] == 1
    assert "gao" not in set(names["pp"].list_overdue(names["memory"])["site_id"])


@pytest.mark.parametrize("section", SECTIONS)
def test_the_tables_name_every_figure_with_its_default(section) -> None:
    text = PAGE.read_text("utf-8")
    table = text.split(f"| `[{section}]` |")[1].split("\n\n")[0]
    for name, field in SECTIONS[section].model_fields.items():
        assert f"`{name}`" in table
        assert field.json_schema_extra["source"]
        if isinstance(field.default, int | float):
            row = next(line for line in table.splitlines() if f"`{name}`" in line)
            is_switch = isinstance(field.default, bool)
            shown = f"{field.default}".lower() if is_switch else f"{field.default:g}"
            assert shown in row
