"""Rich text: what an editor may write is exactly what the site styles.

The same list drives the editor in admin and the sanitiser on the server, so a
pasted document comes out as plain paragraphs, lists, headings and links.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import nh3
from django_prose_editor.fields import ProseEditorField

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "a", "blockquote"}
LINK_SCHEMES = {"https", "tel", "sms", "mailto"}

_EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "HardBreak": True,
    "Blockquote": True,
    "Heading": {"levels": [3, 4]},
    "Link": {"enableTarget": False, "protocols": ["https", "tel", "sms", "mailto"]},
}

# What Word and other editors write, in our words. Bullets that Word paints as text go.
_PAINTED = re.compile(r"<!\[if !supportLists\]>.*?<!\[endif\]>", re.DOTALL | re.IGNORECASE)
_SAME_AS = {"h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4", "b": "strong", "i": "em", "div": "p"}
_TAG = re.compile(rf"<(/?)({'|'.join(_SAME_AS)})\b[^<>]*>", re.IGNORECASE)

# Control characters, and those that turn the direction of what follows (Unicode, UAX 9): unseen in a
# form, they make readers see other words than the ones that were approved.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_END_OF_BLOCK = re.compile(r"</(?:p|li|h3|h4|blockquote)>|<br>")
_ANY_TAG = re.compile(r"<[^>]+>")

_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}},
    url_schemes=LINK_SCHEMES,
    link_rel=None,
    strip_comments=True,
)


def clean_html(html: str) -> str:
    """Return ``html`` with only the tags of ``TAGS``; an empty paragraph becomes ``""``.

    Larger and smaller headings than ours become the nearest of ours, in the same order.
    """
    html = _TAG.sub(
        lambda match: f"<{match[1]}{_SAME_AS[match[2].lower()]}>", _PAINTED.sub("", html)
    )
    # Twice: without what stood between them, two tags may be one inside the other.
    cleaned = _cleaner.clean(_cleaner.clean(html)).strip()
    return "" if cleaned in {"<p></p>", "<p><br></p>"} else cleaned


def unseen_in(text: str) -> str:
    """The code of the first character that nobody sees and that may stand in no text, or nothing."""
    found = _UNSEEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""


def plain(html: str) -> str:
    """Words without markup; the end of a block is the end of a sentence."""
    html = _END_OF_BLOCK.sub(" \n", html)
    return unescape(_ANY_TAG.sub("", html)).strip()


def rich_text(
    verbose_name: str | StrPromise, help_text: str = "", *, blank: bool = True
) -> ProseEditorField:
    """A text column that holds sanitised HTML and is edited with the prose editor."""
    return ProseEditorField(
        verbose_name,
        extensions=_EXTENSIONS,
        sanitize=clean_html,
        blank=blank,
        help_text=help_text,
    )
