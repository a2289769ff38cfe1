"""The core of publishing can be read in one sitting (decision 77)."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

CORE = ("releases.py", "site.py", "preflight/*.py", "delivery.py")
LINES = 1000  # that are not blank


def test_releases_site_preflight_and_delivery_stay_small() -> None:
    pages = Path(settings.BASE_DIR) / "pages"
    files = [file for pattern in CORE for file in pages.glob(pattern)]

    lines = [line for file in files for line in file.read_text().splitlines() if line.strip()]

    assert len(files) >= 8
    assert len(lines) <= LINES
