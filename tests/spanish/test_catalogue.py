"""Everything the interface says is in the catalogue, whole and with its placeholders."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Field
from django.utils.translation import override

from clinic_site import catalogue
from clinic_site.management.commands import prepare
from pages import names
from pages.languages import TRANSLATED


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_string_of_the_interface_is_translated(language: str) -> None:
    assert list(catalogue.problems_of(language)) == []


def test_strings_of_code_and_of_templates_are_found() -> None:
    found = {words for found in catalogue.find_strings() for words in found.words}

    assert "Call 988" in found  # a template
    assert "This page is not here" in found  # an argument of an include
    assert "Tell us what to call you" in found  # code
    assert {"%(n)s result", "%(n)s results"} <= found  # both forms


@pytest.mark.parametrize(
    ("words", "flags"),
    [("", []), ("Llame al 988", ["fuzzy"]), ("Llame al %(number)s", []), ("<b>Llame</b>", [])],
)
def test_a_string_that_is_empty_unsure_or_has_other_marks_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, words: str, flags: list[str]
) -> None:
    spanish = Catalog(locale="es")
    spanish.add("Call 988", words, flags=flags)
    monkeypatch.setattr(catalogue, "read", lambda language: spanish)
    monkeypatch.setattr(
        catalogue, "find_strings", lambda: [catalogue.Found(("Call 988",), "a.html")]
    )

    assert len(list(catalogue.problems_of("es"))) == 1


def test_names_that_django_makes_of_columns_and_kinds_are_listed_for_translators() -> None:
    columns, kinds = set(), set()
    with override("en-us"):
        for model in apps.get_app_config("pages").get_models():
            fields = [field for field in model._meta.get_fields() if isinstance(field, Field)]
            columns |= {str(field.verbose_name) for field in fields}
            kinds |= {str(model._meta.verbose_name), str(model._meta.verbose_name_plural)}
    known = {words for found in catalogue.find_strings() for words in found.words}

    assert columns | kinds <= known
    assert columns >= names.COLUMNS, "no longer a column"
    assert kinds >= names.KINDS, "no longer a kind"


def test_whoever_installs_the_site_compiles_the_languages() -> None:
    source = catalogue.path_of("es").relative_to(catalogue.BASE_DIR)
    command = ["make", "-n", "-W", str(source), ".venv/run.stamp"]

    said = subprocess.run(command, cwd=catalogue.BASE_DIR, capture_output=True, text=True).stdout

    assert "-m clinic_site.catalogue" in said


def test_a_site_that_may_not_write_beside_its_code_says_who_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise PermissionError(
            13, "Permission denied", "/opt/clinic/locale/es/LC_MESSAGES/django.mo"
        )

    monkeypatch.setattr(prepare, "compile_all", refuse)

    with pytest.raises(CommandError, match=r"django\.mo cannot be written.*make \.venv/run\.stamp"):
        prepare.compile_catalogues()


def test_collecting_keeps_what_is_translated_and_asks_for_what_is_new(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "es" / "django.po"
    before, real = catalogue.read("es"), catalogue.path_of("es")
    monkeypatch.setattr(catalogue, "path_of", lambda language: mine)
    monkeypatch.setattr(
        catalogue,
        "find_strings",
        lambda: [
            catalogue.Found(("Call 988",), "a.html"),
            catalogue.Found(("%(n)s result", "%(n)s results"), "a.html"),
            catalogue.Found(("Kumquats",), "b.html"),
        ],
    )
    mine.parent.mkdir()
    shutil.copy(real, mine)

    call_command("messages")

    kept = catalogue.read("es")
    assert {m.id for m in kept if m.id} == {
        "Call 988",
        ("%(n)s result", "%(n)s results"),
        "Kumquats",
    }
    assert kept["Call 988"].string == before["Call 988"].string != ""
    assert kept["Kumquats"].string == ""
    assert f"{mine}: 1 to be translated" in capsys.readouterr().out
    assert "#~" not in mine.read_text(encoding="utf-8")  # what is gone is dropped


def test_collecting_changes_nothing_where_nothing_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = catalogue.path_of("es")
    mine = tmp_path / "es" / "django.po"
    mine.parent.mkdir()
    shutil.copy(real, mine)
    monkeypatch.setattr(catalogue, "path_of", lambda language: mine)

    catalogue.update("es")

    assert mine.read_text(encoding="utf-8") == real.read_text(encoding="utf-8")


def test_a_language_without_a_catalogue_begins_with_everything_to_be_translated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = tmp_path / "es" / "django.po"
    monkeypatch.setattr(catalogue, "path_of", lambda language: mine)
    monkeypatch.setattr(
        catalogue, "find_strings", lambda: [catalogue.Found(("Call 988",), "a.html")]
    )

    catalogue.update("es")

    assert [m.string for m in catalogue.read("es") if m.id] == [""]
