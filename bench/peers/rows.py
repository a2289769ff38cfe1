"""Plain Django: the page of questions from its rows, as a first version of this site would do it.

Run inside our own process, so that both draw with the same Django, settings and rows.
"""

from __future__ import annotations

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines

from pages.models import ClinicProfile, CrisisLine, NavLink, Notice, Page, Question, Section

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ page.meta_title }}</title>
<meta name="description" content="{{ page.meta_description }}"></head><body>
<p>{% for line in crisis %}<a href="{{ line.href }}">{{ line.label }}</a> {{ line.detail }} {% endfor %}</p>
<header><a href="/">{{ profile.name }}</a><a href="tel:{{ profile.phone_e164 }}">{{ profile.phone_word }}</a>
<nav>{% for link in links %}<a href="{{ link.target }}">{{ link.label }}</a> {% endfor %}</nav></header>
<main><h1>{{ page.title }}</h1><p>{{ page.lead }}</p>
{% for section, questions in sections %}<section id="{{ section.slug }}"><h2>{{ section.heading }}</h2>{{ section.body|safe }}
{% for one in questions %}<details id="{{ one.slug }}"><summary>{{ one.question }}</summary>{{ one.answer|safe }}
{% for study in one.cites.all %}<p>{{ study.authors }} ({{ study.year }}). {{ study.title }}. {{ study.journal }} {{ study.locator }}</p>{% endfor %}
{% if one.reviewed_on %}<p>Reviewed {{ one.reviewed_on|date:"j F Y" }} by {{ one.reviewed_by }}</p>{% endif %}</details>
{% endfor %}</section>{% endfor %}
{% for notice in notices %}<aside><h2>{{ notice.heading }}</h2>{{ notice.body|safe }}</aside>{% endfor %}</main>
<footer>{{ profile.name }} {{ profile.phone_word }} {{ profile.opening_hours }}</footer></body></html>"""


def questions(request: HttpRequest) -> HttpResponse:
    """The page at ``/faq/``."""
    page = Page.objects.get(path="/faq/", is_ready=True)
    sections = Section.objects.filter(page=page, is_ready=True)
    context = {
        "page": page,
        "profile": ClinicProfile.objects.get(),
        "crisis": CrisisLine.objects.filter(is_ready=True),
        "links": NavLink.objects.filter(is_ready=True),
        "notices": Notice.objects.filter(is_ready=True, kind="not_advice"),
        "sections": [
            (
                section,
                Question.objects.filter(topic=section.lists, is_ready=True).prefetch_related(
                    "cites"
                ),
            )
            for section in sections
        ],
    }
    return HttpResponse(_template().render(context, request))


@functools.cache
def _template() -> Any:
    return engines["django"].from_string(PAGE)
