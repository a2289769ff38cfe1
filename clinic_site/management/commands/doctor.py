"""``manage.py doctor``: is this installation in order, and if not, what to do."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from clinic_site.doctor import examine
from clinic_site.doctor.duties import send_mail_to_itself


class Command(BaseCommand):
    help = "Check this installation, one line each, with what to do. Exits with 1 on a failure."
    requires_system_checks = []  # it runs them itself, and goes on after a failure

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")
        parser.add_argument(
            "--mail", action="store_true", help="also send a message to CLINIC_NOTIFY_EMAILS"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        if options["mail"]:
            findings.append(send_mail_to_itself())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1))
        else:
            for finding in findings:
                line = f"{finding.level:<5}{finding.check}: {finding.what}"
                self.stdout.write(f"{line}. {finding.do}" if finding.do else line)
        if any(finding.level == "fail" for finding in findings):
            sys.exit(1)
