"""Serving the page: one socket on 127.0.0.1, until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import uvicorn

from patrolplan.serving.app import build_app
from patrolplan.serving.desk import Desk
from patrolplan.serving.levers import Original

__all__ = ["HOST", "Service", "open_service"]

HOST: Final = "127.0.0.1"
"""The only address that is ever served: there is no option for another."""
_KEY_BYTES: Final = 24


class Service(NamedTuple):
    """A server that is ready to run.

    Attributes
    ----------
    address
        What the planner opens, key and all.
    server
        Runs until it is told to exit.
    listener
        Its socket, bound already.
    desk
        What is served.
    """

    address: str
    server: uvicorn.Server
    listener: socket.socket
    desk: Desk

    def run(self, on_ready: Callable[[str], object] | None = None) -> None:
        """Serve until Ctrl-C, then give up what is under way.

        Parameters
        ----------
        on_ready
            Called once with the address: connections wait from then on.
        """
        try:
            if on_ready is not None:
                on_ready(self.address)
            self.server.run(sockets=[self.listener])
        except KeyboardInterrupt:
            # The server ended cleanly before it passed this on, or had not begun.
            pass
        finally:
            self.desk.close()
            self.listener.close()


def open_service(source: Path, target: Path, *, port: int = 0) -> Service:
    """Read a scenario, bind a port and make everything ready.

    Parameters
    ----------
    source
        The scenario's file.
    target
        The file that it is saved as.
    port
        The port; 0 takes a free one.

    Raises
    ------
    InputError
        If the scenario or a layer of it has a fault; with all of them.
    OSError
        If the port is taken.
    """
    desk = Desk(Original.read(source, target))
    listener = socket.create_server((HOST, port))
    try:
        port = listener.getsockname()[1]
        key = secrets.token_urlsafe(_KEY_BYTES)
        config = uvicorn.Config(
            build_app(desk, port=port, key=key),
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            loop="asyncio",
            http="h11",
            ws="none",
            timeout_graceful_shutdown=2,
        )
    except BaseException:
        listener.close()
        raise
    return Service(
        f"http://{HOST}:{port}/?key={key}", uvicorn.Server(config), listener, desk
    )
