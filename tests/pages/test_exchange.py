"""A whole site as one file: out and in again the same to the byte, and all of it or nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from hypothesis import given, settings

from pages.exchange import CannotImport, read, write
from pages.models import CONTENT_MODELS, Page, Question, Release
from pages.publishing import approve, publish_all
from pages.releases import Content, live_content, working_content
from tests.pages.factories import (
    make_figure,
    make_item,
    make_page,
    make_part,
    make_question,
    make_section,
    make_site,
    make_step,
    make_study,
)
from tests.pages.test_site import contents


def export(**options: Any) -> str:
    out = io.StringIO()
    call_command("export_site", stdout=out, **options)
    return out.getvalue()


def load(path: Path, **options: Any) -> str:
    out = io.StringIO()
    User.objects.get_or_create(username="robin")
    call_command("import_site", str(path), stdout=out, **{"by": "robin", **options})
    return out.getvalue()


@pytest.fixture
def exported(db: None, tmp_path: Path) -> Path:
    """The file of a site with every kind of row; the site is still there."""
    make_site()
    study = make_study()
    make_part(make_figure(study))
    make_question().cites.add(study)
    make_step()
    make_item(make_section(make_page()))
    publish_all(by=None)
    path = tmp_path / "site.json"
    path.write_text(export(), encoding="utf-8")
    return path


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def empty() -> None:
    Release.objects.all().delete()
    for model in reversed(CONTENT_MODELS):
        model._default_manager.all().delete()


def test_a_site_imported_elsewhere_comes_out_byte_for_byte(exported: Path, chief: User) -> None:
    before = exported.read_bytes()
    Release.objects.update(base=None)
    empty()

    said = load(exported)

    assert "waits for approval" in said
    assert live_content() == {}
    assert working_content() == read(before.decode())
    approve(number=1, by=chief)
    assert export().encode() == before


def test_an_import_changes_rows_adds_rows_and_sets_the_rest_aside(exported: Path) -> None:
    make_question(slug="mine-alone")
    Question.objects.filter(slug="driving-home").update(answer="<p>Changed since.</p>")
    publish_all(by=None)

    load(exported)

    assert (
        Question.objects.get(slug="driving-home").answer == "<p>No. Ask an adult to take you.</p>"
    )
    assert Question.objects.get(slug="mine-alone").is_ready is False
    proposal = Release.objects.waiting().get()
    assert proposal.changed_keys == ["question:driving-home", "question:mine-alone"]
    assert proposal.note == "Imported from site.json"


def test_any_release_can_be_exported(exported: Path) -> None:
    first = exported.read_text(encoding="utf-8")
    Question.objects.update(question="New?")
    publish_all(by=None)

    assert export(release=1) == first
    assert "New?" in export()
    with pytest.raises(CommandError, match="There is no release 9"):
        export(release=9)


@pytest.mark.django_db
def test_before_the_first_release_there_is_nothing_to_export() -> None:
    with pytest.raises(CommandError, match="There is no live release"):
        export()


def test_two_pages_may_have_changed_places(exported: Path) -> None:
    Page.objects.filter(slug="faq").update(path="/somewhere/")
    Page.objects.filter(slug="safety").update(path="/faq/")
    Page.objects.filter(slug="faq").update(path="/safety/")
    Question.objects.update(question="Something to propose?")
    publish_all(by=None)

    load(exported)

    assert Page.objects.get(slug="faq").path == "/faq/"
    assert Page.objects.get(slug="safety").path == "/safety/"


def _field(key: str, name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["content"][key].update({name: value})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d.update(version=2), "version 2; this site reads version 1"),
        (lambda d: d.update(format="other"), "not a file of export_site"),
        (lambda d: d.pop("content"), "has no content"),
        (lambda d: d["content"].update({"poem:x": {}}), "poem:x: there is no such kind"),
        (lambda d: d["content"].update({"question:x": 1}), "question:x: its fields are missing"),
        (lambda d: d["content"].pop("study:berman-2000"), "refers to 'study:berman-2000'"),
        (_field("question:driving-home", "mood", "x"), "no field called mood"),
        (_field("question:driving-home", "cites", "x"), "cites: has to be a list"),
        (_field("question:driving-home", "slug", "other"), "does not match its short name"),
        (_field("question:driving-home", "question", "Can \u202e I?"), r"cannot be seen.*U\+202E"),
        (_field("question:driving-home", "topic", "poetry"), "question:driving-home, topic"),
        (_field("question:driving-home", "reviewed_on", "someday"), "reviewed_on"),
        (_field("question:driving-home", "answer", "<p onclick='x()'>No</p>"), r"\(answer\)"),
        (_field("question:driving-home", "is_ready", False), "driving-home .* does not come out"),
        (_field("page:faq", "path", "/safety/"), "path: .*already exists"),
        (_field("question:driving-home", "answer", "<p>A miracle cure.</p>"), "promises more"),
        (_field("outcomefigure:trial-response", "low", "150"), "outcomefigure:trial-response, low"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_nothing_of_it_is_written(
    exported: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    Question.objects.update(question="As the editors left it")
    before = working_content()
    changed(exported, change)

    with pytest.raises(CommandError, match=why) as refused:
        load(exported)

    assert "Nothing was imported" in str(refused.value)
    assert working_content() == before
    assert Release.objects.count() == 1


@pytest.mark.parametrize("content", [b"not json", b"[1]", b"\xff\xfe\x00"])
def test_a_file_that_is_no_export_is_refused(exported: Path, content: bytes) -> None:
    exported.write_bytes(content)

    with pytest.raises(CommandError, match=r"Nothing was imported|cannot be read"):
        load(exported)


def test_a_file_without_a_newer_column_gets_its_default(exported: Path) -> None:
    changed(exported, lambda d: d["content"]["question:driving-home"].pop("is_on_home"))
    Question.objects.update(is_on_home=True)

    load_and_see = read(exported.read_text(encoding="utf-8"))

    assert load_and_see["question:driving-home"]["is_on_home"] is False


def test_an_import_of_what_is_live_already_proposes_nothing(exported: Path) -> None:
    with pytest.raises(CommandError, match="already says this"):
        load(exported)


def test_the_proposer_of_an_import_is_named(exported: Path, editor: User) -> None:
    Question.objects.update(question="New?")
    publish_all(by=None)

    load(exported)

    assert Release.objects.waiting().get().proposed_by == editor
    with pytest.raises(CommandError, match="no user called nobody"):
        load(exported, by="nobody")


@given(contents())
@settings(max_examples=40, deadline=None)
def test_any_content_survives_being_written_and_read(content: Content) -> None:
    text = write(content)

    assert read(text) == content
    assert write(read(text)) == text


def test_the_reader_refuses_with_its_own_error() -> None:
    with pytest.raises(CannotImport):
        read("{}")
