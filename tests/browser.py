"""A real browser for tests: Debian's Chromium, driven by Playwright.

The fixture ``browser`` opens pages as different people have them: with or without JavaScript,
light or dark, narrow or wide. Whatever a page asks of another origin finds no server, and fails
the test at its end. (Not by intercepting requests: that would switch the browser's cache off, and
Back works by the cache.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

CHROMIUM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
AXE_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOR_RULES: Final = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
# Pixels wide. A desktop at 400% has the width of the narrowest (WCAG 2.2, 1.4.10).
NARROWEST, PHONE, DESKTOP = 320, 360, 1280
# What a reader may do to a text: WCAG 2.2, 1.4.12, and 1.4.4 as browsers for phones do it.
SPACED_OUT: Final = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }"""
TWICE_AS_LARGE: Final = "html { font-size: 200% }"
STYLED: Final = """style => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets = [sheet];
}"""
BY_DAY: Final[dict[str, Any]] = {"color_scheme": "light", "forced_colors": "none"}
LOOKS: Final[tuple[tuple[str, int, dict[str, Any]], ...]] = (
    ("desktop by day", DESKTOP, {}),
    ("phone by day", PHONE, {}),
    ("at night", PHONE, {"color_scheme": "dark"}),
    ("forced colors", PHONE, {"forced_colors": "active"}),
)


@dataclass
class Visitor:
    """Opens pages of the live server, each in a fresh profile."""

    chromium: Browser
    origin: str
    strangers: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def page(
        self,
        path: str = "",
        *,
        javascript: bool = True,
        dark: bool = False,
        width: int = 1280,
        height: int = 900,
        **options: Any,
    ) -> Page:
        """A page in a profile of its own, already at ``path`` when one is given."""
        context = self.chromium.new_context(
            base_url=self.origin,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(45_000)
        context.on("request", self._note_strangers)
        self._contexts.append(context)
        page = context.new_page()
        if path:
            page.goto(path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note_strangers(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.origin).netloc:
            self.strangers.append(request.url)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    """Playwright's loop runs in this thread from here on, in which Django sees no database
    work but asynchronous; it is not, so Django is told to trust it."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def _chromium(_playwright: Playwright) -> Iterator[Browser]:
    chromium = _playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
    yield chromium
    chromium.close()


@pytest.fixture
def browser(live_server: Any, _chromium: Browser) -> Iterator[Visitor]:
    """A visitor of the live server; fails the test that asked anything of another origin."""
    visitor = Visitor(_chromium, live_server.url)
    yield visitor
    visitor.close()
    assert not visitor.strangers, f"asked of another origin: {visitor.strangers}"


def accessibility_problems(
    page: Page, *, only_colors: bool = False, part: str | dict[str, list[str]] | None = None
) -> list[str]:
    """What axe finds by WCAG 2.2 AA, best practices and AAA contrast: one line for each rule.

    ``only_colors`` is for a page that was looked at already, in another light. ``part``: what
    of the page to look at, as axe's context says it.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if only_colors:
        options["runOnly"] = {"type": "rule", "values": COLOR_RULES}
    else:
        options["runOnly"] = {"type": "tag", "values": AXE_RULES}
        # It leaves what is below 4.5 to 1 to color-contrast, which is on by default.
        options["rules"] = {"color-contrast-enhanced": {"enabled": True}}
    if page.evaluate("typeof axe") == "undefined":  # half a megabyte: once a document
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(  # until its font is there, a sign is a faint word to axe
        """([part, options]) => document.fonts.ready
            .then(() => axe.run(part ?? document, options)).then(found => found.violations)""",
        [part, options],
    )
    return [
        f"{found['id']}: {found['help']}: {[node['target'] for node in found['nodes']]}"
        for found in violations
    ]


def barriers(page: Page) -> dict[str, list[str]]:
    """What axe finds in a page, and whether it is wider than its window; empty when nothing.

    Everything on a phone and on a desktop by day; the colors at night and in the reader's own
    (forced) colors, which no width changes.
    """
    found = {}
    for look, width, media in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(**{**BY_DAY, **media})
        found[look] = accessibility_problems(page, only_colors=bool(media))
        found[look] += misfits(page)
    found["narrowest"] = misfits_when_narrow(page)
    return {look: problems for look, problems in found.items() if problems}


def misfits_when_narrow(page: Page) -> list[str]:
    """:func:`misfits` in the narrowest window, also with letters spaced out and twice as large."""
    page.set_viewport_size({"width": NARROWEST, "height": 256})  # 1280 by 1024 at 400%
    found = misfits(page)
    for style in (SPACED_OUT, TWICE_AS_LARGE):
        page.evaluate(STYLED, style)
        found += misfits(page)
    page.evaluate(STYLED, "")
    return found


def misfits(page: Page) -> list[str]:
    """What does not fit into the window as wide as it is: a line for each; empty when all does."""
    return overflow(page) + collisions(page)


def overflow(page: Page) -> list[str]:
    """By how much the page is wider than its window, and what reaches out farthest."""
    return list(
        page.evaluate(
            """() => {
                const wide = document.documentElement.scrollWidth - window.innerWidth;
                if (wide <= 0) return [];
                const right = element => element.getBoundingClientRect().right;
                const all = [...document.querySelectorAll("body *")];
                const farthest = all.reduce((a, b) => right(b) > right(a) ? b : a);
                return [`${wide} pixels wider: ${farthest.outerHTML.slice(0, 200)}`];
            }"""
        )
    )


def collisions(page: Page) -> list[str]:
    """Words that are written over other words. What stays in place while the rest scrolls
    below it does not count, nor what only a screen reader finds."""
    return list(
        page.evaluate(
            """() => {
                const isApart = element => {
                    for (let one = element; one; one = one.parentElement) {
                        const style = getComputedStyle(one);
                        if (["fixed", "sticky"].includes(style.position)) return true;
                        const isCut = style.clipPath !== "none" || style.clip !== "auto";
                        if (style.position === "absolute" && isCut) return true;
                    }
                    return !element.checkVisibility({ visibilityProperty: true });
                };
                const words = [];
                const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                while (walk.nextNode()) {
                    const text = walk.currentNode;
                    if (!text.data.trim() || isApart(text.parentElement)) continue;
                    const range = document.createRange();
                    range.selectNodeContents(text);
                    for (const box of range.getClientRects()) {
                        const air = box.height / 5;  // above and below the letters
                        words.push({ text, left: box.left, right: box.right,
                                     top: box.top + air, bottom: box.bottom - air });
                    }
                }
                const found = [];
                words.forEach((one, index) => {
                    for (const other of words.slice(index + 1)) {
                        if (one.text === other.text) continue;
                        const wide = Math.min(one.right, other.right)
                            - Math.max(one.left, other.left);
                        const high = Math.min(one.bottom, other.bottom)
                            - Math.max(one.top, other.top);
                        if (wide > 2 && high > 2) {
                            found.push(`"${one.text.data.trim()}" and "${other.text.data.trim()}"`
                                + " are written over each other");
                        }
                    }
                });
                return found.slice(0, 5);
            }"""
        )
    )


def is_in_view(page: Page, selector: str) -> bool:
    """Whether the whole element lies inside the window and nothing covers its middle."""
    return bool(
        page.evaluate(
            """selector => {
                const element = document.querySelector(selector);
                const box = element.getBoundingClientRect();
                const middle = document.elementFromPoint(
                    box.x + Math.min(box.width, 20) / 2, box.y + box.height / 2);
                return box.top >= 0 && box.bottom <= window.innerHeight
                    && (element.contains(middle) || middle.contains(element));
            }""",
            selector,
        )
    )
