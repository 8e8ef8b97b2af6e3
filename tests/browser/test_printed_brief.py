"""The commander's brief printed: one sheet of A4, whatever the plan and language."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from patrolplan.products.commander_brief import render_briefs
from sample_plan import build_plan

LONG = "Very long name of a place that nobody would ever write on a sign " * 4


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("long", [False, True])
def test_it_prints_on_one_sheet(open_offline, tmp_path, lang, long) -> None:
    plan = build_plan(count=9, rename=lambda name: f"{name} {LONG}" if long else name)
    if long:
        plan = plan.model_copy(update={"patrols": plan.patrols * 2})
    path = tmp_path / "brief.html"
    path.write_text(render_briefs(plan)[f"brief.{lang}.html"], encoding="utf-8")
    opened = open_offline(path, 760, 1100)
    printed = PdfReader(io.BytesIO(opened.page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    width_mm, height_mm = (
        float(side) * 25.4 / 72
        for side in (printed.pages[0].mediabox.width, printed.pages[0].mediabox.height)
    )
    assert (round(width_mm), round(height_mm)) == (210, 297)
    text = printed.pages[0].extract_text()
    assert text.count("CONFIDENTIAL" if lang == "en" else "CONFIDENTIEL") == 2
    opened.assert_quiet()
