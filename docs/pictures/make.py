"""Make the pictures of the handbooks anew: ``make pictures``, or one of them by its name.

A clinic with the seed content is started in a folder of its own, its people do what the handbook
tells, and a browser takes the picture. One function draws one picture, under the function's own
name with hyphens; those of one handbook build on each other, in the order in which they stand.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser import ARGUMENTS, CHROMIUM

HERE: Final = Path(__file__).parent
HOUSE: Final = HERE.parent.parent
PASSWORD: Final = "a-password-for-the-pictures"
PEOPLE: Final = {"erin": "editor", "dana": "reviewer", "cora": "coordinator", "sue": "supervisor"}
DESK_WIDTH: Final = 1280  # the desk has more columns
WIDTH: Final = 1000  # pixels of the window; a picture is as wide or narrower
COST: Final = "What does it cost, and does insurance pay?"
TRIAL: Final = "47 in 100 responded on ketamine, 33 in 100 on a comparison drug"
NOTICE: Final = "How current this is"
NEW_HEADING: Final = "How current this site is"
COLORS: Final = 96  # enough for text and flat areas; a picture then weighs 20 to 60 kB


@dataclass
class Clinic:
    """The running program, and a signed-in window for each of its people."""

    browser: Browser
    origin: str
    environment: dict[str, str]
    _windows: dict[tuple[str, int], Page] = field(default_factory=dict)

    def window(self, name: str, *, width: int = WIDTH) -> Page:
        """The window of ``name``, signed in by the form; the same one when asked again."""
        if (name, width) not in self._windows:
            context = self.browser.new_context(
                base_url=self.origin,
                viewport={"width": width, "height": 800},
                color_scheme="light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto("/sign-in/")
            page.get_by_role("textbox", name="Name").fill(name)
            page.get_by_role("textbox", name="Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(lambda address: "/sign-in/" not in address)
            self._windows[name, width] = page
        return self._windows[name, width]

    def manage(self, *command: str, typed: str = "") -> None:
        """Run ``manage.py`` in this clinic, with ``typed`` on its standard input."""
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=HOUSE, env=self.environment, input=typed, text=True, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip


Picture = Callable[[Clinic], Page | Locator]
PICTURES: Final[dict[str, Picture]] = {}


def picture(draw: Picture) -> Picture:
    """Register a function that leads to what is to be seen and returns the page or a part of it."""
    PICTURES[draw.__name__.replace("_", "-")] = draw
    return draw


def add_words(page: Page, words: str) -> None:
    """Write at the end of the first rich text of the form that is open."""
    editor = page.locator(".prose-editor .ProseMirror[contenteditable=true]").first
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def open_row(page: Page, kind: str, title: str) -> None:
    """From the front page to the form of one row, as the handbook says: by its kind, then its title."""
    page.goto("/admin/")
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_role("link", name=title, exact=True).click()


def tick(page: Page, title: str) -> None:
    page.get_by_role("link", name="Not live yet", exact=True).click()
    page.get_by_role("checkbox", name=title).check()


@picture
def editing_form(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    open_row(page, "Questions", COST)
    add_words(page, " Ask us what is included.")
    page.get_by_role("button", name="Save and stay here").first.click()
    page.get_by_text("On the site: Changed").wait_for()
    return page


@picture
def editing_changes(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    open_row(page, "Outcome figures", TRIAL)
    add_words(page, " On the comparison drug it was 33 in 100.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    tick(page, COST)
    return page


@picture
def editing_proposal(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    page.get_by_role("button", name="Publish what is ticked").click()
    tick(page, TRIAL)
    page.get_by_label("Note").fill("Whom the trial was about")
    page.get_by_role("button", name="Ask a second person").click()
    page = clinic.window("dana")
    page.goto("/admin/")
    page.get_by_role("link", name="Whom the trial was about").first.click()
    return page


@picture
def editing_schedule(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    open_row(page, "Notices", NOTICE)
    page.get_by_label("Heading").fill(NEW_HEADING)
    page.get_by_role("button", name="Save", exact=True).first.click()
    tick(page, NEW_HEADING)
    page.get_by_label("When").fill(f"{dt.date.today() + dt.timedelta(days=9)}T09:00")
    return page.locator("fieldset", has_text="With what is ticked")


@picture
def editing_calendar(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    page.get_by_role("button", name="Publish what is ticked").click()
    page.get_by_role("link", name="Calendar", exact=True).click()
    return page.locator("#content-main")


@picture
def editing_preview(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    page.goto("/admin/")
    page.get_by_role("link", name="Preview what is saved").click()
    page.get_by_role("link", name="Phone, tablet, desktop").click()
    page.frame_locator("iframe").get_by_role("heading", level=1).wait_for()
    return page


@picture
def editing_merge(clinic: Clinic) -> Page | Locator:
    first, second = clinic.window("erin"), clinic.window("dana")
    for page, words in ((first, " No answer is too long."), (second, " We answer in writing.")):
        open_row(page, "Questions", COST)
        add_words(page, words)
    for page in (first, second):
        page.get_by_role("button", name="Save", exact=True).first.click()
    return second.locator(".clashes")


@picture
def editing_history(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    open_row(page, "Questions", COST)
    page.get_by_role("link", name="History").click()
    return page


@picture
def editing_undo(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    page.goto("/admin/")
    page.get_by_role("link", name="Undo it").click()
    return page.locator("main")


@picture
def editing_front(clinic: Clinic) -> Page | Locator:
    page = clinic.window("erin")
    page.goto("/admin/")
    return page


@picture
def desk_queue(clinic: Clinic) -> Page | Locator:
    """Between 8 and 18 of the clinic's day, or nobody can be called."""
    clinic.manage("demo_queue", "60")
    page = clinic.window("cora", width=DESK_WIDTH)
    page.goto("/desk/")
    return page


@picture
def desk_covered(clinic: Clinic) -> Page | Locator:
    page = clinic.window("cora", width=DESK_WIDTH)
    while not page.locator(".voicemail").count():  # an ordinary one, with a number to cover
        page.goto("/desk/")
        page.get_by_role("button", name="Next call").click()
        page.get_by_role("heading", name="How did it go?").wait_for()
    return page


@picture
def desk_sheet(clinic: Clinic) -> Page | Locator:
    page = clinic.window("cora", width=DESK_WIDTH)
    page.get_by_role("button", name="Reveal").click()
    page.locator("[data-key=c]").wait_for()
    return page


@picture
def desk_again(clinic: Clinic) -> Page | Locator:
    page = clinic.window("cora", width=DESK_WIDTH)
    return page.locator(".call-record section").nth(1)


@picture
def desk_recorded(clinic: Clinic) -> Page | Locator:
    page = clinic.window("cora", width=DESK_WIDTH)
    page.get_by_role("button", name="No answer").click()
    page.get_by_role("button", name="Take it back").wait_for()
    return page.locator("#desk-news")


@picture
def desk_phone(clinic: Clinic) -> Page | Locator:
    page = clinic.window("cora", width=360)
    page.goto("/desk/")
    return page


@picture
def desk_numbers(clinic: Clinic) -> Page | Locator:
    page = clinic.window("sue", width=DESK_WIDTH)
    page.goto("/desk/numbers/")
    return page


@picture
def desk_preview(clinic: Clinic) -> Page | Locator:
    page = clinic.window("sue", width=DESK_WIDTH)
    page.goto("/desk/hours/")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    page.locator("[name=closure-starts_on]").fill(f"{tomorrow}")
    page.locator("[name=closure-ends_on]").fill(f"{tomorrow + timedelta(days=6)}")
    page.locator("[name=closure-reason]").fill("Move to another building")
    page.get_by_role("button", name="Add closure").click()
    page.get_by_role("heading", name="What would change").wait_for()
    return page


@picture
def desk_record(clinic: Clinic) -> Page | Locator:
    page = clinic.window("sue", width=DESK_WIDTH)
    page.goto("/desk/record/?who=&what=&reference=&since=&until=")
    return page


def main(names: list[str]) -> int:
    """Draw the named pictures, or all. The handbook's earlier steps are walked in any case."""
    unknown = set(names) - set(PICTURES)
    if unknown:
        print(f"No such picture: {', '.join(sorted(unknown))}. There are: {', '.join(PICTURES)}")
        return 2
    books = {name.partition("-")[0] for name in names or PICTURES}
    with clinic() as place:
        for name, draw in PICTURES.items():
            if name.partition("-")[0] not in books:
                continue
            seen = draw(place)
            if not names or name in names:
                size = save(seen.screenshot(animations="disabled"), HERE / f"{name}.png")
                print(f"{name}.png: {size // 1000} kB")
    return 0


def save(png: bytes, path: Path) -> int:
    """Write the picture with few colors; return its size in bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


@contextmanager
def clinic() -> Iterator[Clinic]:
    """A new clinic on a free port, with one of each role; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        port = free_port()
        origin = f"http://localhost:{port}"
        environment = os.environ | {
            "VAR_DIR": folder, "HOST": "127.0.0.1", "PORT": str(port), "CLINIC_URL": origin,
        }  # fmt: skip
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        place = Clinic(chromium, origin, environment)
        place.manage("prepare", "--quiet")
        for name, role in PEOPLE.items():
            place.manage("create_staff", name, "--role", role, typed=PASSWORD)
        program = [sys.executable, "-m", "honcho", "start"]
        server = subprocess.Popen(program, cwd=HOUSE, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"{origin}/health/live")
            yield place
        finally:
            chromium.close()
            server.terminate()
            server.wait()


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def wait_for(address: str, *, seconds: float = 60) -> None:
    """Return once ``address`` answers; raise ``TimeoutError`` when it has not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{address} does not answer")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
