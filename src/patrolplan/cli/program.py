"""The parts that all verbs share: the program itself, options, exit codes."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patrolplan.cli.speaking import say

if TYPE_CHECKING:
    from patrolplan.planfile import Assessment, PlanFile

__all__ = [
    "BROKEN",
    "DONE",
    "INTERRUPTED",
    "WRONG_INPUT",
    "AsJson",
    "Closed",
    "Lang",
    "Langs",
    "Language",
    "Out",
    "Quiet",
    "Rounds",
    "Seed",
    "app",
    "check_closures",
    "print_json",
    "print_status",
    "print_violations",
    "read_languages",
]

DONE, BROKEN, WRONG_INPUT = 0, 1, 2
# As a shell has it: 128 and the number of the signal.
INTERRUPTED = 130

app = typer.Typer(
    name="patrolplan",
    help="Long-range patrol plans that protect civilians, as offline maps.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Language(StrEnum):
    """The languages of the products."""

    EN = "en"
    FR = "fr"


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print faults only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of messages.")]
Langs = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="en,fr",
        help="Languages of orders, with a comma between; messages are in the first.",
    ),
]
Seed = Annotated[int | None, typer.Option(help="Seed of the solver.")]
Rounds = Annotated[
    int | None, typer.Option("--iterations", help="Rounds of each search.", min=0)
]
Closed = Annotated[
    list[str] | None,
    typer.Option("--close", metavar="LINE[@FROM..TO]", help="Close a line."),
]


def print_json(document: Any) -> None:
    """Print one JSON object on standard output."""
    # ASCII: no control code reaches a terminal, and it stays JSON on one that knows
    # no accents, where what it lacks would be escaped in another way.
    print(json.dumps(document, allow_nan=False))


def read_languages(text: str) -> tuple[Language, ...]:
    """Return the languages of a command, in the order given, each once.

    Raises
    ------
    typer.BadParameter
        If one is not known, or none is given.
    """
    words = dict.fromkeys(word.strip().lower() for word in text.split(","))
    try:
        return tuple(Language(word) for word in words)
    except ValueError as error:
        msg = f"{text!r} should be some of {', '.join(Language)}, with commas between"
        raise typer.BadParameter(msg, param_hint="--lang") from error


def check_closures(closures: list[str] | None) -> tuple[str, ...]:
    """Return the closures of a command, each checked.

    Raises
    ------
    typer.BadParameter
        If one cannot be read.
    """
    from patrolplan.scenario import read_closure

    for text in closures or ():
        try:
            read_closure(text)
        except ValueError as error:
            msg = f"{text!r} {error}"
            raise typer.BadParameter(msg, param_hint="--close") from error
    return tuple(closures or ())


def print_status(name: str, plan: PlanFile, lang: Language) -> None:
    """Print whether a plan is a draft, and for a draft which gates leave it one."""
    from patrolplan.products.gates import digest_gates, find_shown_status
    from patrolplan.products.rows import word_status

    words = word_status(find_shown_status(plan)).pick(lang.value)
    standing = [row for row in digest_gates(plan) if not row.clears]
    told = "; ".join(
        f"{row.name.pick(lang.value)} ({row.told.pick(lang.value)})" for row in standing
    )
    say(f"{name}: {words}{': ' * bool(told)}{told}")


def print_violations(plan: PlanFile, found: Assessment, lang: Language) -> None:
    """Print each broken rule on a line: its name, then the sentence."""
    from patrolplan.products.rows import PlaceNames
    from patrolplan.products.sentences import render_violation

    names = PlaceNames(plan)
    for broken in found.violations:
        sentence = render_violation(
            broken.rule,
            lang.value,
            patrol_id=broken.patrol_id,
            where=broken.where,
            found=broken.found,
            limit=broken.limit,
            names=names,
        )
        say(f"{broken.rule}: {sentence}")
