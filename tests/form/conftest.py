"""Every form test has a clinic of its own: its keys, its spool, its counters."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from intake import keys


@pytest.fixture(autouse=True)
def var_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    keys.create()
    return tmp_path
