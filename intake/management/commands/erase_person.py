"""Delete a person who asked to be deleted."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError

from intake import people
from intake.management.asking import ask_for_person, read_line, staff_member
from intake.references import parse_reference, show_reference

YES: Final = "erase"


class Command(BaseCommand):
    help = (
        "Delete everything held about one person, once you have typed 'erase' after seeing what it "
        "is. Their reference, exact phone number or exact email address is read from standard "
        "input, the confirmation from its second line. Nothing on legal hold goes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="NAME", help="your staff account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = staff_member(options["by"])
        text, found = ask_for_person(self.stderr)
        if not found:
            self._erase_unadmitted(text, user)
            return
        self.stderr.write(
            "If one of these may be somebody else's, type 'no' and give the references instead."
        )
        self._confirm()
        try:
            erased = people.erase(found, actor=user)
        except people.OnLegalHold as error:
            raise CommandError(f"Nothing was erased: {error} is on legal hold.") from error
        for reference in erased:
            self.stdout.write(f"{show_reference(reference)} was erased.")
        self.stdout.write(
            "Backups made before now still hold it, sealed, until they are removed. A restore "
            "erases it again, as long as tombstones.jsonl is kept."
        )

    def _erase_unadmitted(self, text: str, user: User) -> None:
        reference = parse_reference(text)
        count = people.count_unadmitted(reference) if reference else 0
        if not reference or not count:
            raise CommandError("Nothing is held about this person.")
        self.stderr.write(f"{count} forms of {text} that could not be opened.")
        self._confirm()
        people.erase_unadmitted(reference, actor=user)
        self.stdout.write(f"{show_reference(reference)} was erased.")

    def _confirm(self) -> None:
        if read_line(f"Type '{YES}' to delete it for good: ", self.stderr) != YES:
            raise CommandError("Nothing was erased.")
