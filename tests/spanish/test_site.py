"""The site below /es/: its addresses, its words, and what is still in English."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from pages import delivery
from pages.languages import in_language, language_of, with_links_in
from pages.medical import is_medical
from pages.models import Translation
from pages.preflight.wording import promises_in
from pages.releases import working_content
from pages.site import ContentError, build_site
from pages.translations import State, state_of
from tests.pages.factories import make_item, make_page, make_question, make_section
from tests.spanish.conftest import translate

pytestmark = pytest.mark.django_db

PAGE, SECTION, QUESTION = "page:faq", "section:faq-text", "question:driving-home"


@pytest.fixture
def asked() -> None:
    """A page with a section that lists one question, all of it in both languages."""
    make_section(
        make_page(shows_call=False),
        kind="questions",
        lists="practical",
        body='<p><a href="/faq/">x</a></p>',
    )
    make_question()
    translate(PAGE, title="Preguntas")
    translate(SECTION, heading="Lo que sabemos", body='<p><a href="/faq/">Vea más</a></p>')
    translate(QUESTION, question="¿Puedo manejar a casa?")


def spanish(path: str = "/es/faq/") -> str:
    """The page as a reader gets it of what is saved now."""
    from django.test import RequestFactory

    site = build_site(1, working_content()).at(path)
    request = RequestFactory().get(path)
    return delivery.draw(request, site, site.pages[path])


def test_addresses_lead_from_one_language_to_the_other_and_back() -> None:
    assert language_of("/es/faq/") == "es"
    assert language_of("/estudios/") == "en"
    assert in_language("/faq/#cost", "es") == "/es/faq/#cost"
    assert in_language("/es/faq/", "en") == "/faq/"
    assert in_language("/es/", "en") == "/"
    assert in_language("tel:988", "es") == "tel:988"
    assert in_language("//elsewhere.example/", "es") == "//elsewhere.example/"
    assert with_links_in("es", '<a href="/faq/">a</a> <a href="https://a.example/">b</a>') == (
        '<a href="/es/faq/">a</a> <a href="https://a.example/">b</a>'
    )


@pytest.mark.usefixtures("asked")
def test_a_translated_page_is_spanish_throughout() -> None:
    page = spanish()

    assert '<html lang="es-US">' in page
    assert "<h1>Preguntas</h1>" in page
    assert "¿Puedo manejar a casa?" in page
    assert 'href="/es/faq/">Vea más' in page
    assert 'rel="alternate" hreflang="en" href="http' in page
    assert 'href="/faq/" lang="en" hreflang="en">English' in page
    assert "only-english" not in page
    assert 'lang="en">' not in page.replace('lang="en" hreflang="en">', "")


@pytest.mark.usefixtures("asked")
def test_a_question_whose_english_changed_is_shown_in_english_and_marked() -> None:
    from pages.models import Question

    Question.objects.update(answer="<p>Not for a day.</p>")
    page = spanish()

    assert state_of(QUESTION, working_content(), "es") is State.OUTDATED
    assert '<details id="driving-home" lang="en">' in page
    assert "Can I drive home?" in page
    assert "Algo de esta parte está solo en inglés." in page


@pytest.mark.usefixtures("asked")
def test_a_section_that_has_an_untranslated_entry_is_english_as_a_whole() -> None:
    from pages.models import Section

    make_item(Section.objects.get())
    page = spanish()

    assert "Lo que sabemos" not in page
    assert "Esta parte está solo en inglés." in page
    assert '<div lang="en">' in page
    assert 'lang="es">' in page  # the question in it is still Spanish
    assert 'href="/es/faq/"' in page.split('<div lang="en">')[1]  # and its links lead on in Spanish


@pytest.mark.usefixtures("asked")
def test_a_page_without_any_translation_says_so_at_its_top() -> None:
    make_section(make_page(slug="plain", shows_call=False))
    page = spanish("/es/plain/")

    assert page.count("only-english") == 1
    assert "Por ahora, esta página está solo en inglés." in page
    assert '<h1 lang="en">Plain</h1>' in page


@pytest.mark.usefixtures("asked")
def test_words_that_are_missing_keep_the_row_in_english() -> None:
    translation = Translation.objects.get(of=QUESTION)
    translation.words = {"question": "¿Puedo?"}
    translation.save()

    assert state_of(QUESTION, working_content(), "es") is State.PARTLY
    assert build_site(1, working_content()).at("/es/").rows[QUESTION].language == "en"


def test_a_site_without_a_translated_page_has_one_language() -> None:
    make_section(make_page())

    site = build_site(1, working_content())

    assert site.languages == ("en",)
    assert "/es/faq/" not in site.at("/es/faq/").pages


def test_a_release_with_words_that_are_no_words_is_refused() -> None:
    make_page()
    translate(PAGE)
    content = working_content()
    content["translation:es-page-faq"]["words"] = {"title": 1}

    with pytest.raises(ContentError, match="Not a text: title"):
        build_site(1, content)


@pytest.mark.usefixtures("asked")
def test_the_spanish_of_a_medical_statement_is_one_too() -> None:
    from pages.models import Question

    key = "translation:es-question-driving-home"
    assert not is_medical(key, working_content())

    Question.objects.update(topic="safety")

    assert is_medical(key, working_content())


@pytest.mark.parametrize(
    ("text", "promises"),
    [
        ("La ketamina cura la depresión.", True),
        ("Le garantizamos resultados.", True),
        ("Es un tratamiento seguro y eficaz.", True),
        ("Un alivio inmediato.", True),
        ("No es una cura.", False),
        ("Nadie puede garantizar un resultado.", False),
        ("No hace falta que esté seguro.", False),
        ("Pregunte a su seguro médico.", False),
    ],
)
def test_spanish_words_that_promise_are_found(text: str, promises: bool) -> None:
    assert bool(promises_in(text, "es")) is promises


def test_the_day_and_the_parts_of_a_figure_are_said_in_its_language() -> None:
    from django.utils import translation

    from intake import saying

    moment = dt.datetime(2026, 11, 24, 22, 40, tzinfo=dt.UTC)
    with translation.override("es"):
        assert saying.day_and_time(moment) == "martes 24 de noviembre, 3:40\u00a0p. m."
        assert saying.zone_name("America/Denver") == "hora de la Montaña"


def test_error_pages_below_es_are_spanish_and_lead_on_in_spanish(client: Client) -> None:
    response = client.get("/es/nowhere/", HTTP_ACCEPT_LANGUAGE="en")
    page = response.content.decode()

    assert response.status_code in {404, 503}
    assert '<html lang="es-US">' in page
    assert "¿Está en crisis o piensa en el suicidio?" in page
    assert "oprima 2" in page
    assert 'href="/es/contact/"' in page


def test_no_header_and_no_cookie_chooses_the_language(client: Client) -> None:
    client.cookies["django_language"] = "es"

    page = client.get("/contact/", HTTP_ACCEPT_LANGUAGE="es").content.decode()

    assert '<html lang="en-US">' in page
    assert client.get("/desk/").status_code == 302  # staff's pages have no Spanish address
    assert client.get("/es/desk/").status_code in {404, 503}
