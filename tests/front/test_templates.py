"""Facts about the templates: complete, documented, self-contained, fit for a page without a database."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template, render_to_string

from pages.models import Section

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ALL = sorted(p for p in TEMPLATES.rglob("*") if p.suffix in {".html", ".svg"})
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
DRAWINGS = sorted((TEMPLATES / "drawings").glob("*.svg"))
ERRORS = sorted(p.stem for p in (TEMPLATES / "errors").glob("*.html"))
LINKED = {"988lifeline.org", "doi.org", "pubmed.ncbi.nlm.nih.gov"}  # places a link may lead to

CLINIC = {
    "clinic_name": settings.CLINIC_NAME,
    "phone_word": settings.CLINIC_PHONE_WORD,
    "phone_digits": settings.CLINIC_PHONE_DIGITS,
    "phone_e164": settings.CLINIC_PHONE_E164,
}


def name_of(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.mark.parametrize("kind", Section.Kind.values)
def test_every_kind_of_section_has_a_template(kind: str) -> None:
    assert get_template(f"pages/sections/{kind}.html")


def test_there_is_no_template_for_a_kind_that_is_gone() -> None:
    files = {p.stem for p in (TEMPLATES / "pages" / "sections").glob("*.html")}

    assert files == set(Section.Kind.values) | {"frame"}


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda p: p.stem)
def test_every_component_opens_with_a_comment(path: Path) -> None:
    assert re.match(
        r"\{# \S.*\. #\}|\{% comment %\}\S.*?\.\{% endcomment %\}", path.read_text(), re.DOTALL
    )


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda p: p.stem)
def test_the_comment_of_a_component_names_each_variable_it_takes(path: Path) -> None:
    text = path.read_text()
    header, _, body = (
        text.partition("#}") if text.startswith("{#") else text.partition("endcomment")
    )
    local = {"forloop"} | _loop_names(body)
    taken = set(re.findall(r"\{\{ (\w+)", body)) | set(
        re.findall(r"\{% for [\w, ]+ in (\w+)", body)
    )

    assert [name for name in sorted(taken - local) if name not in header] == []


def _loop_names(body: str) -> set[str]:
    """What the template names itself: in a loop, for a translation, in a "with" of its own."""
    loops = re.findall(r"\{% for ([\w, ]+) in", body)
    bound = re.findall(
        r"(\w+)=\S+", " ".join(re.findall(r"\{% (?:blocktranslate|with) [^%]*%\}", body))
    )
    kept = re.findall(r"\{% (?:firstof|spoken)[^%]* as (\w+) %\}", body)
    return {name for names in loops for name in names.split(", ")} | {*bound, *kept}


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_components_and_drawings_are_included_with_only(path: Path) -> None:
    includes = re.findall(
        r'\{% include (?:"(?:components|drawings)/|section\.template)[^%]*%\}', path.read_text()
    )

    assert [tag for tag in includes if " only %}" not in tag] == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_no_template_carries_a_style_a_script_or_a_handler(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"<style|\sstyle=|javascript:|\son[a-z]+=|data:[a-z]+/", text)
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_no_template_asks_another_origin_for_anything(path: Path) -> None:
    text = path.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
    tags = re.findall(
        r"<(\w+)[^>]*?\b(?:src|href|action|srcset|poster)=\"(https?:)?//([^/\"]+)", text
    )

    assert [(tag, host) for tag, _, host in tags if tag != "a" or host not in LINKED] == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_static_file_a_template_names_exists(path: Path) -> None:
    names = re.findall(r"\{% static ['\"]([^'\"]+)['\"]", path.read_text())

    assert [name for name in names if not finders.find(name)] == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_colors_come_from_the_stylesheet(path: Path) -> None:
    text = re.sub(r'<meta name="theme-color"[^>]*>', "", path.read_text())

    assert re.findall(r"(?:fill|stroke|color|content)=\"#[0-9a-f]{3,8}\"", text) == []


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda p: p.stem)
def test_a_drawing_is_small_and_says_whether_it_is_read_aloud(path: Path) -> None:
    decoration = get_template(f"drawings/{path.name}").render({"alt": ""})

    assert path.stat().st_size <= 10_000
    assert 'aria-hidden="true"' in decoration
    assert 'role="img"' not in decoration


def test_a_drawing_with_words_is_an_image_with_those_words() -> None:
    drawn = get_template("drawings/brain.svg").render({"alt": 'A brain & "more"'})

    assert 'role="img" aria-label="A brain &amp; &quot;more&quot;"' in drawn


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_no_request_and_no_database(name: str) -> None:
    page = render_to_string(f"errors/{name}.html", CLINIC)

    assert 'href="tel:988"' in page
    assert 'href="sms:988"' in page
    assert 'href="tel:911"' in page
    assert settings.CLINIC_PHONE_WORD in page
    assert f"({settings.CLINIC_PHONE_DIGITS})" in page
    assert f'href="tel:{settings.CLINIC_PHONE_E164}"' in page
    assert page.count("<h1") == 1
    assert "<title>" in page
    assert all(f'class="{part}"' in page for part in ("crisis", "masthead", "footer"))
    assert "{#" not in page


class _Unreachable:
    """A site whose database is away: whatever is asked of it fails."""

    def __getattr__(self, name: str) -> object:
        raise ConnectionError(name)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_does_not_even_ask_for_the_site(name: str) -> None:
    page = render_to_string(f"errors/{name}.html", {**CLINIC, "site": _Unreachable()})

    assert 'href="tel:988"' in page


def test_every_error_the_site_can_answer_has_a_page() -> None:
    assert set(ERRORS) == {"400", "403", "404", "413", "429", "500", "503", "csrf"}


def test_spanish_is_marked_as_spanish() -> None:
    page = render_to_string("errors/404.html", CLINIC)

    assert '<span lang="es">En español: oprima 2.</span>' in page
