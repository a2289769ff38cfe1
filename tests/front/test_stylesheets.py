"""The joined stylesheets: the same every time, within the budget, colors in one place."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from clinic_site.static import LAYERS, SHEETS, ClinicStaticFilesStorage, minify, sheet

CSS = Path(settings.BASE_DIR) / "static" / "css"
SOURCES = sorted(CSS.rglob("*.css"))
COMPONENTS = sorted((CSS / "components").glob("*.css"))
BUDGET = 10_000  # bytes, gzip

RAW_COLOR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|hwb|lab|lch|oklab|oklch|color)\(", re.IGNORECASE
)


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


@pytest.mark.parametrize("name", SHEETS)
def test_joining_twice_gives_the_same_bytes(name: str) -> None:
    assert sheet(name) == sheet(name)


def test_joining_does_not_depend_on_the_order_the_disk_lists_files_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    joined = sheet("site.css")
    glob = Path.glob
    monkeypatch.setattr(Path, "glob", lambda *args: sorted(glob(*args), reverse=True))

    assert sheet("site.css") == joined


def test_the_public_sheet_is_within_its_budget() -> None:
    size = len(gzip.compress(sheet("site.css").encode(), 9, mtime=0))

    assert size <= BUDGET, f"site.css is {size} bytes compressed; {BUDGET} are allowed"


def test_every_source_is_joined_into_exactly_one_sheet_and_the_admin_borrows_two() -> None:
    root = CSS.parent
    joined = [p for patterns in SHEETS.values() for pattern in patterns for p in root.glob(pattern)]

    assert sorted(joined) == sorted([*SOURCES, CSS / "tokens.css", CSS / "fonts.css"])


@pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if path.name != "tokens.css"],
    ids=lambda p: str(p.relative_to(CSS)),
)
def test_raw_colors_stand_only_in_the_tokens(path: Path) -> None:
    assert RAW_COLOR.findall(without_comments(path.read_text())) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(CSS)))
def test_every_token_that_is_used_is_defined(path: Path) -> None:
    everything = "".join(p.read_text() for p in SOURCES)
    defined = set(re.findall(r"(--[\w-]+)\s*:", everything))

    used = set(re.findall(r"var\((--[\w-]+)", path.read_text()))

    assert used <= defined


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda p: p.stem)
def test_a_component_styles_the_class_it_is_named_after(path: Path) -> None:
    roots = {"callback", "form"}  # named after the thing; their classes are crispy-bootstrap5's

    assert path.stem in roots or re.search(rf"\.{path.stem}\b", path.read_text())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(CSS)))
def test_a_source_says_what_it_is(path: Path) -> None:
    assert path.read_text().startswith("/* ")


@pytest.mark.parametrize(
    "path",
    [p for p in SOURCES if p.name != "fonts.css" and p.parent.name != "admin"],
    ids=lambda p: str(p.relative_to(CSS)),
)
def test_a_source_stays_in_its_layer(path: Path) -> None:
    folder = path.parent.name
    layer = "components" if folder in {"components", "desk"} else path.stem

    text = path.read_text()

    assert set(re.findall(r"@layer ([\w]+) \{", text)) == {layer}
    assert layer in LAYERS


def test_minifying_keeps_what_carries_meaning() -> None:
    css = """
      /* gone { } */
      .a { .b :is(x, y) > z { width: calc(1px + 2px) ; content: "a  {;  /* b */" } }
      @media (min-width: 1px) and (color) { .c + .d { color : var(--x) } }
    """

    assert minify(css) == (
        '.a{.b :is(x,y)>z{width:calc(1px + 2px);content:"a  {;  /* b */"}}'
        "@media (min-width:1px) and (color){.c + .d{color :var(--x)}}\n"
    )


@pytest.mark.parametrize("name", SHEETS)
def test_a_development_server_finds_the_joined_sheet(name: str) -> None:
    place = finders.find(name)

    assert place is not None
    assert Path(place).read_text() == sheet(name)


def test_a_file_that_is_not_there_is_not_found() -> None:
    assert not finders.find("sites.css")
    assert finders.find("sites.css", find_all=True) == []


def test_collecting_hashes_compresses_and_points_at_the_font(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path):
        call_command("collectstatic", verbosity=0, interactive=False)
        url = ClinicStaticFilesStorage().url("site.css")

    hashed = tmp_path / Path(url).name
    font = re.search(r'url\("?(fonts/display\.[0-9a-f]+\.woff2)"?\)', hashed.read_text())
    assert re.fullmatch(r"site\.[0-9a-f]{12}\.css", hashed.name)
    assert font
    assert (tmp_path / font[1]).exists()
    assert hashed.with_name(hashed.name + ".br").exists()
    assert hashed.with_name(hashed.name + ".gz").exists()
    assert not (tmp_path / "css").exists()


def test_a_name_that_was_not_collected_stays_plain(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path):
        storage = ClinicStaticFilesStorage()

        assert storage.url("site.css") == "/static/site.css"
