"""No file still holds two versions of itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARKS = ("<" * 7, ">" * 7)


def test_no_file_holds_the_marks_of_a_merge() -> None:
    pattern = "|".join(f"^{mark} " for mark in MARKS)

    found = subprocess.run(
        ["git", "grep", "--extended-regexp", "--name-only", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.stdout == ""
