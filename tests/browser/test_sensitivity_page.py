"""The page of what changes a plan in a browser without a network."""

from __future__ import annotations

from patrolplan.figure_changes import Figure
from patrolplan.products.sensitivity import write_sensitivity
from patrolplan.sensitivity import Sensitivity, Variant

HOSTILE = "</script><script>window.ran=1</script><img src=x onerror=window.ran=1>"


def test_the_page_is_a_draft_in_both_languages_and_inert(
    open_offline, tmp_path
) -> None:
    figure = Figure("teams.max_days", HOSTILE, 5, 7)
    found = Sensitivity(
        name=HOSTILE,
        change=0.2,
        need=1000.0,
        gap=0.0,
        site_ids=("a",),
        variants=(
            Variant(figure, -1, 4, 6, "changed", ("a",), ("b",), 900.0, 0.0),
            Variant(figure, 1, state="refused", reason=HOSTILE),
        ),
        names={"a": (HOSTILE, "Tombouctou")},
    )
    path = write_sensitivity(found, tmp_path)["sensitivity.html"]
    for width in (1280, 360):
        opened = open_offline(path, width, 740)
        page = opened.page
        status = page.locator(".draft")
        assert status.inner_text() == "DRAFT: not for use"
        assert HOSTILE in page.locator("td.s").first.inner_text()
        page.click("#lang")
        assert "PROJET" in status.inner_text()
        box = status.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.locator("td.s").first.inner_text() == "Tombouctou"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.emulate_media(media="print")
        assert status.is_visible()
        assert page.evaluate("window.ran") is None
        opened.assert_quiet()
