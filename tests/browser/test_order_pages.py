"""Orders printed by a browser: A4, marked on every page, nothing off the paper."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pypdf
import pytest

from patrolplan.products.orders import build_order, find_mandate, render_order_html
from sample_plan import build_layers, build_plan

# What A4 leaves between the margins, in CSS pixels: 184 mm at 96 to the inch.
PAPER_PX = 695
WIDE = """() => {
  // Within a picture what is beyond its frame is cut off.
  const all = [...document.querySelectorAll("main *:not(svg *)")];
  const edge = document.querySelector("main").getBoundingClientRect().right + 1;
  return all.filter((e) => e.getBoundingClientRect().right > edge
    || (e instanceof HTMLElement && e.scrollWidth > e.clientWidth + 1
        && getComputedStyle(e).display !== "inline")).length;
}"""


def print_page(open_offline, path: Path, page: str) -> bytes:
    path.write_text(page, encoding="utf-8")
    opened = open_offline(path)
    opened.page.emulate_media(media="print")
    opened.page.set_viewport_size({"width": PAPER_PX, "height": 1000})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PAPER_PX
    assert opened.page.evaluate(WIDE) == 0
    printed = opened.page.pdf(prefer_css_page_size=True)
    opened.assert_quiet()
    return bytes(printed)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_orders_fit_their_a4_pages(open_offline, tmp_path, study, lang) -> None:
    plan = study.plan_file
    longest = max(plan.patrols, key=lambda patrol: len(patrol.stops))
    order = build_order(plan, longest.id, study.layers, mandate=find_mandate(plan))
    printed = print_page(
        open_offline, tmp_path / "order.html", render_order_html(order, lang)
    )
    reader = pypdf.PdfReader(io.BytesIO(printed))
    count = len(reader.pages)
    assert 4 <= count <= 12
    for number, page in enumerate(reader.pages, start=1):
        width, height = (float(side) for side in page.mediabox[2:])
        assert (width, height) == pytest.approx((595.28, 841.89), abs=1.5)
        text = " ".join(page.extract_text().split())
        for words in (
            order.marking.pick(lang),
            order.disclaimer.pick(lang),
            order.page.pick(lang).format(n=number, m=count),
        ):
            assert words in text


def test_hostile_names_stay_on_the_page_and_do_nothing(open_offline, tmp_path) -> None:
    hostile = '</style><script>alert(1)</script>"`${1}{{7*7}}\\' + "x" * 3000
    plan = build_plan(count=1, rename=lambda text: f"{text}{hostile}")
    order = build_order(plan, plan.patrols[0].id, build_layers(name=hostile))
    page = render_order_html(order, "en")
    printed = print_page(open_offline, tmp_path / "order.html", page)
    assert len(pypdf.PdfReader(io.BytesIO(printed)).pages) >= 4


def test_a_browser_without_margin_boxes_prints_the_marking_too(
    open_offline, tmp_path
) -> None:
    plan = build_plan(count=1)
    order = build_order(plan, plan.patrols[0].id)
    page = render_order_html(order, "en")
    # What such a browser does not know it passes over.
    bare = re.sub(r"@(top|bottom)-(left|right) \{[^}]*\}", "", page)
    printed = print_page(open_offline, tmp_path / "order.html", bare)
    pages = pypdf.PdfReader(io.BytesIO(printed)).pages
    for number in (0, -1):
        text = " ".join(pages[number].extract_text().split())
        assert order.marking.en in text
        assert order.status.en in text


def test_the_marking_is_printed_in_ink(open_offline, tmp_path) -> None:
    plan = build_plan(count=1)
    path = tmp_path / "order.html"
    page = render_order_html(build_order(plan, plan.patrols[0].id), "en")
    path.write_text(page, encoding="utf-8")
    opened = open_offline(path).page
    opened.emulate_media(media="print")
    # Grounds are not printed: white letters would stand on white paper.
    style = "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    for bar in opened.locator(".bar").all():
        assert bar.is_visible()
        assert bar.evaluate(style) == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"]
