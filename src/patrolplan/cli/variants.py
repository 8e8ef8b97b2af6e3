"""What ``plan`` says of all that lies beside a plan: prices, a lot, alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.speaking import add_cells, print_table, say

if TYPE_CHECKING:
    from rich.table import Table

    from patrolplan.batch import Outcome
    from patrolplan.planfile.mixture import CurveEntry

__all__ = [
    "Alternatives",
    "Curve",
    "Prices",
    "Vary",
    "describe_variants",
    "print_variants",
]

# The rest of a price list is in its table.
_MOST_PRICES = 12

Prices = Annotated[
    bool,
    typer.Option("--prices", help="Price one more day, team, range, adviser."),
]
Vary = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Draw the plan by lot of a mix that keeps this share of the best need; "
        "with --seed the same again.",
        min=0.0,
        max=1.0,
    ),
]
Curve = Annotated[
    bool,
    typer.Option(
        "--curve",
        help="With --vary: tell the worst case at other shares of the best need too.",
    ),
]
Alternatives = Annotated[
    int,
    typer.Option(metavar="K", help="Write K good plans that differ.", min=0, max=20),
]


def describe_variants(outcome: Outcome) -> Mapping[str, Any]:
    """Return what lies beside a plan for ``--json``: only what was asked for.

    Parameters
    ----------
    outcome
        What became of a scenario.
    """
    told: dict[str, Any] = {}
    if outcome.prices:
        told["prices"] = [
            {
                "change": price.change.model_dump(mode="json"),
                "more_need": price.more_need,
                "at_most_need": price.at_most,
                "site_ids": list(price.site_ids),
            }
            for price in outcome.prices
        ]
    if outcome.mix is not None:
        told["mix"] = outcome.mix.model_dump(
            mode="json", exclude={"format", "plans", "coverage"}
        ) | {"plans": len(outcome.mix.plans)}
    if outcome.alternatives:
        told["alternatives"] = [
            {"need": a.need, "lost_share": a.lost_share, "shared": a.shared}
            for a in outcome.alternatives
        ]
    return told


def print_variants(outcome: Outcome, lang: str) -> None:
    """Print what lies beside a plan, as far as it was asked for.

    Parameters
    ----------
    outcome
        What became of a scenario.
    lang
        Language of the changes.
    """
    if outcome.prices:
        print_table(_tabulate_prices(outcome, lang))
    if outcome.alternatives:
        print_table(_tabulate_alternatives(outcome))
    mix = outcome.mix
    if mix is not None:
        kept = mix.expected_need / mix.fixed_need if mix.fixed_need > 0 else 1.0
        say(
            f"Drawn by lot of {len(mix.plans)} plans: they meet {kept:.1%} of the best "
            f"plan's need in the mean; at no site is more than "
            f"{mix.worst_case_loss:,.0f} left unmet, {mix.fixed_loss:,.0f} by the best "
            "plan alone"
        )
        if mix.curve:
            print_table(_tabulate_curve(mix.curve))


def _build_table(first: str, *headings: str) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(first)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _tabulate_prices(outcome: Outcome, lang: str) -> Table:
    from patrolplan.products.rows import PlaceNames
    from patrolplan.products.sentences import render_code

    assert outcome.plan is not None
    names = PlaceNames(outcome.plan)
    table = _build_table("one more of", "need met besides", "at most")
    for price in outcome.prices[:_MOST_PRICES]:
        change = price.change
        said = render_code(change.code, change.values, lang, kind="change", names=names)
        add_cells(table, said, f"{price.more_need:,.0f}", f"{price.at_most:,.0f}")
    return table


def _tabulate_curve(curve: Sequence[CurveEntry]) -> Table:
    table = _build_table("share kept at least", "need met", "lost at worst", "plans")
    for point in curve:
        add_cells(
            table,
            f"{point.value_share:.1%}",
            f"{point.expected_need:,.0f}",
            f"{point.worst_case_loss:,.0f}",
            f"{point.plans}",
        )
    return table


def _tabulate_alternatives(outcome: Outcome) -> Table:
    table = _build_table("alternative", "need met", "lost", "shared")
    for number, found in enumerate(outcome.alternatives, start=1):
        add_cells(
            table,
            f"alternatives/plan-{number}.json",
            f"{found.need:,.0f}",
            f"{found.lost_share:.1%}",
            f"{found.shared:.0%}",
        )
    return table
