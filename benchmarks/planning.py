"""How much better the solver is than simple planners, and what more search brings.

Ratios side by side in one run: the baselines plan the same problem over the same duty
clock. Run by hand: ``python benchmarks/planning.py --json out.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import patrolplan as pp
from patrolplan.shipped import list_shipped_scenarios
from patrolplan.study import build_question

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.baselines import (
    plan_nearest_neighbour,
    plan_shortest_loop,
)

FACTORS = (0, 1)
"""Multiples of a scenario's iterations that are tried."""


def measure_need(problem: pp.Problem, plan: pp.Plan) -> float:
    """Return the need met by first visits."""
    visited = {site for patrol in plan.patrols for site in patrol.site_ids}
    return sum(site.need or 0.0 for site in problem.sites if site.id in visited)


def main() -> None:
    """Run every shipped scenario and print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for file in list_shipped_scenarios():
        scenario = pp.read_scenario(file)
        problem = build_question(scenario).problem
        bound = pp.solve(problem, seed=scenario.seed).bound
        planners = {
            "nearest neighbour": plan_nearest_neighbour,
            "shortest loops": plan_shortest_loop,
        }
        for factor in FACTORS:
            rounds = factor * scenario.iterations
            planners[f"patrolplan, {rounds} rounds"] = (
                lambda p, rounds=rounds, seed=scenario.seed: (
                    pp.solve(p, seed=seed, iterations=rounds).plan
                )
            )
        for name, planner in planners.items():
            started = time.process_time()
            plan = planner(problem)
            seconds = time.process_time() - started
            need = measure_need(problem, plan)
            rows.append(
                {
                    "scenario": scenario.name,
                    "planner": name,
                    "need": need,
                    "share_of_bound": need / bound,
                    "cpu_s": seconds,
                }
            )
            print(
                f"{scenario.name:22}{name:26}{need:12,.0f}"
                f"{need / bound:8.1%}{seconds:9.2f} s"
            )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
