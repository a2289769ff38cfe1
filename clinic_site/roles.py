"""Who may do what. A role is a group; its permissions are exactly the ones listed here.

Django admin never shows what a visitor wrote, whatever the role: that is only on the desk,
behind ``intake.use_desk``.
"""

from __future__ import annotations

from typing import Final

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

from pages.models import CONTENT_MODELS

EDITOR: Final = "editor"
REVIEWER: Final = "reviewer"
COORDINATOR: Final = "coordinator"
SUPERVISOR: Final = "supervisor"
OPERATOR: Final = "operator"
ROLES: Final = (EDITOR, REVIEWER, COORDINATOR, SUPERVISOR, OPERATOR)

# Coordinators have nothing to do in the admin.
ROLES_WITH_ADMIN: Final = frozenset({EDITOR, REVIEWER, SUPERVISOR, OPERATOR})


# Links that show a preview to somebody without an account.
PREVIEWS: Final = frozenset(
    {"pages.view_previewlink", "pages.add_previewlink", "pages.change_previewlink"}
)


def _on_content(*verbs: str) -> set[str]:
    names = [model._meta.model_name for model in CONTENT_MODELS]
    return {f"pages.{verb}_{name}" for verb in verbs for name in names}


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of ``role`` as ``app.codename``; ``KeyError`` for an unknown role."""
    return frozenset(
        {
            # Proposing a release is adding one; signing it off is changing it. No role may sign off
            # its own: ``pages.override_second_person`` is for superusers, with a reason.
            EDITOR: _on_content("view", "add", "change", "delete")
            | PREVIEWS
            | {"pages.view_release", "pages.add_release"},
            REVIEWER: _on_content("view", "change")
            | PREVIEWS
            | {"pages.view_release", "pages.add_release", "pages.change_release"},
            COORDINATOR: {"intake.use_desk"},
            SUPERVISOR: {
                "intake.use_desk",
                "intake.supervise_desk",
                "intake.export_requests",
                "pages.view_release",
                "pages.view_publishingpolicy",
                "pages.add_publishingpolicy",
                "pages.change_publishingpolicy",
            }
            | _on_content("view"),
            # Runs the machine: sees what is live, what goes live when and what blocks it, and
            # changes nothing. Accounts are made by a superuser, or by a command.
            OPERATOR: _on_content("view") | {"pages.view_release"},
        }[role]
    )


def _known() -> dict[str, int]:
    """The key of each permission that exists, by its name as ``app.codename``."""
    rows = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    return {f"{label}.{codename}": pk for label, codename, pk in rows.order_by()}


@transaction.atomic
def ensure_roles() -> None:
    """Make the groups, and give each exactly its permissions. Harmless to repeat."""
    from django.apps import apps

    for label in ("pages", "intake"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    known = _known()
    for role in ROLES:
        wanted = permissions_of(role)
        if missing := wanted - known.keys():
            raise LookupError(f"no such permission: {', '.join(sorted(missing))}; run migrate")
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(known[name] for name in wanted)


@transaction.atomic
def create_staff(*, name: str, role: str, password: str) -> User:
    """A member of staff with one role. The password is checked by the caller."""
    ensure_roles()
    user = User.objects.create_user(
        username=name, password=password, is_staff=role in ROLES_WITH_ADMIN
    )
    user.groups.add(Group.objects.get(name=role))
    return user
