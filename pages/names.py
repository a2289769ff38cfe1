"""Names that Django makes of the names of our columns and models, for the admin in other languages.

A column called ``meta_title`` with no name of its own is "meta title" in forms and tables. Django
keeps what a field was declared with apart, so no migration hears of this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

# So that translators find them; a test compares them with the models.
COLUMNS: Final = frozenset(
    {
        gettext_noop("DOI"),
        gettext_noop("ID"),
        gettext_noop("address"),
        gettext_noop("animals label"),
        gettext_noop("animals text"),
        gettext_noop("answer"),
        gettext_noop("approved at"),
        gettext_noop("approved by"),
        gettext_noop("area"),
        gettext_noop("arm"),
        gettext_noop("authors"),
        gettext_noop("base"),
        gettext_noop("caption"),
        gettext_noop("caveat"),
        gettext_noop("changed by"),
        gettext_noop("changed keys"),
        gettext_noop("changes"),
        gettext_noop("cites"),
        gettext_noop("claimed at"),
        gettext_noop("closed by"),
        gettext_noop("comparator percent"),
        gettext_noop("condition"),
        gettext_noop("content"),
        gettext_noop("context"),
        gettext_noop("denominator"),
        gettext_noop("design"),
        gettext_noop("detail"),
        gettext_noop("digest"),
        gettext_noop("direction"),
        gettext_noop("dose"),
        gettext_noop("drawing"),
        gettext_noop("due on"),
        gettext_noop("email"),
        gettext_noop("expires at"),
        gettext_noop("explanation"),
        gettext_noop("figure"),
        gettext_noop("finding"),
        gettext_noop("glyph"),
        gettext_noop("group"),
        gettext_noop("heading"),
        gettext_noop("headline"),
        gettext_noop("id"),
        gettext_noop("journal"),
        gettext_noop("kind"),
        gettext_noop("label"),
        gettext_noop("language"),
        gettext_noop("legal name"),
        gettext_noop("link"),
        gettext_noop("link label"),
        gettext_noop("link path"),
        gettext_noop("live from"),
        gettext_noop("made at"),
        gettext_noop("made by"),
        gettext_noop("more studies"),
        gettext_noop("name"),
        gettext_noop("needs second person"),
        gettext_noop("note"),
        gettext_noop("number"),
        gettext_noop("numerator"),
        gettext_noop("opening hours"),
        gettext_noop("order"),
        gettext_noop("origin"),
        gettext_noop("override reason"),
        gettext_noop("page"),
        gettext_noop("people"),
        gettext_noop("people label"),
        gettext_noop("people text"),
        gettext_noop("percent"),
        gettext_noop("phase"),
        gettext_noop("photo"),
        gettext_noop("proposed at"),
        gettext_noop("proposed by"),
        gettext_noop("question"),
        gettext_noop("remark"),
        gettext_noop("revoked at"),
        gettext_noop("revoked by"),
        gettext_noop("route"),
        gettext_noop("section"),
        gettext_noop("sent at"),
        gettext_noop("states served"),
        gettext_noop("status"),
        gettext_noop("study"),
        gettext_noop("tagline"),
        gettext_noop("target"),
        gettext_noop("text"),
        gettext_noop("title"),
        gettext_noop("topic"),
        gettext_noop("translates"),
        gettext_noop("year"),
    }
)
KINDS: Final = frozenset(
    {
        gettext_noop("clinic profile"),
        gettext_noop("crisis line"),
        gettext_noop("crisis lines"),
        gettext_noop("figure part"),
        gettext_noop("figure parts"),
        gettext_noop("mechanism"),
        gettext_noop("mechanisms"),
        gettext_noop("navigation links"),
        gettext_noop("notice"),
        gettext_noop("notices"),
        gettext_noop("outcome figure"),
        gettext_noop("outcome figures"),
        gettext_noop("page"),
        gettext_noop("pages"),
        gettext_noop("photo"),
        gettext_noop("photos"),
        gettext_noop("preview link"),
        gettext_noop("preview links"),
        gettext_noop("publishing policy"),
        gettext_noop("question"),
        gettext_noop("questions"),
        gettext_noop("redirect"),
        gettext_noop("redirects"),
        gettext_noop("release"),
        gettext_noop("releases"),
        gettext_noop("review warning"),
        gettext_noop("review warnings"),
        gettext_noop("section"),
        gettext_noop("section item"),
        gettext_noop("section items"),
        gettext_noop("sections"),
        gettext_noop("studies"),
        gettext_noop("study"),
        gettext_noop("translation"),
        gettext_noop("translations"),
        gettext_noop("treatment step"),
        gettext_noop("treatment steps"),
    }
)


def translate_names(models: Iterable[type[Model]]) -> None:
    """From now on the made names of these models and their columns follow the language."""
    for model in models:
        for field in model._meta.get_fields():
            if isinstance(field, Field) and not isinstance(field.verbose_name, Promise):
                field.verbose_name = gettext_lazy(field.verbose_name)
        meta = model._meta
        many = str(meta.verbose_name_plural)
        if isinstance(meta.verbose_name, str):
            meta.verbose_name = gettext_lazy(meta.verbose_name)
        meta.verbose_name_plural = gettext_lazy(many)
