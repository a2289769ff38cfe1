"""``manage.py invite_staff NAME --role ROLE``: a link with which one person chooses a password."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic_site.roles import ROLES, create_staff
from clinic_site.staff.invitations import invite


class Command(BaseCommand):
    help = (
        "Invite a member of staff: prints a link that works once. With --again for somebody who "
        "has an account already and forgot the password or lost the phone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name to sign in with, such as dana.w")
        parser.add_argument("--role", choices=ROLES, help="for a new account")
        parser.add_argument("--again", action="store_true", help="the account exists already")
        parser.add_argument(
            "--forget-factors",
            action="store_true",
            help="with --again: remove passkeys, authenticator app and recovery codes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["name"]
        with transaction.atomic():
            user = _existing(name) if options["again"] else _new(name, options["role"])
            link = invite(user=user, actor=None, forget_factors=options["forget_factors"])
        hours = settings.PASSWORD_RESET_TIMEOUT // 3600
        self.stdout.write(f"Give this link to {name}. It works once, for {hours} hours:")
        self.stdout.write(link)


def _existing(name: str) -> User:
    try:
        user = User.objects.get(username__iexact=name)
    except User.DoesNotExist as error:
        raise CommandError(f"There is nobody called {name}. Leave out --again.") from error
    if not user.is_active:
        raise CommandError(f"The account of {name} is closed. Open it in the admin first.")
    return user


def _new(name: str, role: str | None) -> User:
    if role is None:
        raise CommandError(f"Say what {name} will do: --role {' or '.join(ROLES)}.")
    try:
        for validator in User._meta.get_field("username").validators:
            validator(name)
    except ValidationError as error:
        raise CommandError(f"{name!r} cannot be a name. " + " ".join(error.messages)) from error
    if User.objects.filter(username__iexact=name).exists():
        raise CommandError(f"There is already somebody called {name}. Use --again for a new link.")
    return create_staff(name=name, role=role, password=secrets.token_urlsafe(32))
