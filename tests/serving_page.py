"""A planner's page that runs in a thread, and requests to it of any kind."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from patrolplan.serving.running import Service, open_service

LONGEST_S = 120


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class Served(NamedTuple):
    service: Service
    port: int
    key: str

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        *,
        method: str | None = None,
        **headers: str,
    ) -> Answer:
        """Send just these headers: none is added but the length of the body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        verb = method or ("GET" if body is None else "POST")
        line.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": f"127.0.0.1:{self.port}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if body is not None:
            sent.setdefault("Content-Length", str(len(body)))
        for name, value in sent.items():
            line.putheader(name, value)
        line.endheaders(body)
        reply = line.getresponse()
        answer = Answer(reply.status, dict(reply.getheaders()), reply.read())
        line.close()
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask(f"{path}?key={self.key}", **headers)

    def post(self, path: str, document: Any = None, **headers: str) -> Answer:
        own = {"Content_Type": "application/json", "X_Patrolplan_Key": self.key}
        body = json.dumps({} if document is None else document).encode("utf-8")
        return self.ask(path, body, **(own | headers))

    def wait(self) -> Any:
        """Return the state once no plan is under way."""
        ends = time.monotonic() + LONGEST_S
        while time.monotonic() < ends:
            state = self.get("/state").told
            if state["phase"] != "planning":
                return state
            time.sleep(0.05)
        msg = "the plan did not end"
        raise AssertionError(msg)


@contextmanager
def serve_scenario(source: Path, target: Path) -> Iterator[Served]:
    service = open_service(source, target)
    address = urlsplit(service.address)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        assert address.port is not None
        yield Served(service, address.port, parse_qs(address.query)["key"][0])
    finally:
        service.server.should_exit = True
        thread.join(LONGEST_S)
        assert not thread.is_alive()
