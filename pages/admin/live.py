"""Publishing from the admin: what the buttons call, and what is said afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.admin.words import address_of
from pages.medical import ALWAYS, is_medical, medical_among
from pages.models import PublishingPolicy, Release
from pages.publishing import CannotPublish, propose_rows, publish_rows
from pages.releases import Content, row_of, title_of
from pages.schedule import touching

WAITS = _(
    "<strong>Not live yet:</strong> {} waits for a second person, because {}. Readers see the "
    'site as it was until somebody else approves it. <a href="{}">Look at it</a>.'
)
VOID = _(
    "{} was approved, and changes the same rows. Its approval no longer counts: "
    '<a href="{}">look at it again</a>.'
)
ALSO = _('{} changes some of the same rows. <a href="{}">Look at it</a>.')


def may_publish(request: HttpRequest) -> bool:
    """Publishing makes a release, so it takes the permission to add one."""
    return request.user.has_perm("pages.add_release")


def changes_address(keys: Iterable[str]) -> str:
    """The page of unpublished changes, with these ticked."""
    query = urlencode([("row", key) for key in keys])
    return reverse("admin:pages_changes") + (f"?{query}" if query else "")


def proposal_address(number: int) -> str:
    return reverse("admin:pages_proposal", args=[number])


def preview_address(which: str) -> str:
    """The preview of ``"working"`` or of a release's number; empty where previews are off."""
    try:
        return reverse("pages:preview", args=[which, ""])
    except NoReverseMatch:
        return ""


def publish(
    request: HttpRequest,
    keys: list[str],
    note: str = "",
    *,
    live_from: dt.datetime | None = None,
    only_propose: bool = False,
) -> bool:
    """Publish or propose these rows and say so, or say what stands in the way."""
    act = propose_rows if only_propose else publish_rows
    return tell(
        request, lambda: act(keys=keys, by=user_of(request), note=note, live_from=live_from)
    )


def tell(request: HttpRequest, act: Callable[[], Release]) -> bool:
    """Do it, and say in words what became of it and of other releases that are still to come."""
    scheduled = set(Release.objects.scheduled().values_list("number", flat=True))
    try:
        release = act()
    except CannotPublish as refusal:
        tell_refusal(request, refusal)
        return False
    _tell_outcome(request, release)
    for other in Release.objects.waiting().filter(number__in=scheduled - {release.number}):
        messages.warning(request, format_html(str(VOID), other, proposal_address(other.number)))
    if release.approved_at is None or release.live_from > timezone.now():
        for other in touching(release.changed_keys):
            if other.pk != release.pk:
                messages.warning(
                    request, format_html(str(ALSO), other, proposal_address(other.number))
                )
    return True


def _tell_outcome(request: HttpRequest, release: Release) -> None:
    if release.closed_at:
        messages.success(
            request,
            gettext("%(release)s will not go live. Its changes are kept as saved.")
            % {"release": release},
        )
    elif release.approved_at is None:
        address = proposal_address(release.number)
        messages.warning(request, format_html(str(WAITS), release, why_it_waits(release), address))
    elif release.live_from > timezone.now():
        messages.success(
            request,
            gettext("%(release)s goes live on %(moment)s.")
            % {"release": release, "moment": moment(release.live_from)},
        )
    else:
        count = len(release.changed_keys)
        rows = ngettext("%(count)s changed row", "%(count)s changed rows", count) % {"count": count}
        messages.success(
            request,
            gettext("Published: %(release)s is live, with %(rows)s.")
            % {"release": release, "rows": rows},
        )


def moment(at: dt.datetime) -> str:
    """A time as the clinic's clock has it: ``Monday, March 2, 2026, 9:00 a.m. MST``."""
    return date_format(timezone.localtime(at), gettext("l, F j, Y, P T"))


def why_it_waits(release: Release) -> str:
    """The reason in words, with the medical statements by their names."""
    after: Content = release.content
    before = release.base.content if release.base else {}
    keys = medical_among(release.changed_keys, before=before, after=after)
    if not keys:
        return gettext("it was proposed to one")
    names = [title_of(after.get(key) or before[key], default=key) for key in keys]
    more = gettext(" and %(n)s more") % {"n": len(names) - 3} if len(names) > 3 else ""
    listed = ", ".join(f"“{name}”" for name in names[:3])
    return gettext("it touches medical statements: %(listed)s%(more)s") % {
        "listed": listed,
        "more": more,
    }


def asks_second_person(key: str, *contents: Content) -> bool:
    """Whether publishing this row would wait for somebody else, as far as the row alone tells."""
    policy = PublishingPolicy.now().second_person
    if policy == PublishingPolicy.SecondPerson.MEDICAL:
        return any(is_medical(key, content) for content in contents)
    return policy == PublishingPolicy.SecondPerson.EVERYTHING


def kind_asks_second_person(kind: str) -> bool:
    """Whether any new row of this kind, such as ``"study"``, would wait for somebody else."""
    policy = PublishingPolicy.now().second_person
    if policy == PublishingPolicy.SecondPerson.MEDICAL:
        return kind in ALWAYS
    return policy == PublishingPolicy.SecondPerson.EVERYTHING


def tell_refusal(request: HttpRequest, refusal: CannotPublish) -> None:
    """The reason, and each problem with a link to the row that causes it."""
    lines = format_html_join(
        "",
        '<br><a href="{}">{}</a> {} {}',
        (
            (
                address_of(p.key) if p.key else changes_address([]),
                _title(p.key),
                p.message,
                p.hint,
            )
            for p in refusal.problems
        ),
    )
    messages.error(
        request, format_html(gettext("<strong>Not published.</strong> {}{}"), str(refusal), lines)
    )


def _title(key: str) -> str:
    """The row's own words for itself; a row that is gone keeps its key."""
    if not key:
        return gettext("The site")
    return str(row_of(key) or key)


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
