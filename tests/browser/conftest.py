"""A browser without a network, which remembers what a page asked for and said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

SETTLED_MS = 700
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class OfflinePage:
    """An open page with everything it did that an offline page should not do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        assert self.requests == []
        assert self.console_errors == []
        assert self.page_errors == []
        assert self.dialogs == []


OpenOffline = Callable[..., OfflinePage]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = [
            os.environ.get("PATROLPLAN_CHROMIUM"),
            *(shutil.which(name) for name in NAMES),
            playwright.chromium.executable_path,
        ]
        chromium = next((path for path in found if path and Path(path).is_file()), None)
        if chromium is None:
            pytest.fail("no Chromium: run `make test`, or set PATROLPLAN_CHROMIUM")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_offline(browser: Browser) -> Iterator[OpenOffline]:
    contexts = []

    def open_page(path: Path, width: int = 1280, height: int = 900) -> OfflinePage:
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": height}
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        address = path.resolve().as_uri()
        opened = OfflinePage(page)

        def note_request(request: Request) -> None:
            if request.url.split("#")[0] == address:
                return
            if not request.url.startswith(("data:", "blob:")):
                opened.requests.append(request.url)

        page.on("request", note_request)
        page.on(
            "console",
            lambda message: (
                opened.console_errors.append(message.text)
                if message.type == "error"
                else None
            ),
        )
        page.on("pageerror", lambda error: opened.page_errors.append(str(error)))

        def dismiss(dialog: object) -> None:
            opened.dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        page.goto(address, wait_until="load")
        # Leaflet ends its first view with a timer of 250 ms, which undoes a click made
        # before it: no person is that quick.
        page.wait_for_timeout(SETTLED_MS)
        return opened

    yield open_page
    for context in contexts:
        context.close()
