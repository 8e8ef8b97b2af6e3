"""Who may ask: this machine's planner, from the page itself, and nobody else.

Any page that a browser has open can send requests to 127.0.0.1, under another host's
name too, and so can any other user of the machine. So the server asks for its own name
as host, for a key that only its printed address bears, and of whatever changes
something that it comes from its own page.
"""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["KEY_HEADER", "MAX_BODY_BYTES", "Guard"]

KEY_HEADER: Final = "x-patrolplan-key"
"""Header that bears the key where something is changed."""
MAX_BODY_BYTES: Final = 262_144
"""Longest body of a request: a hundred times what the page sends (choice)."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    # Beside the policy in each page, which lets only its own scripts run.
    "Content-Security-Policy": "frame-ancestors 'none'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; connect-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses a request before the application sees it, and hardens each answer.

    Parameters
    ----------
    app
        The application.
    port
        The port that it is served at.
    key
        What its address bears.
    """

    def __init__(self, app: ASGIApp, *, port: int, key: str) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._key = key.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(k.lower().encode(), v.encode()) for k, v in _HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        request = Request(scope, receive)
        refusal = self._find_refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send_hardened)
            return
        body = await _read_body(request)
        if body is None:
            await _refuse(413, "too long")(scope, receive, send_hardened)
            return

        async def receive_read() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_read, send_hardened)

    def _find_refusal(self, request: Request) -> Response | None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _refuse(421, "not this host")
        if request.method not in ("GET", "POST"):
            return _refuse(405, "GET or POST")
        site = request.headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none"):
            return _refuse(403, "not from another site")
        origins = request.headers.getlist("origin")
        if any(origin != f"http://{hosts[0].lower()}" for origin in origins):
            return _refuse(403, "not from another origin")
        if request.method == "POST":
            given = request.headers.getlist(KEY_HEADER)
            kind = request.headers.get("content-type", "")
            if kind.partition(";")[0].strip().lower() != "application/json":
                return _refuse(415, "application/json")
        else:
            query = request.scope["query_string"].decode("latin-1")
            given = parse_qs(query).get("key", [])
        if len(given) != 1 or not secrets.compare_digest(
            given[0].encode("utf-8", "replace"), self._key
        ):
            return _refuse(403, "open the address that patrolplan serve printed")
        return None


def _refuse(status: int, words: str) -> Response:
    return PlainTextResponse(words, status_code=status)


async def _read_body(request: Request) -> bytes | None:
    """Return the body, or None where it is longer than any that the page sends."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return None
    return body
