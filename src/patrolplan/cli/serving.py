"""The verb that opens the planner's page on this machine: serve."""

from __future__ import annotations

import errno
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from patrolplan.cli.planning import compile_once
from patrolplan.cli.program import WRONG_INPUT, Quiet
from patrolplan.cli.speaking import say, warn

__all__ = ["serve"]

_EXTRA = ("fastapi", "tomlkit", "uvicorn")


def serve(
    scenario_file: Annotated[
        Path | None,
        typer.Argument(metavar="[SCENARIO]", help="By default the built-in one."),
    ] = None,
    save: Annotated[
        Path, typer.Option("--save", help="New file that the page saves to.")
    ] = Path("scenario.toml"),
    port: Annotated[
        int,
        typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535),
    ] = 0,
    open_: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
    quiet: Quiet = False,
) -> int | None:
    """Open a page on this machine to move levers, plan again and compare.

    Serves 127.0.0.1 alone, until Ctrl-C. Writes nothing but the scenario that is saved.
    """
    if missing := [name for name in _EXTRA if find_spec(name) is None]:
        warn(
            f"patrolplan: serve needs {', '.join(missing)}; "
            "install it with: pip install 'patrolplan[serve]'"
        )
        return WRONG_INPUT
    if save.exists() or save.is_symlink():
        msg = f"{save.name} is there already: name a new file"
        raise typer.BadParameter(msg, param_hint="--save")
    if not save.parent.is_dir():
        msg = f"there is no folder {save.parent}"
        raise typer.BadParameter(msg, param_hint="--save")
    from patrolplan.products.files import hold_inside, refuse_handed_on
    from patrolplan.serving.running import open_service
    from patrolplan.shipped import find_main_scenario

    refuse_handed_on(save.parent)
    hold_inside(save.parent, save.name)
    compile_once(quiet=quiet)
    try:
        service = open_service(scenario_file or find_main_scenario(), save, port=port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        msg = f"{port} is taken: choose another, or leave it out"
        raise typer.BadParameter(msg, param_hint="--port") from error

    def greet(address: str) -> None:
        say(address)
        if not quiet:
            warn("CONFIDENTIAL: the address is a key to the plan. Ctrl-C ends.")
        if open_:
            typer.launch(address)

    service.run(greet)
    return None
