"""The form's page and the confirmation."""

from __future__ import annotations

import functools
import json
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from intake import limits, saying
from intake.clock import promise
from intake.forms import ContactForm, SentForm
from intake.posted import Fields, read_post
from intake.references import show_reference
from intake.spam import suspicion
from intake.submit import CannotAccept, accept
from intake.tokens import (
    FormToken,
    Receipt,
    new_form_token,
    open_receipt,
    read_form_token,
    seal_receipt,
)
from intake.wordings import language_now

TRY_AGAIN_SECONDS: Final = 120  # after neither database nor spool could take a form


class SeeOther(HttpResponseRedirect):
    status_code = 303


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Show the form; take a form that was sent.

    Django's CSRF check is off here, and no cookie is set. That check protects what a signed-in
    visitor may do, and nobody is signed in on this page: whoever could forge a post could as
    well send one. It would cost a lot, though: its cookie expires or is blocked, and then a
    frightened person loses what they wrote. Instead, the form carries a signed token (which
    also makes a retry recognisable), and a post that a browser says came from another site is
    not taken: the form comes back, filled in, for the person to read and send.
    """
    if request.method != "POST":
        return _show_empty(request)
    post = read_post(request)
    token = read_form_token(post.get("token", ""))
    form = SentForm(post)
    if not form.is_valid():
        return _show_again(request, post, _token_that_works(token), status=422)
    if _is_from_elsewhere(request):
        return _show_again(request, post, _renewed(token), status=422, notice="elsewhere")
    if token is None or token.is_expired(timezone.now()):
        return _show_again(request, post, _renewed(token), status=422, notice="expired")
    return _take(request, form, post, token)


def _take(request: HttpRequest, form: SentForm, post: Fields, token: FormToken) -> HttpResponse:
    content = form.content()
    key, words = token.submission_key, json.dumps(content)
    seconds = limits.seconds_to_wait(request, form_key=key.hex, words=words)
    if seconds:
        response = _show_again(request, post, _renewed(token), status=429, notice="busy")
        response["Retry-After"] = str(seconds)
        return response
    reason = suspicion(
        content=content, trap=post.get("website", ""), token=token, now=timezone.now()
    )
    try:
        accepted = accept(submission_key=key, content=content, suspicion=reason)
    except CannotAccept:
        response = _show_again(request, post, _renewed(token), status=503, notice="closed")
        response["Retry-After"] = str(TRY_AGAIN_SECONDS)
        return response
    # A retry shows the promise that was made the first time, which is the one that is kept.
    received_at = limits.first_moment("confirmed", key.hex + words, accepted.received_at)
    receipt = Receipt(
        reference=accepted.reference,
        submission_key=key,
        received_at=received_at,
        is_by_email=not content["phone"],
        has_crisis_wording=accepted.has_crisis_wording,
    )
    return SeeOther(f"{_confirmations(language_now())}?{urlencode({'r': seal_receipt(receipt)})}")


@functools.cache
def _confirmations(language: str) -> str:
    """Where confirmations are shown to readers of ``language``, in which this is asked."""
    return reverse("intake:received")


@gzip_page
def _show_empty(request: HttpRequest) -> HttpResponse:
    """An empty form with a token of its own.

    Not for shared caches, or two people would share a submission. A browser may keep it: Back
    then leads to the same token, so what is sent again is known to be a correction. Compressed,
    because it repeats nothing that a stranger could have put into the request (BREACH needs that);
    the form that comes back with what was typed is not.
    """
    receipt = open_receipt(request.GET.get("r", ""))
    token = new_form_token(submission_key=receipt.submission_key if receipt else None)
    response = _page(request, ContactForm(initial={"token": token.signed()}), status=200)
    patch_cache_control(response, private=True, max_age=0)
    return response


def _show_again(
    request: HttpRequest, post: Fields, token: FormToken, *, status: int, notice: str = ""
) -> HttpResponse:
    """The form with everything that was typed, and what to do now."""
    data = post.copy()
    data["token"] = token.signed()
    response = _page(request, ContactForm(data), status=status, notice=notice)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _page(
    request: HttpRequest, form: ContactForm, *, status: int, notice: str = ""
) -> HttpResponse:
    """The page. The form is sent to another address than its own: a browser forgets the page it
    keeps of an address that something was posted to, and then Back would lead to a new token."""
    sealed = request.GET.get("r", "")
    receipt = open_receipt(sealed)
    query = {"send": "1", **({"r": sealed} if receipt else {})}
    context = {
        "form": form,
        "action": f"{reverse('intake:contact')}?{urlencode(query)}",
        "problems": form.problems(),
        "notice": notice,
        "corrects": show_reference(receipt.reference) if receipt else "",
    }
    return render(request, "intake/contact.html", context, status=status)


def _token_that_works(token: FormToken | None) -> FormToken:
    """The same token while it is good, so that correcting an error does not look hasty."""
    if token is None or token.is_expired(timezone.now()):
        return _renewed(token)
    return token


def _renewed(token: FormToken | None) -> FormToken:
    """A token of now for the same submission: what was accepted already is not accepted twice."""
    return new_form_token(submission_key=token.submission_key if token else None, is_again=True)


def _is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the browser says that another site sent this post.

    ``Origin`` is asked only where ``Sec-Fetch-Site`` is missing (old browsers, plain HTTP). It
    is "null" when the page's referrer policy hides it, which is no sign of another site.
    """
    # By META: the first use of ``headers`` makes a copy of them all.
    site: str = request.META.get("HTTP_SEC_FETCH_SITE", "")
    if site:
        return site not in {"same-origin", "none"}
    origin: str = request.META.get("HTTP_ORIGIN", "null")
    return origin != "null" and urlsplit(origin).netloc != request.get_host()


@require_safe
@cache_control(private=True, no_store=True)
def received(request: HttpRequest) -> HttpResponse:
    """What was promised. The address holds it sealed, for 24 hours; nothing personal is in it."""
    sealed = request.GET.get("r", "")
    receipt = open_receipt(sealed)
    if receipt is None:
        status = 410 if sealed else 200
        response = render(
            request, "intake/no_receipt.html", {"is_past": bool(sealed)}, status=status
        )
    else:
        response = render(request, "intake/received.html", _confirmation(receipt, sealed))
    response["X-Robots-Tag"] = "noindex"
    return response


def _confirmation(receipt: Receipt, sealed: str) -> dict[str, object]:
    due = timezone.localtime(
        promise(receipt.received_at).contact_due_at, timezone.get_default_timezone()
    )
    return {
        "reference": show_reference(receipt.reference),
        "due_iso": due.isoformat(timespec="minutes"),
        "due": saying.day_and_time(due),
        "zone": saying.zone_name(timezone.get_default_timezone_name()),
        "is_by_email": receipt.is_by_email,
        "has_crisis_wording": receipt.has_crisis_wording,
        "correct_url": f"{reverse('intake:contact')}?{urlencode({'r': sealed})}",
    }
