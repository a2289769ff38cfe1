"""Every test has its own keys, spool and mailbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from intake import keys


@pytest.fixture(autouse=True)
def place(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    settings.NOTIFY_EMAILS = ["desk@clinic.test"]
    keys.create()
    return tmp_path
