"""``manage.py create_staff NAME --role ROLE``: an account for one member of staff."""

from __future__ import annotations

import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinic_site.roles import ROLES, create_staff

GENERATED_LENGTH = 18  # bytes of randomness, 24 characters


class Command(BaseCommand):
    help = (
        "Create a staff account. The password is read from standard input when something is "
        "piped in, otherwise generated and shown once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name to sign in with, such as dana.w")
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument(
            "--password-stdin", action="store_true", help="read one line from standard input"
        )
        parser.add_argument(
            "--generate", action="store_true", help="generate a password even when input is piped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = _accepted_name(options["name"])
        given = "" if options["generate"] else _given_password(must=options["password_stdin"])
        password = given or secrets.token_urlsafe(GENERATED_LENGTH)
        try:
            validate_password(password, User(username=name))
        except ValidationError as error:
            raise CommandError("That password is too weak. " + " ".join(error.messages)) from error
        create_staff(name=name, role=options["role"], password=password)
        self.stdout.write(f"{name} can sign in as {options['role']}.")
        if not given:
            self.stdout.write(f"Password, shown this once: {password}")


def _accepted_name(name: str) -> str:
    try:
        for validator in User._meta.get_field("username").validators:
            validator(name)
    except ValidationError as error:
        raise CommandError(f"{name!r} cannot be a name. " + " ".join(error.messages)) from error
    if User.objects.filter(username__iexact=name).exists():
        raise CommandError(f"There is already somebody called {name}. Choose another name.")
    return name


def _given_password(*, must: bool) -> str:
    """One line of standard input, or nothing when nobody piped anything in."""
    if not must and (sys.stdin is None or sys.stdin.isatty()):
        return ""
    password = sys.stdin.readline().rstrip("\r\n")
    if must and not password:
        raise CommandError("--password-stdin was given, but standard input is empty.")
    return password
