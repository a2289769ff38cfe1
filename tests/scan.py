"""``make scan``: an independent scanner (wapiti) at every side of the site, as it is deployed.

The site runs in the production profile behind ``deploy/nginx.conf``, on loopback. Scanned are: what
anybody can reach, and what a supervisor finds on the desk and a superuser in the admin. Ends with 1
when something above informational was found. Left out are its modules that ask
the internet, and the one for LDAP, which nothing here speaks: it compares answers, and takes the
form's fresh tokens for a finding.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.operations.place import ROOT, Place
from tests.operations.servers import HOST, free_port, gunicorn, nginx

WAPITI = Path(sys.prefix) / "scan/bin/wapiti"
MODULES = (
    "backup,brute_login_form,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,"
    "methods,permanentxss,redirect,shellshock,sql,ssl,upload,xss"
)
INFORMATIONAL = 0
LONGEST = {"scan": "600", "attack": "90"}  # seconds: for finding pages, for each module
# What would end the session, or make another one.
NOT_TOUCHED = ("/sign-out/", "/staff/sessions/", "/staff/password/")
# A password alone, because the scanner has no passkey; its limits, because it is one visitor.
ENVIRON = {
    "CLINIC_PROFILE": "production",
    "CLINIC_HOSTS": f"localhost,{HOST}",
    "CLINIC_TIME_ZONE": "America/Denver",
    "CLINIC_SECRET_KEY": "only-for-the-scanner-" * 4,
    "CLINIC_TRUSTED_PROXIES": "127.0.0.1",
    "CLINIC_REQUIRE_SECOND_FACTOR": "no",
    "CLINIC_IDLE_MINUTES": "60",
    "CLINIC_FORM_LIMIT_ADDRESS": "1000000",
    "CLINIC_FORM_LIMIT_EVERYBODY": "1000000",
}
SIGN_IN = """
import django; django.setup()
from django.conf import settings
from django.test import Client
from clinic_site.roles import create_staff
for role, root in (("supervisor", False), ("editor", True)):
    user = create_staff(name=f"scan.{role}", role=role, password="only for the scanner")
    user.is_superuser = root
    user.save()
    client = Client()
    client.force_login(user)
    print(client.cookies[settings.SESSION_COOKIE_NAME].OutputString().partition(";")[0])
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="clinic-scan-") as folder:
        found = [line for part in _scans(Path(folder)) for line in part]
    print("\n".join(found) or "Nothing above informational.")
    return 1 if found else 0


def _scans(folder: Path) -> Iterator[list[str]]:
    port = free_port()
    place = Place(folder / "var", environ=ENVIRON)
    place.must("prepare", "--quiet", CLINIC_URL="https://localhost")
    place.must("demo_queue", "20", CLINIC_URL="https://localhost", CLINIC_PROFILE="local")
    (folder / "nginx").mkdir()
    changes = {
        "www.example.org": "localhost",
        "Host $host;": "Host $http_host;",  # our port is not 443, and browsers name it
        "rate=20r/s": "rate=9000r/s",
        "rate=30r/m": "rate=9000r/s",
    }
    with nginx(
        folder / "nginx", public=[port], staff=port, static=place.static, **changes
    ) as front:
        base = f"https://localhost:{front.tls_port}"
        place.environ["CLINIC_URL"] = base
        with gunicorn(place, port):
            supervisor, superuser = _sessions(place)
            yield _scan(folder, base, "anybody", ["/", "/contact/", "/desk/", "/admin/"], "")
            yield _scan(folder, base, "supervisor", ["/desk/", "/staff/"], supervisor)
            yield _scan(folder, base, "superuser", ["/admin/"], superuser)


def _sessions(place: Place) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SIGN_IN],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def _scan(folder: Path, base: str, who: str, paths: list[str], cookie: str) -> list[str]:
    """One line for each kind of thing above informational that wapiti reports."""
    report = folder / f"{who}.json"
    print(f"== {who}: {' '.join(paths)}", flush=True)
    subprocess.run(
        [
            *(WAPITI, "--url", base + paths[0], "--scope", "domain", "-S", "polite"),
            *(word for path in paths[1:] for word in ("--start", base + path)),
            *(word for path in NOT_TOUCHED for word in ("--exclude", f"{base}{path}*")),
            *(("--cookie-value", cookie, "--drop-set-cookie") if cookie else ()),
            *("--module", MODULES, "--max-scan-time", LONGEST["scan"]),
            *("--max-attack-time", LONGEST["attack"], "--no-bugreport", "--flush-session"),
            *("--store-session", str(folder), "--store-config", str(folder), "--verbose", "0"),
            *("--format", "json", "--detailed-report", "1", "--output", str(report)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    told: dict[str, Any] = json.loads(report.read_text())
    print(f"   {told['infos'].get('crawled_pages_nbr', '?')} pages", flush=True)
    return [
        f"{who}: {kind}: {finding['method']} {finding['path']}: {finding['info']}"
        for section in ("vulnerabilities", "anomalies")
        for kind, findings in told[section].items()
        for finding in findings
        if finding["level"] > INFORMATIONAL
    ]


if __name__ == "__main__":
    sys.exit(main())
