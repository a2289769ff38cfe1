"""Find a request by its reference, or by the exact phone or email of a person."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from intake import audit
from intake.desk.access import StaffRequest, desk_page
from intake.desk.forms import FindForm
from intake.desk.page import desk_page_response
from intake.desk.wording import day_and_time
from intake.indexes import email_index, phone_index
from intake.keys import KeyMissing, WrongKey
from intake.models import CallbackRequest
from intake.phone import BadPhone, read_phone
from intake.references import parse_reference, show_reference

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page()
def find(request: StaffRequest) -> HttpResponse:
    """POST only looks: what is typed may be personal, and addresses end up in logs."""
    now = timezone.now()
    if request.method != "POST":
        return _page(request, FindForm(), None, status=200)
    form = FindForm(request.POST)
    if not form.is_valid():
        return _page(request, form, None, status=422)
    try:
        kind, found = _search(form.cleaned_data["what"])
    except BadPhone as error:
        form.add_error("what", f"{str(error).rstrip('.')}.")
        return _page(request, form, None, status=422)
    except (KeyMissing, WrongKey):
        form.add_error(
            "what", gettext("The index key is missing on this machine. Search by reference.")
        )
        return _page(request, form, None, status=503)
    hits = list(found.order_by("-received_at")[:SHOWN])
    audit.record(
        actor=request.user,
        action="searched",
        reference=hits[0].reference if kind == "reference" and hits else "",
        detail={"by": kind, "found": len(hits)},
    )
    if kind == "reference" and len(hits) == 1:
        return HttpResponseRedirect(reverse("desk:sheet", args=[hits[0].pk]))
    results = [
        {
            "reference": show_reference(hit.reference),
            "path": reverse("desk:sheet", args=[hit.pk]),
            "state": hit.get_state_display(),
            "asked": day_and_time(hit.received_at, now),
        }
        for hit in hits
    ]
    return _page(request, form, results, status=200)


def _search(typed: str) -> tuple[str, QuerySet[CallbackRequest]]:
    """What the text is, and the requests it fits. Raises :exc:`BadPhone`."""
    text = typed.strip()
    if "@" in text:
        try:
            validate_email(text)
        except ValidationError:
            raise BadPhone(gettext("That is not a whole email address")) from None
        return "email", CallbackRequest.objects.filter(email_index=email_index(text))
    reference = parse_reference(text)
    if reference is not None:
        by_reference = CallbackRequest.objects.filter(reference=reference)
        # Ten digits can be a reference and a phone number; a reference that exists wins.
        if not text.isdecimal() or by_reference.exists():
            return "reference", by_reference
    if sum(c.isalpha() for c in text) > 2:
        raise BadPhone(gettext("A reference has ten letters and digits, such as K7QM4-TXW9R"))
    number = str(read_phone(text).as_e164)
    return "phone", CallbackRequest.objects.filter(phone_index=phone_index(number))


def _page(
    request: StaffRequest, form: FindForm, results: list[dict[str, str]] | None, *, status: int
) -> HttpResponse:
    context = {
        "find_form": form,
        "find_url": reverse("desk:find"),
        "results": results,
        "name_typed": "",
        "name_trouble": "",
    }
    return desk_page_response(request, "desk/find.html", context, now=timezone.now(), status=status)
