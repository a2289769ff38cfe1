"""Languages in templates. Every template has these tags: settings name them as built in."""

from __future__ import annotations

from django import template
from django.template import Context, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.languages import (
    LANGUAGES,
    OWN_NAMES,
    TAGS,
    in_language,
    speaking,
    spoken_now,
    with_links_in,
)
from pages.nodes import Page, Section

register = template.Library()


@register.filter
def here(path: str, language: str = "") -> str:
    """The address of a page in the language that is spoken now, or in the one named."""
    return in_language(path, language or spoken_now())


@register.simple_tag
def spoken(is_tag: bool = False) -> str:
    """The language that is spoken now: ``es``; with ``True`` as documents name it: ``es-US``."""
    return TAGS[spoken_now()] if is_tag else spoken_now()


@register.simple_tag(takes_context=True)
def languages_of_site(context: Context) -> tuple[str, ...]:
    """What the site of this context is translated into; nothing where there is no site."""
    site = context.get("site")
    return site.languages if site else ()


@register.inclusion_tag("components/languages.html")
def languages(path: str, choices: tuple[str, ...]) -> dict[str, object]:
    """Links to the page at ``path`` in the languages besides the one that is spoken now; in all
    that there could be where ``choices`` are not known."""
    others = [language for language in choices or LANGUAGES if language != spoken_now()]
    return {
        "links": [
            {"language": language, "name": OWN_NAMES[language], "path": in_language(path, language)}
            for language in others
        ]
    }


@register.inclusion_tag("staff/language_choice.html")
def language_choice(action: str, back: str, csrf_token: str) -> dict[str, object]:
    """Buttons to choose another language than is spoken now, sent to ``action``."""
    others = [{"code": code, "name": OWN_NAMES[code]} for code in LANGUAGES if code != spoken_now()]
    return {"action": action, "back": back, "csrf_token": csrf_token, "others": others}


@register.filter
def foreign(language: str) -> str:
    """The language, where it is another one than is spoken now; else nothing."""
    return "" if language == spoken_now() else language


@register.filter
def lang(row: object) -> SafeString:
    """A ``lang`` attribute for a row whose words are in another language than is spoken now."""
    language = foreign(getattr(row, "language", "") or spoken_now())
    return format_html(' lang="{}"', language) if language else SafeString()


@register.filter
def only_in_english(page: Page) -> bool:
    """Whether nothing of the page is in the language that is spoken now."""
    return not any(row.language == spoken_now() for row in (page, *page.sections))


@register.filter
def lists_foreign(section: Section) -> bool:
    """Whether the section lists rows that are in another language than its own words."""
    return any(row.language != section.language for row in section.listed)


@register.tag
def speak(parser: Parser, token: Token) -> SpeakNode:
    """``{% speak row %} ... {% endspeak %}``: inside, what the interface says is in the language of
    the row's words, so that they stay together. Links still lead to the language spoken around it."""
    _, row = token.split_contents()
    inside = parser.parse(("endspeak",))
    parser.delete_first_token()
    return SpeakNode(parser.compile_filter(row), inside)


class SpeakNode(template.Node):
    def __init__(self, row: FilterExpression, inside: NodeList) -> None:
        self.row = row
        self.nodelist = inside

    def render(self, context: Context) -> SafeString:
        around, own = spoken_now(), self.row.resolve(context).language
        if own == around:
            return self.nodelist.render(context)
        with speaking(own):
            html = self.nodelist.render(context)
        return SafeString(with_links_in(around, html) if own == "en" else html)
