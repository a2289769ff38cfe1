"""Rich text: what was pasted comes out as what the site styles, the same in admin and on the page."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from pages.models import Question, Section
from pages.publishing import publish_all
from pages.rich import TAGS, clean_html
from tests.pages.factories import make_page, make_question, make_section
from tests.pages.test_admin import address, save

# As Word puts it on the clipboard, shortened.
FROM_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!-- p.MsoNormal {margin:0in; font-family:"Calibri",sans-serif;} --></style>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
</head><body lang=EN-US style='tab-interval:.5in'><!--StartFragment-->
<h1 style='color:#2F5496'>After the infusion<o:p></o:p></h1>
<p class=MsoNormal><b>Rest</b> for <span style='mso-spacerun:yes'>two</span> <i>hours</i>.<o:p></o:p></p>
<h2 class=x>At home</h2>
<p class=MsoListParagraph style='text-indent:-.25in'><![if !supportLists]><span style='font-family:Symbol'>
<span style='mso-list:Ignore'>\u00b7<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]>Do not drive.</p>
<h5>Later</h5><div>Call <a href="https://example.org/" target="_blank" onclick="x()">us</a>.</div>
<img src="file:///c:/x.png"><table><tr><td>cell</td></tr></table><script>alert(1)</script>
<!--EndFragment--></body></html>"""


def tags(html: str) -> list[str]:
    return re.findall(r"<([a-z0-9]+)", html)


def test_text_pasted_from_word_comes_out_clean() -> None:
    html = clean_html(FROM_WORD)

    assert set(tags(html)) <= TAGS
    assert "<strong>Rest</strong> for two <em>hours</em>." in html
    assert "<p>Do not drive.</p>" in html
    assert '<p>Call <a href="https://example.org/">us</a>.</p>' in html
    for rest in ("Mso", "mso", "style", "class", "o:p", "\u00b7", "alert", "Normal", "Fragment"):
        assert rest not in html


def test_headings_keep_their_order_and_their_rank() -> None:
    html = clean_html(FROM_WORD)

    headings = re.findall(r"<(h\d)>(.*?)</h\d>", html)
    assert headings == [("h3", "After the infusion"), ("h3", "At home"), ("h4", "Later")]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<p></p>", ""),
        ("<p><br></p>", ""),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<p><a href="tel:988">988</a></p>', '<p><a href="tel:988">988</a></p>'),
        ('<p><a href="/safety/">x</a></p>', '<p><a href="/safety/">x</a></p>'),
        ("<base><blockquote><p>Said</p></blockquote>", "<blockquote><p>Said</p></blockquote>"),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_what_is_typed_keeps_what_the_site_styles(typed: str, kept: str) -> None:
    assert clean_html(typed) == kept


@given(
    st.lists(
        st.sampled_from(
            [
                *("<h1>", "</h1>", "<b", "<div ", ">", "<p>", "</p>", "x", "&lt;"),
                *("<![if !supportLists]>", "<![endif]>", "<script>", "</script>"),
                *('<a href="javascript:x">', "<svg/onload=x>"),
            ]
        )
    ).map("".join)
)
@example("<h1><b<h1><h1>")
def test_whatever_comes_in_only_our_tags_come_out_and_cleaning_again_changes_nothing(
    html: str,
) -> None:
    once = clean_html(html)

    assert set(tags(once)) <= TAGS
    assert "javascript:" not in once
    assert clean_html(once) == once


@pytest.mark.django_db
def test_the_page_shows_the_very_html_that_the_admin_edits(
    client: Client, chief: object, site_rows: None
) -> None:
    make_section(make_page(), kind="questions", lists="practical")
    question = make_question()
    publish_all(by=None)
    client.force_login(chief)  # type: ignore[arg-type]

    save(client, question, answer=FROM_WORD, _publish="")

    saved = Question.objects.get().answer
    assert saved in Client().get("/faq/").content.decode()
    form = client.get(address(question)).context["adminform"].form
    assert form["answer"].value() == saved
    assert Section.objects.filter(slug="faq-text").exists()
