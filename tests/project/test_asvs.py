"""``docs/asvs.md`` has a line for every requirement that applies, and names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/asvs.md").read_text()
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+) \|$", TEXT, re.MULTILINE)
# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has, and which numbers they
# have where they are not the first ones. Sections that do not apply are named in the text.
SECTIONS = {
    "1.1": 2,
    "1.2": 9,
    "1.3": 11,
    "1.4": 3,
    "1.5": 2,
    "2.1": 3,
    "2.2": 3,
    "2.3": 4,
    "2.4": 1,
    "3.2": 2,
    "3.3": 4,
    "3.4": 6,
    "3.5": 5,
    "3.7": 2,
    "4.1": 3,
    "4.2": 1,
    "5.1": 1,
    "5.2": 3,
    "5.3": 2,
    "5.4": 3,
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 1,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "9.1": 3,
    "9.2": 4,
    "11.1": 2,
    "11.2": 3,
    "11.3": 3,
    "11.4": 4,
    "11.5": 1,
    "11.6": 1,
    "12.1": 3,
    "12.2": 2,
    "12.3": 4,
    "13.1": 1,
    "13.2": 5,
    "13.3": 2,
    "13.4": 5,
    "14.1": 2,
    "14.2": 4,
    "14.3": 3,
    "15.1": 3,
    "15.2": 3,
    "15.3": 7,
    "16.1": 1,
    "16.2": 5,
    "16.3": 4,
    "16.4": 3,
    "16.5": 3,
}


def test_every_requirement_has_its_line() -> None:
    expected = [f"{section}.{n + 1}" for section, count in SECTIONS.items() for n in range(count)]
    expected[expected.index("7.6.1")] = "7.6.2"  # 7.6.1 is about identity providers

    assert [number for number, _, _ in ROWS] == expected


def test_what_a_line_points_at_exists() -> None:
    paths = set(re.findall(r"`([\w./-]+\.(?:py|md|conf|yml|js|json))[:`]", TEXT))

    assert len(paths) > 60
    assert [p for p in paths if not ((ROOT / p).exists() or (ROOT / "tests" / p).exists())] == []


def test_no_line_is_open() -> None:
    for number, asks, met in ROWS:
        assert not re.search(r"\b(todo|open|missing|not yet)\b", met, re.IGNORECASE), number
        assert asks
