"""Staff with the roles of the clinic, for tests of who may do what."""

from __future__ import annotations

from django.contrib.auth.models import Group, User

from clinic_site.roles import ensure_roles


def make_staff(name: str, role: str, **changes: object) -> User:
    ensure_roles()
    user = User.objects.create_user(name, password="x", is_staff=True, **changes)  # type: ignore[arg-type]
    user.groups.add(Group.objects.get(name=role))
    return user
