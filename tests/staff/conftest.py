"""The browser for the staff's pages, and an ear for everything the content policy stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

PATIENCE = 30_000  # milliseconds; signing in hashes and writes, and machines are busy
Listen = Callable[[Page], Page]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Give it each page; the test fails at its end when the policy stopped anything there."""
    stopped: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            stopped.append(message.text)

    def attach(page: Page) -> Page:
        page.set_default_timeout(PATIENCE)
        page.on("console", note)
        page.on("pageerror", lambda error: stopped.append(f"script failed: {error}"))
        return page

    expect.set_options(timeout=PATIENCE)
    yield attach
    expect.set_options(timeout=5_000)
    assert not stopped, stopped
