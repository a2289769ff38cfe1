"""Give a person what is held about them."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from intake import people
from intake.envelope import EnvelopeMoved, EnvelopeTampered, KeyMissing, WrongKey
from intake.management.asking import ask_for_person, staff_member


class Command(BaseCommand):
    help = (
        "Write everything held about one person as JSON. Their reference, exact phone number or "
        "exact email address is read from standard input. Each opening is in the audit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="NAME", help="your staff account")
        parser.add_argument(
            "--to", type=Path, metavar="FILE", help="a new file, readable by you alone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = staff_member(options["by"])
        _, found = ask_for_person(self.stderr)
        if not found:
            raise CommandError("Nothing is held about this person.")
        try:
            document = people.export(found, actor=user)
        except (KeyMissing, WrongKey, EnvelopeTampered, EnvelopeMoved) as error:
            raise CommandError(f"Nothing was written: {error}.") from error
        text = json.dumps(document, indent=2, ensure_ascii=False)
        if options["to"] is None:
            self.stdout.write(text)
            return
        self._write(options["to"], text)
        self.stderr.write(f"Written to {options['to']}. Delete it once it is handed over.")

    def _write(self, path: Path, text: str) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"Nothing was written: {error}.") from error
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text + "\n")
