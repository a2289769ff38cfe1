"""Reminders by e-mail that the review of a figure is near, or past."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext

from pages.days import today
from pages.languages import speaking
from pages.models import ReviewWarning
from pages.releases import Content, live_content, title_of

Milestone = ReviewWarning.Milestone
CLAIM = dt.timedelta(minutes=30)  # longer than any mail server takes to answer


@dataclass(frozen=True)
class Review:
    """One row of the live site that has to be checked again by a day."""

    key: str
    title: str
    due_on: dt.date
    days_left: int  # below zero once the day has passed

    @property
    def milestone(self) -> Milestone | None:
        """The reminder that is due now: only the latest, if earlier ones were never sent."""
        if self.days_left < 0:
            return Milestone.PASSED
        return next((m for m in (Milestone.WEEK, Milestone.MONTH) if self.days_left <= m), None)


def reviews_due(content: Content, *, day: dt.date) -> list[Review]:
    """Every row with a date on which it has to be checked again, the most urgent first."""
    dated = [(key, row) for key, row in content.items() if row.get("review_due_on")]
    reviews = []
    for key, row in dated:
        due_on = dt.date.fromisoformat(row["review_due_on"])
        reviews.append(Review(key, title_of(row, default=key), due_on, (due_on - day).days))
    return sorted(reviews, key=lambda review: (review.due_on, review.key))


def warn_due() -> int:
    """Mail the reminders that are due and were not sent yet, in one message; return how many.

    The worker runs it once an hour. Each reminder is claimed before it is mailed, so two workers
    send it once; the claim is given back when the mail is refused, and lapses when the process is
    killed. No transaction is open meanwhile: a slow mail server must not keep anybody from writing.
    """
    content = live_content()
    figures = {key: row for key, row in content.items() if key.startswith("outcomefigure:")}
    due = [review for review in reviews_due(figures, day=today()) if _claim(review)]
    if not due:
        return 0
    try:
        _send(due)
    except Exception:
        for review in due:
            _warning_of(review).delete()
        raise
    for review in due:
        _warning_of(review).update(sent_at=timezone.now())
    return len(due)


def recipients() -> list[str]:
    """Reviewers in service with an address; the people of the desk where there is none."""
    holders = User.objects.with_perm(
        "pages.change_release", backend="django.contrib.auth.backends.ModelBackend"
    )
    addresses = holders.exclude(email="").values_list("email", flat=True)
    return sorted(set(addresses)) or list(settings.NOTIFY_EMAILS)


def _claim(review: Review) -> bool:
    """Whether this run sends it: nobody has, and nobody else is at it."""
    if review.milestone is None:
        return False
    now = timezone.now()
    warning, is_new = ReviewWarning.objects.get_or_create(
        key=review.key,
        due_on=review.due_on,
        milestone=review.milestone,
        defaults={"claimed_at": now},
    )
    if is_new or warning.sent_at:
        return is_new
    lapsed = _warning_of(review).filter(sent_at=None, claimed_at__lt=now - CLAIM)
    return lapsed.update(claimed_at=now) == 1


def _warning_of(review: Review) -> QuerySet[ReviewWarning]:
    assert review.milestone is not None
    return ReviewWarning.objects.filter(
        key=review.key, due_on=review.due_on, milestone=review.milestone
    )


def _send(due: list[Review]) -> None:
    context = {"due": due, "admin": f"{settings.SITE_URL}/{settings.ADMIN_PATH}/"}
    passed = sum(review.days_left < 0 for review in due)
    with speaking(settings.STAFF_LANGUAGE):
        n = len(due)
        subject = ngettext("%(n)s figure to review", "%(n)s figures to review", n) % {"n": n}
        if passed:
            subject += ngettext(", %(n)s no longer shown", ", %(n)s no longer shown", passed) % {
                "n": passed
            }
        body = render_to_string("admin/pages/mail/reviews.txt", context)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, recipients())
