"""What the commands about one person have in common: who asks, and about whom.

What names a person is read from standard input. An argument could be read by every user of the
machine in the list of processes, and would stay in the shell's history.
"""

from __future__ import annotations

import sys

from django.contrib.auth.models import User
from django.core.management import CommandError
from django.core.management.base import OutputWrapper

from intake import people
from intake.keys import KeyMissing, WrongKey
from intake.models import CallbackRequest
from intake.references import show_reference

QUESTION = "Reference, exact phone number or exact email address: "


def staff_member(name: str) -> User:
    """The account that the audit will name. Raises :exc:`CommandError`."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active staff account {name!r}.")
    return user


def read_line(question: str, stderr: OutputWrapper) -> str:
    """One line of standard input; the question is only for a person at a terminal."""
    if sys.stdin.isatty():
        stderr.write(question, ending="")
        stderr.flush()
    return sys.stdin.readline().strip()


def ask_for_person(stderr: OutputWrapper) -> tuple[str, list[CallbackRequest]]:
    """What was typed, and the requests it means, listed on ``stderr``.

    Raises :exc:`CommandError`.
    """
    text = read_line(QUESTION, stderr)
    try:
        found = people.find(text)
    except (ValueError, KeyMissing, WrongKey) as error:
        raise CommandError(str(error)) from error
    for request in found:
        hold = ", on legal hold" if request.is_on_legal_hold else ""
        stderr.write(
            f"{show_reference(request.reference)}  sent {request.received_at:%Y-%m-%d %H:%M} UTC  "
            f"{request.get_state_display()}{hold}"
        )
    return text, found
