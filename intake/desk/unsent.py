"""Messages that were given up: shown with the reason, sent again by a person's decision."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from intake import audit, outbox
from intake.desk.access import SUPERVISE, StaffRequest, desk_page
from intake.desk.page import desk_page_response
from intake.desk.wording import day_and_time
from intake.models import Message
from intake.references import show_reference

SHOWN = 200


@require_safe
@desk_page(SUPERVISE)
def unsent(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    rows = [
        {
            "pk": message.pk,
            "what": message.get_kind_display(),
            "by": message.get_channel_display(),
            "reference": show_reference(message.request.reference),
            "path": reverse("desk:sheet", args=[message.request_id]),
            "queued": day_and_time(message.created_at, now),
            "given_up": day_and_time(message.dead_at, now) if message.dead_at else "",
            "tries": message.tries,
            "why": message.last_error,
        }
        for message in outbox.dead()[:SHOWN]
    ]
    return desk_page_response(request, "desk/unsent.html", {"rows": rows}, now=now)


@require_POST
@desk_page(SUPERVISE)
def send_again(request: StaffRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        message = Message.objects.select_related("request").filter(pk=pk).first()
        is_back = message is not None and outbox.revive(pk, now=timezone.now())
        if message is not None and is_back:
            audit.record(
                actor=request.user,
                action="sent_again",
                reference=message.request.reference,
                detail={"kind": message.kind, "channel": message.channel},
            )
    if is_back:
        messages.success(request, gettext("It goes out with the worker's next round."))
    else:
        messages.info(request, gettext("That one is on its way already."))
    return HttpResponseRedirect(reverse("desk:unsent"))
