"""The live release as files: complete, switched in one step, repaired, pruned."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path

import brotli
import pytest
from django.test import Client
from pytest_django import Settings

from pages import live, release_files
from pages.models import Question
from pages.publishing import publish_rows, restore
from tests.serving.conftest import publish_faq

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Path:
    settings.RELEASES_DIR = str(tmp_path / "releases")
    publish_faq()
    return tmp_path / "releases"


def publish(words: str) -> None:
    Question.objects.update(question=words)
    publish_rows(keys=["question:driving-home"], by=None)


def folders(place: Path) -> set[str]:
    return {path.name for path in place.iterdir() if path.name != "current"}


def test_a_release_is_written_whole_and_says_what_the_site_says(
    place: Path, client: Client
) -> None:
    release_files.refresh()

    for path, name in (
        ("/faq/", "faq/index.html"),
        ("/", "index.html"),
        ("/sitemap.xml", "sitemap.xml"),
        ("/robots.txt", "robots.txt"),
    ):
        text = (place / "current" / name).read_bytes()
        assert text == client.get(path).content
        assert gzip.decompress((place / "current" / f"{name}.gz").read_bytes()) == text
        assert brotli.decompress((place / "current" / f"{name}.br").read_bytes()) == text
    assert b"tel:988" in (place / "current/errors/503.html").read_bytes()
    assert not list(place.glob("**/*.new"))


def test_nothing_is_written_twice(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = release_files.refresh()
    monkeypatch.setattr(release_files, "_texts", lambda now: pytest.fail("drawn again"))

    assert release_files.refresh(written) is written


def test_readers_never_meet_half_a_release(place: Path) -> None:
    """While one release after another is written, what ``current`` leads to is always complete."""
    release_files.refresh()
    names = {str(p.relative_to(place / "current")) for p in (place / "current").rglob("*.html")}
    missing, done = [], threading.Event()

    def read() -> None:
        while not done.is_set():
            folder = (place / "current").resolve()
            missing.extend(name for name in names if not (folder / name).exists())

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(3):
        publish(f"Question {n}?")
        release_files.refresh()
    done.set()
    reader.join()

    assert missing == []


def test_a_new_release_is_switched_to_and_going_back_finds_the_old_folder(place: Path) -> None:
    release_files.refresh()
    first = (place / "current/faq/index.html").read_bytes()
    publish("Another question?")
    release_files.refresh()
    assert b"Another question?" in (place / "current/faq/index.html").read_bytes()

    restore(number=1, by=None)
    release_files.refresh()

    assert (place / "current/faq/index.html").read_bytes() == first


@pytest.mark.parametrize("damage", ["emptied", "gone", "cut"])
def test_a_damaged_folder_is_written_anew(place: Path, damage: str) -> None:
    release_files.refresh()
    file = place / "current/faq/index.html.br"
    whole = brotli.decompress(file.read_bytes())
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(b"" if damage == "emptied" else file.read_bytes()[:20])

    release_files.refresh()  # as a process does that has just started

    assert brotli.decompress((place / "current/faq/index.html.br").read_bytes()) == whole


def test_a_folder_that_somebody_removed_comes_back(place: Path) -> None:
    written = release_files.refresh()
    folder = (place / "current").resolve()
    folder.rename(place.parent / "elsewhere")

    release_files.refresh(written)

    assert (place / "current/faq/index.html").exists()


def test_old_folders_go_and_the_live_one_stays(place: Path) -> None:
    for n in range(release_files.KEPT + 2):
        publish(f"Question {n}?")
        release_files.refresh()

    assert len(folders(place)) == release_files.KEPT
    assert (place / "current").resolve().exists()


def test_another_day_is_another_text(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = release_files.refresh()
    assert written
    tomorrow = live.dt.timedelta(days=1) + written.day
    monkeypatch.setattr(live, "today", lambda: tomorrow)

    again = release_files.refresh(written)

    assert again
    assert again.day == tomorrow


def test_a_web_server_may_read_it_whatever_the_mask(place: Path) -> None:
    release_files.refresh()

    paths = [(place / "current").resolve(), *(place / "current").resolve().rglob("*")]
    assert all(path.stat().st_mode & 0o004 for path in paths)
    assert all(path.stat().st_mode & 0o001 for path in paths if path.is_dir())


def test_the_same_bytes_have_the_same_time_on_every_node(
    place: Path, settings: Settings, tmp_path: Path
) -> None:
    """nginx makes the entity tag from it."""
    release_files.refresh()
    settings.RELEASES_DIR = str(tmp_path / "other-node")
    release_files.refresh()

    def times(root: Path) -> dict[str, int]:
        current = (root / "current").resolve()
        return {
            str(p.relative_to(current)): int(p.stat().st_mtime)
            for p in current.rglob("*")
            if p.is_file()
        }

    assert times(place) == times(tmp_path / "other-node")
    assert len(set(times(place).values())) == len(times(place))
