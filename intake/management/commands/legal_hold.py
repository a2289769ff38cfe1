"""Keep a request for a court or an authority, or let it go again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from intake.holds import set_legal_hold
from intake.management.asking import staff_member
from intake.models import CallbackRequest
from intake.references import parse_reference


class Command(BaseCommand):
    help = "Put requests on legal hold, so that they are neither purged nor erased; or lift it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", nargs="+", help="as printed, such as R4TXN-W7KQC")
        parser.add_argument("--by", required=True, metavar="NAME", help="your staff account")
        parser.add_argument("--lift", action="store_true", help="end the hold")

    def handle(self, *args: Any, **options: Any) -> None:
        user = staff_member(options["by"])
        for text in options["reference"]:
            reference = parse_reference(text)
            requests = list(CallbackRequest.objects.filter(reference=reference or ""))
            if not requests:
                raise CommandError(f"There is no request {text}.")
            for request in requests:
                changed = set_legal_hold(request=request, user=user, is_on_hold=not options["lift"])
                done = "no longer on hold" if options["lift"] else "on hold"
                for one in changed:
                    self.stdout.write(f"{one} is {done}.")
                if not changed:
                    self.stdout.write(f"{reference}: nothing to change.")
