"""Every address of the admin, by every role and method. An address that is not here fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from clinic_site.roles import (
    COORDINATOR,
    EDITOR,
    OPERATOR,
    REVIEWER,
    SUPERVISOR,
    create_staff,
)
from pages.models import (
    CONTENT_MODELS,
    Mechanism,
    Photo,
    PreviewLink,
    PublishingPolicy,
    Release,
    Translation,
)
from pages.preview_links import make_link
from pages.publishing import propose_rows, publish_all
from pages.redirects import point
from tests.pages.factories import (
    make_figure,
    make_item,
    make_page,
    make_part,
    make_question,
    make_section,
    make_step,
    make_study,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site_rows")]

E, R, S = EDITOR, REVIEWER, SUPERVISOR
ALL, NOBODY = {E, R, S, OPERATOR}, set[str]()
ROLES = (EDITOR, REVIEWER, SUPERVISOR, OPERATOR, COORDINATOR)

Who = tuple[set[str], set[str] | None]  # who may GET, who may POST; None: nobody ever POSTs

# Kinds of rows: what each role may do with them.
ROWS: dict[str, Who] = {
    "changelist": (ALL, ALL),
    "add": ({E}, {E}),
    "change": (ALL, {E, R}),
    "delete": ({E}, {E}),
    "history": (ALL, {E, R}),
}
# There is one clinic, and it exists.
ONE_CLINIC: dict[str, Who] = {"pages_clinicprofile_add": (NOBODY, NOBODY)}

OTHERS: dict[str, Who] = {
    "index": (ALL, ALL),
    "app_list": (ALL, ALL),
    "jsi18n": (ALL, None),
    "autocomplete": (ALL, None),
    "view_on_site": (NOBODY, None),
    "pages_find": (ALL, None),
    "pages_row": (ALL, None),
    "pages_changes": (ALL, {E, R}),
    "pages_calendar": (ALL, None),
    "pages_untranslated": (ALL, None),
    "pages_compare": (ALL, None),
    "pages_proposal": (ALL, {E, R}),
    "pages_restore": ({E, R}, {E, R}),
    "pages_undo": ({E, R}, {E, R}),
    "pages_release_changelist": (ALL, ALL),
    "pages_release_add": (NOBODY, NOBODY),
    "pages_release_change": (ALL, NOBODY),
    "pages_release_delete": (NOBODY, NOBODY),
    "pages_release_history": (ALL, ALL),
    "pages_publishingpolicy_changelist": ({S}, {S}),
    "pages_publishingpolicy_add": (NOBODY, NOBODY),  # there is one, and it exists
    "pages_publishingpolicy_change": ({S}, {S}),
    "pages_publishingpolicy_delete": (NOBODY, NOBODY),
    "pages_publishingpolicy_history": ({S}, {S}),
    "pages_previewlink_changelist": ({E, R}, {E, R}),
    "pages_previewlink_add": ({E, R}, {E, R}),
    "pages_previewlink_change": ({E, R}, NOBODY),
    "pages_previewlink_delete": (NOBODY, NOBODY),
    "pages_previewlink_history": ({E, R}, {E, R}),
    **{
        f"auth_{kind}_{what}": (NOBODY, NOBODY)
        for kind in ("user", "group")
        for what in ("changelist", "add", "change", "delete", "history")
    },
    "auth_user_password_change": (NOBODY, NOBODY),
}
# The staff's own door answers these (clinic_site.staff.admin_door).
AT_THE_DOOR = {"login", "logout", "password_change", "password_change_done"}


def who_may(name: str) -> Who:
    """Raises ``KeyError`` for an address that nobody has thought about."""
    if name in ONE_CLINIC:
        return ONE_CLINIC[name]
    for model in CONTENT_MODELS:
        start = f"pages_{model._meta.model_name}_"
        if name.startswith(start):
            return ROWS[name.removeprefix(start)]
    return OTHERS[name]


def names_of(patterns: Any) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


NAMES = sorted(set(names_of(admin.site.urls[0])) - AT_THE_DOOR)


@pytest.fixture
def staff() -> dict[str, User]:
    """One of each role, and one row of each kind to look at."""
    study = make_study()
    make_part(make_figure(study))
    make_question().cites.add(study)
    make_step()
    make_item(make_section(make_page()))
    Mechanism.objects.create(
        slug="plasticity", heading="Plasticity", drawing="synapse", drawing_alt="A synapse."
    )
    Translation.objects.create(slug="es-page-faq", language="es", of="page:faq", is_ready=False)
    sized = {"digest": "0" * 32, "width": 960, "height": 640}
    Photo.objects.create(slug="door", label="Door", is_decorative=True, is_ready=False, **sized)
    people = {role: create_staff(name=role, role=role, password="x") for role in ROLES}
    point(from_path="/questions/", to_path="/faq/", by=None)
    PublishingPolicy.objects.create()
    publish_all(by=None)
    make_question(slug="second", topic="safety")
    propose_rows(keys=["question:second"], by=people[EDITOR])
    make_link(release=None, note="For the printer", by=people[EDITOR], days=3)
    return people


def address(name: str) -> str:
    if name == "autocomplete":
        query = "app_label=pages&model_name=section&field_name=cites&term="
        return f"{reverse('admin:autocomplete')}?{query}"
    if name == "view_on_site":
        return reverse("admin:view_on_site", args=[ContentType.objects.first().pk, 1])  # type: ignore[union-attr]
    if name == "app_list":
        return reverse("admin:app_list", args=["pages"])
    if name == "pages_row":
        return reverse("admin:pages_row", args=["question:driving-home"])
    if name in {"pages_proposal", "pages_restore", "pages_undo"}:
        return reverse(f"admin:{name}", args=[2 if name == "pages_proposal" else 1])
    if not name.endswith(("_change", "_delete", "_history")):
        return reverse(f"admin:{name}")
    return reverse(f"admin:{name}", args=[_some(name)])


def _some(name: str) -> int:
    kind = name.split("_")[1]
    models: dict[str, Any] = {str(model._meta.model_name): model for model in CONTENT_MODELS} | {
        "release": Release,
        "publishingpolicy": PublishingPolicy,
        "previewlink": PreviewLink,
        "user": User,
        "group": Group,
    }
    return int(models[kind]._default_manager.first().pk)


def is_let_in(client: Client, method: str, name: str) -> bool:
    """Whether the view did its work, or explained what is wrong with the form."""
    data = {"do": "amend", "note": ""} if method == "post" and name == "pages_proposal" else {}
    with transaction.atomic():
        response = getattr(client, method)(address(name), data)
        transaction.set_rollback(True)
    doors = (reverse("sign-in"), reverse("admin:login"))
    if response.status_code == 302 and response["Location"].startswith(doors):
        return False
    assert response.status_code in {200, 302, 403, 404, 422}, (name, response.status_code)
    return response.status_code in {200, 302, 422}


def test_every_address_of_the_admin_is_thought_about() -> None:
    assert len(NAMES) > 80
    for name in NAMES:
        who_may(name)
    with pytest.raises(KeyError):
        who_may("pages_secret")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_exactly_where_it_should(
    role: str, staff: dict[str, User], client: Client
) -> None:
    client.force_login(staff[role])
    wrong = []

    for name in NAMES:
        may_get, may_post = who_may(name)
        if is_let_in(client, "get", name) is not (role in may_get):
            wrong.append(f"GET {name}")
        if may_post is not None and is_let_in(client, "post", name) is not (role in may_post):
            wrong.append(f"POST {name}")

    assert wrong == []


def test_nobody_gets_anywhere_without_an_account(staff: dict[str, User], client: Client) -> None:
    assert [
        name
        for name in NAMES
        for method in ("get", "post")
        if is_let_in(client, method, name) and name != "jsi18n"
    ] == []


@pytest.mark.parametrize("role", [SUPERVISOR, OPERATOR])
def test_who_only_looks_cannot_decide_on_a_proposal(
    role: str, staff: dict[str, User], client: Client
) -> None:
    client.force_login(staff[role])

    for button in ("approve", "close", "amend"):
        response = client.post(address("pages_proposal"), {"do": button, "remark": "x"})
        assert response.status_code == 403

    assert Release.objects.get(number=2).approved_at is None


def test_an_editor_cannot_approve_nor_decline_what_somebody_else_proposed(
    staff: dict[str, User], client: Client
) -> None:
    Release.objects.filter(number=2).update(proposed_by=staff[REVIEWER])
    client.force_login(staff[EDITOR])

    for button in ("approve", "close"):
        response = client.post(address("pages_proposal"), {"do": button, "remark": "x"})
        assert response.status_code == 403
