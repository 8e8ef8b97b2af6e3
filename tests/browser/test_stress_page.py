"""The page of the stress test in a browser without a network."""

from __future__ import annotations

from patrolplan.planning.problem import PatrolDecision, Plan
from patrolplan.planning.schedule import build_schedule
from patrolplan.planning.stress import assess_stress
from patrolplan.planning.stress_orders import read_orders
from patrolplan.products.stress import write_stress
from patrolplan.stress_figures import StressFigures
from problems import build_hand_theatre, build_plan_file
from stress_plans import add_parts

HOSTILE = "</script><script>window.ran=1</script><img src=x onerror=window.ran=1>"


def test_the_page_is_a_draft_in_both_languages_and_inert(
    open_offline, tmp_path
) -> None:
    theatre = build_hand_theatre()
    schedule = build_schedule(
        theatre.problem, Plan((PatrolDecision("t1", 0, ("s1",)),))
    )
    plan = add_parts(build_plan_file(theatre, schedule), schedule, theatre.problem)
    sites = [plan.sites[0].model_copy(update={"name": HOSTILE})]
    plan = plan.model_copy(update={"sites": sites})
    orders = read_orders(plan, StressFigures())
    found = assess_stress(orders, draws=200)
    path = write_stress(plan, orders, found, tmp_path)["stress.html"]
    for width in (1280, 360):
        opened = open_offline(path, width, 740)
        page = opened.page
        status = page.locator(".draft")
        assert status.inner_text() == "DRAFT: not for use"
        assert HOSTILE in page.locator("main").inner_text()
        share = f"{100 * found.home.share:.1f} %"
        assert (
            f"Every patrol home in time: {share}" in page.locator("main").inner_text()
        )
        page.click("#lang")
        assert "PROJET" in status.inner_text()
        assert "rentrées à temps : " in page.locator("main").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.ran") is None
        opened.assert_quiet()
