"""The gallery of components at ``/components/``, for who works on the look. Only under DEBUG.

Each component is shown in every state its template knows, on invented rows; below them stand whole
pages: every kind of section, the form as it comes back, the confirmation, the error pages.
``tests/front/test_gallery.py`` fails on a component that is missing here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from clinic_site import errors
from clinic_site.gallery_sample import sample
from intake.forms import ContactForm
from pages.languages import LANGUAGES
from pages.models import Section
from pages.nodes import Segment
from pages.search import Answer, search

NUMBER: Final = {"word": "866-951-HEAL", "digits": "866-951-4325", "e164": "+18669514325"}
ERRORS: Final = {"400": 400, "403": 403, "404": 404, "413": 413, "429": 429, "500": 500, "503": 503}


@dataclass(frozen=True)
class State:
    """A component as one set of arguments makes it."""

    name: str
    template: str
    context: dict[str, Any]

    @property
    def html(self) -> str:
        return render_to_string(self.template, self.context)


def only_under_debug(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404("the gallery is for development")
        return view(request, **named)

    return guarded


@require_safe
@only_under_debug
def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery/index.html", {"components": components(), "whole": whole()})


@require_safe
@only_under_debug
def component(request: HttpRequest, name: str) -> HttpResponse:
    states = components().get(name)
    if states is None:
        raise Http404(f"no component called {name}")
    return render(request, "gallery/component.html", {"name": name, "states": states})


@require_safe
@only_under_debug
def whole_page(request: HttpRequest, name: str) -> HttpResponse:
    page = whole().get(name)
    if page is None:
        raise Http404(f"no page called {name}")
    return page(request)


def components() -> dict[str, tuple[State, ...]]:
    """Every component by name, in the order of the alphabet."""
    shown: dict[str, list[State]] = {}
    for state in (*_frame(), *_notices(), *_evidence(), *_help(), *_search(), *_small()):
        name = state.template.rpartition("/")[2].removesuffix(".html")
        shown.setdefault(name, []).append(state)
    return {name: tuple(shown[name]) for name in sorted(shown)}


def _part(name: str, component: str, /, **context: Any) -> State:
    return State(name, f"components/{component}.html", context)


def _frame() -> list[State]:
    site = sample()
    around = {"current": "/faq/", "choices": LANGUAGES, **NUMBER}
    head = {"name": "The clinic's name", **around}
    notices = site.notices["not_advice"]
    return [
        _part("from rows", "crisis", lines=site.banner_lines),
        _part("the page of one link is open", "masthead", links=site.header_links, **head),
        _part(
            "from rows",
            "footer",
            links=site.footer_links,
            profile=site.profile,
            notices=notices,
            **around,
        ),
        *(_part(f"a {what}", "only-english", what=what) for what in ("page", "part")),
        _part("some of a part", "only-english", what="some"),
        _part("at the end of a page", "call", profile=site.profile),
        _part("a number", "phone", **NUMBER),
        _part("an error page", "trouble", heading="A heading", text="What.", way="How.", **NUMBER),
        State("all", "gallery/buttons.html", {}),
        State("all", "gallery/drawings.html", {"drawings": drawings()}),
        State("all", "gallery/words.html", {}),
    ]


def drawings() -> list[str]:
    """The names of all drawings but the shapes that icon arrays refer to."""
    folder = settings.BASE_DIR / "templates" / "drawings"
    return sorted({path.stem for path in folder.glob("*.svg")} - {"people-defs"})


def _notices() -> list[State]:
    off_label, safety = sample().notices["off_label"], sample().notices["safety"]
    both = {"off_label": off_label, "safety": safety}
    body = "<p>What to do, and what not.</p>"
    return [
        _part("beside figures", "ballast", id="sample", **both),
        _part("danger", "callout", kind="stop", id="stop", heading="Do not do this", body=body),
        _part(
            "caution", "callout", kind="warn", id="warn", heading="Take care with this", body=body
        ),
        _part("under a heading", "label-note", notices=off_label),
        _part("in full", "offlabel", notices=off_label),
        _part("at the end of a page", "safety-summary", **both),
        _part("with a figure", "with"),
    ]


def _evidence() -> list[State]:
    site = sample()
    mechanism = site.mechanisms[0]
    studies = site.studies["depression"]
    chain = site.page["chain"].sections[0].entries[1:3]
    figures = site.figures["mood"]
    every = [Segment(20, glyph, f"as {glyph}") for glyph in ("on", "part", "off", "worse", "said")]
    plate = {"drawing": "glutamate", "alt": "A gap", "parts": mechanism.legend_parts}
    return [
        _part("shares with a key", "array", arm=figures[3].arms[0]),
        State("every way to draw a person", "gallery/people.html", {"segments": every}),
        _part("established, then proposed", "chain", entries=chain),
        _part("closed", "counted", figure=figures[0]),
        _part("two looks", "looks", entries=site.page["looks"].sections[0].entries[:2]),
        _part("three parts", "legend", parts=mechanism.legend_parts),
        _part("a drawing with its letters", "plate", **plate),
        _part("one idea", "mechanism", mechanism=mechanism),
        *(_part(figure.headline, "outcome", figure=figure) for figure in figures),
        State("in each direction", "gallery/study.html", {"studies": studies}),
        _part("words and studies", "sources", text="Small print.", studies=studies[:2]),
        _part("three steps", "steps", steps=site.steps["course"]),
        _part("text", "rich", body="<p>A paragraph.</p><ul><li>A list</li></ul>"),
    ]


def _help() -> list[State]:
    site = sample()
    two = [("id_a", "Enter a name"), ("id_b", "Choose one")]
    kept = "Nothing you typed is lost."
    return [
        _part("from rows, with further lines", "doors", doors=site.doors, also=site.crisis_lines),
        _part("two things to fix", "error-summary", count=2, problems=two, kept=kept),
        _part(
            "wrong name or password",
            "sign-in-trouble",
            errors=["That name and password do not fit."],
            username_errors=[],
            password_errors=["Enter your password."],
        ),
        _part("closed", "qa", questions=site.questions["safety"], open_first=False),
        _part("open", "qa", questions=site.questions["treatment"], open_first=True),
    ]


def _search() -> list[State]:
    site = sample()
    links = site.footer_links
    found = search(site, "question")
    return [
        _part("empty", "search-form", typed="", longest=100, is_cut=False),
        _part("links", "search-pages", links=links),
        _part(
            "people to ask", "search-nothing", profile=site.profile, links=links, is_crisis=False
        ),
        _part("found", "search-results", answer=found, notices=site.notices["off_label"]),
    ]


def _small() -> list[State]:
    today = sample().figures["mood"][-1].review_due_on
    return [_part("checked by somebody", "reviewed", reviewed_on=today, reviewed_by="Dr Sample")]


Page = Callable[[HttpRequest], HttpResponse]


def whole() -> dict[str, Page]:
    """Every whole page by name."""
    return {
        **{f"section-{kind.replace('_', '-')}": _page_with(kind) for kind in Section.Kind.values},
        **{f"search-{name}": _search_page(answer) for name, answer in _answers().items()},
        "form": _form(),
        "form-errors": _form({"phone": "12", "for_whom": "other"}),
        "form-one-error": _form({**SENT, "phone": "12"}),
        **{
            f"form-{notice}": _form(SENT, notice=notice)
            for notice in ("elsewhere", "expired", "busy", "closed")
        },
        **{f"received{suffix}": _received(**changes) for suffix, changes in RECEIVED.items()},
        "received-closed": _template("intake/no_receipt.html", is_past=True),
        "received-nothing": _template("intake/no_receipt.html", is_past=False),
        **{f"error-{name}": _error(name, status) for name, status in ERRORS.items()},
        "error-csrf": _error("csrf", 403),
    }


SENT: Final = {"name": "Sample", "phone": "303-555-0142", "call_consent": "on"}
RECEIVED: Final[dict[str, dict[str, bool]]] = {
    "": {},
    "-by-email": {"is_by_email": True},
    "-crisis": {"has_crisis_wording": True},
}


def _template(name: str, **context: Any) -> Page:
    return lambda request: render(request, name, {"site": sample(), **context})


def _page_with(kind: str) -> Page:
    return _template("pages/page.html", page=sample().page[kind.replace("_", "-")], may_edit=False)


def _answers() -> dict[str, Answer]:
    site = sample()
    return {
        "empty": Answer(),
        "found": search(site, "question"),
        "nothing": search(site, "xyzq"),
        "crisis": search(site, "kill myself"),
    }


def _search_page(answer: Answer) -> Page:
    return _template("pages/search.html", answer=answer, longest=100)


def _form(answers: dict[str, str] | None = None, *, notice: str = "") -> Page:
    def page(request: HttpRequest) -> HttpResponse:
        data = QueryDict(mutable=True)
        data.update(answers or {})
        form = ContactForm(data if answers else None)
        context = {"form": form, "action": "/contact/", "corrects": "", "notice": notice}
        problems = form.problems() if answers and not notice else []
        context |= {"problems": problems, "site": sample()}
        return render(request, "intake/contact.html", context)

    return page


def _received(**changes: bool) -> Page:
    said = {"reference": "R4TXN-W7KQC", "due": "Tuesday, noon", "due_iso": "2026-11-24T12:00-07:00"}
    known = {"zone": "Mountain Time", "correct_url": "/contact/"}
    flags = {"is_by_email": False, "has_crisis_wording": False, **changes}
    return _template("intake/received.html", **said, **known, **flags)


def _error(name: str, status: int) -> Page:
    return lambda _: errors.error_page(name, status, reason="A sentence for the reader.")
