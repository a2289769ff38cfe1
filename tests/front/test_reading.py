"""How hard the pages are to read, as they are sent: the words of templates with those of the rows.

``tests/content/test_wording.py`` holds the same of each row by itself.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import pytest
from django.test import Client

from clinic_site import errors
from tests.content.readability import grade
from tests.content.seed import seeds
from tests.form.sending import send
from tests.front.test_html import ERRORS

MOST: Final = 9.0  # school grade
# Terms that a reader came to read about, or needs to name to a doctor: each counts as one short
# word. A term that is on no page any more is to leave the list.
MEDICAL: Final = (
    "ketamine", "esketamine", "anesthetic", "anesthesia", "infusions?", "depression", "depressive",
    "bipolar", "obsessive-compulsive disorder", "PTSD", "OCD", "CRPS", "anxiety", "migraines?",
    "fibromyalgia", "electroconvulsive therapy", "NMDA", "AMPA", "BDNF", "glutamate", "receptors?",
    "synapses?", "synaptogenesis", "neuroplasticity", "inflammation", "antidepressants?",
    "benzodiazepines?", "opioids?", "vasopressin", "theophylline", "aminophylline",
    "schizophrenia", "psychosis", "psychiatric", "remission", "placebo", "midazolam", "clinicians?",
    "suicidal", "suicide",
)  # fmt: skip
_TERMS: Final = re.compile(rf"\b(?:{'|'.join(MEDICAL)})\b", re.IGNORECASE)
INLINE: Final = {"a", "abbr", "b", "cite", "em", "i", "q", "small", "span", "strong", "time"}
# Pictures, and what others wrote: citations and the titles of their papers.
LEFT_OUT: Final = {"svg", "script", "option"}
CITED: Final = {"cite", "provenance", "study"}


class _Words(HTMLParser):
    """The text of ``main``: a line for each block, without pictures and citations."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._open: list[tuple[str, bool]] = []  # of main: each tag, and whether it is read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.text += "\n"
        if tag in {"input", "br", "path", "circle", "use", "hr", "img"}:
            return
        if self._open or tag == "main":
            names = set((dict(attrs).get("class") or "").split())
            is_read = not (tag in LEFT_OUT or names & CITED)
            self._open.append((tag, is_read and (not self._open or self._open[-1][1])))

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.text += "\n"
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][1]:
            self.text += data.replace("\n", " ")


def words_of(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    return _TERMS.sub("term", parser.text)


@pytest.mark.usefixtures("open_clinic")
def test_every_page_is_read_with_nine_years_of_school(client: Client) -> None:
    pages = {seed.fields["path"]: client.get(seed.fields["path"]) for seed in seeds("page")}
    for words in ("", "sad", "kill myself", "xyzq"):
        pages[f"search: {words}"] = client.get("/search/", {"q": words})
    pages["errors"] = send(client, name="", phone="12", call_consent=None)
    sent = send(client, comment="I want to kill myself")
    pages["confirmation"] = client.get(sent["Location"])

    text = {name: words_of(page.content.decode()) for name, page in pages.items()}

    assert {name: grade(words) for name, words in text.items() if grade(words) > MOST} == {}
    assert min(len(words.split()) for words in text.values()) > 20  # it was read at all
    assert "Ask us to call you" in text["/contact/"]


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_page_is_read_with_nine_years_of_school(name: str) -> None:
    html = errors.error_page(name, 500, reason="So.").content.decode()

    assert grade(words_of(html)) <= MOST


@pytest.mark.usefixtures("open_clinic")
def test_each_term_that_is_excepted_is_on_a_page(client: Client) -> None:
    text = "\n".join(client.get(seed.fields["path"]).content.decode() for seed in seeds("page"))

    assert [t for t in MEDICAL if not re.search(rf"\b(?:{t})\b", text, re.IGNORECASE)] == []


def test_citations_and_pictures_are_not_read() -> None:
    html = (
        '<p>Before</p><main><p>One <b>two</b>.</p><svg><text>a</text></svg><p class="provenance">'
        "By <a>Them</a></p><p>Ketamine</p></main><p>After</p>"
    )

    assert words_of(html).split() == ["One", "two.", "term"]
