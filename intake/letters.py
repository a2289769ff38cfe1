"""What each message says and to whom. Texts: ``templates/intake/mail/<kind>.txt``.

The first line of a text is its subject. Mail to staff has a reference and a link. A receipt
goes to the address inside the envelope, which is opened only now, and only if the person's
consent still holds now.
"""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from intake.consents import has_consent
from intake.envelope import open_submission
from intake.models import CallbackRequest, Consent, Message
from intake.references import show_reference


class NobodyToTell(Exception):
    """No address is set for a message to staff."""


def compose(message: Message) -> EmailMessage | None:
    """The mail for a message, or ``None`` when it must not be sent any more.

    Raises :exc:`NobodyToTell` and what :func:`intake.envelope.open_submission` raises.
    """
    if message.kind == Message.Kind.RECEIPT:
        to, language = _visitor(message.request)
    else:
        to, language = _recipients(message), settings.STAFF_LANGUAGE
    if not to:
        return None
    with translation.override(language):
        text = render_to_string(f"intake/mail/{message.kind}.txt", _context(message))
    subject, _, body = text.partition("\n")
    return EmailMessage(
        subject=subject.strip(),
        body=body.strip() + "\n",
        from_email=settings.EMAIL_FROM,
        to=to,
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )


def _recipients(message: Message) -> list[str]:
    if message.kind in _ABOUT_PROMISES and is_settled(message):
        return []
    to: list[str] = list(settings.NOTIFY_EMAILS)
    if message.kind == Message.Kind.DUE_SOON and message.user and message.user.email:
        to = [message.user.email]
    if message.kind == Message.Kind.OVERDUE:
        to += [address for address in _supervisors() if address not in to]
    if not to:
        raise NobodyToTell("set CLINIC_NOTIFY_EMAILS")
    return to


_ABOUT_PROMISES: Final = frozenset({Message.Kind.DUE_SOON, Message.Kind.OVERDUE})


def is_settled(message: Message) -> bool:
    """Whether the promise a message is about was kept, or fell away, since it was queued."""
    request = message.request
    if request.state not in CallbackRequest.WAITING:
        return True
    if message.milestone.startswith("attempt"):
        return request.first_attempt_at is not None
    return request.first_contact_at is not None


def _supervisors() -> list[str]:
    users = get_user_model()._default_manager.with_perm(
        "intake.supervise_desk",
        include_superusers=False,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return list(users.exclude(email="").order_by("pk").values_list("email", flat=True))


def _visitor(request: CallbackRequest) -> tuple[list[str], str]:
    """Where the receipt goes, if anywhere, and the language of the form that asked for it."""
    newest = request.submissions.order_by("-received_at", "-pk").first()
    if newest is None or not has_consent(request, Consent.Purpose.EMAIL):
        return [], "en"
    content = open_submission(newest, actor=None, purpose="receipt")
    language = str(content.get("form_language") or "en")
    if not (content.get("email") and content.get("email_receipt")):
        return [], language
    return [content["email"]], language


def _context(message: Message) -> dict[str, object]:
    request = message.request
    zone = ZoneInfo(settings.TIME_ZONE)
    return {
        "reference": show_reference(request.reference),
        "link": f"{settings.SITE_URL}/{settings.DESK_PATH}/{request.pk}/",
        "milestone": message.milestone.partition(" ")[0],
        "received_at": request.received_at.astimezone(zone),
        "attempt_due_at": request.attempt_due_at.astimezone(zone),
        "contact_due_at": request.contact_due_at.astimezone(zone),
        "clinic_name": settings.CLINIC_NAME,
        "phone_word": settings.CLINIC_PHONE_WORD,
        "phone_digits": settings.CLINIC_PHONE_DIGITS,
    }
