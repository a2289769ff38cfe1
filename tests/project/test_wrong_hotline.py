"""The slip that once printed a wrong crisis number is found wherever it hides in the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRONG = re.compile(r"237[\W_]{0,3}(8255|talk)", re.IGNORECASE)
# The check that refuses the number, its test and its documentation have to name it.
NAMES_IT = {
    "pages/preflight.py",
    "docs/preflight.md",
    "tests/project/test_wrong_hotline.py",
}


def test_the_wrong_number_is_in_no_file_but_those_that_refuse_it() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {
        name
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file() and WRONG.search((ROOT / name).read_bytes().decode("latin-1"))
    }

    assert {name for name in found if not name.startswith("tests/pages/")} <= NAMES_IT


def test_the_search_would_find_it_however_it_is_written() -> None:
    for written in ("800-237-8255", "8002378255", "1 800 237 8255", "237.8255", "800-237-TALK"):
        assert WRONG.search(written), written
    assert not WRONG.search("1-800-273-8255")
