"""Running the command line: verbs are joined to it, errors become exit codes."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from patrolplan._version import __version__
from patrolplan.cli import (
    about,
    balance,
    bases,
    batching,
    campaigning,
    casualty,
    comparing,
    criticality,
    exporting,
    learn,
    matrix,
    orders,
    planning,
    release,
    replanning,
    risk,
    routing,
    sensitivity,
    serving,
    stress,
    tradeoff,
)
from patrolplan.cli.program import BROKEN, DONE, WRONG_INPUT, app
from patrolplan.cli.speaking import say, warn
from patrolplan.errors import InputError, PatrolplanError

__all__ = ["main"]

VERBS: tuple[Callable[..., int | None], ...] = (
    about.new,
    about.check,
    planning.plan,
    batching.batch,
    campaigning.campaign,
    planning.assess,
    replanning.replan,
    routing.route,
    matrix.matrix,
    planning.map_,
    orders.order,
    release.release,
    exporting.export,
    risk.risk,
    casualty.casualty,
    criticality.critical,
    balance.balance,
    comparing.compare,
    sensitivity.sensitivity,
    stress.stress,
    learn.learn,
    bases.bases,
    tradeoff.tradeoff,
    serving.serve,
    about.schema,
    about.info,
)


def _exit_with_result(verb: Callable[..., int | None]) -> Callable[..., None]:
    """Make the number that a verb returns the exit code of the program."""

    @functools.wraps(verb)
    def run(**options: Any) -> None:
        raise typer.Exit(verb(**options) or DONE)

    return run


for _verb in VERBS:
    app.command(name=_verb.__name__.rstrip("_"))(_exit_with_result(_verb))


@app.callback(invoke_without_command=True)
def _greet(
    version: Annotated[bool, typer.Option("--version", help="Print it.")] = False,
) -> None:
    if version:
        say(f"patrolplan {__version__}")
        raise typer.Exit


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv
        Arguments without the program's name; those of the process if None.

    Returns
    -------
    0 done; 1 a plan breaks a rule or something failed; 2 the input is wrong.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no accents must not end a plan.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(args=argv, prog_name="patrolplan")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else DONE
    except InputError as error:
        for fault in error.faults:
            warn(fault)
        return WRONG_INPUT
    except PatrolplanError as error:
        _print_fault(f"{error}")
        return WRONG_INPUT
    except OSError as error:
        _print_fault(f"{error.strerror}: {error.filename}")
        return BROKEN
    except Exception as error:
        # A fault of ours: no traceback reaches a user, but one can be asked for.
        if os.environ.get("PATROLPLAN_TRACEBACK"):
            raise
        _print_fault(
            f"internal fault, {type(error).__name__}: {error}; "
            "set PATROLPLAN_TRACEBACK=1 to see where"
        )
        return BROKEN
    return DONE


def _print_fault(text: str) -> None:
    """Print one line: the name of a file must not be able to make two of it."""
    warn(f"patrolplan: {text}")
