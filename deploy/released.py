"""Part of ``make lock``: when each pinned version came out, in ``docs/dependencies.md``.

Each version is asked of PyPI once. The reasons are written by hand, and kept with their version.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import NamedTuple
from urllib.request import Request, urlopen

from deploy.sbom import LOCK, ROOT, pinned

PAGE = ROOT / "docs" / "dependencies.md"
JSON = "application/vnd.pypi.simple.v1+json"
TOOLS = ROOT / "requirements-dev.txt"
HEAD = (
    "| package | version | released | why it stays, where that is long ago |\n|---|---|---|---|\n"
)


class Row(NamedTuple):
    name: str
    version: str
    released: date
    reason: str


def looked_at(text: str) -> date:
    """The day on which the page was last brought up to date."""
    return date.fromisoformat(re.findall(r"^As of (\S+)\.$", text, re.MULTILINE)[0])


def rows(text: str) -> list[Row]:
    lines = re.findall(r"^\| (\S+) \| (\S+) \| (\d{4}-\d\d-\d\d) \|(.*)\|$", text, re.MULTILINE)
    return [Row(n, v, date.fromisoformat(day), why.strip()) for n, v, day, why in lines]


def pins() -> list[tuple[str, str]]:
    """Name and version of all that the site runs on, then of the tools."""
    return [(p.name, p.version) for path in (LOCK, TOOLS) for p in pinned(path).values()]


def ask(name: str, version: str) -> date:
    """The day on which the first file of this version was uploaded, says PyPI."""
    page = Request(f"https://pypi.org/simple/{name}/", headers={"Accept": JSON})
    with urlopen(page, timeout=60) as answer:  # noqa: S310 - https, as written above
        files = json.load(answer)["files"]
    ours = re.compile(rf"-{re.escape(version)}(-|\.tar\.|\.zip)")
    return date.fromisoformat(
        min(f["upload-time"] for f in files if ours.search(f["filename"]))[:10]
    )


def main() -> None:
    text = PAGE.read_text()
    known = {(row.name, row.version): row for row in rows(text)}
    table = [known.get(pin) or Row(*pin, ask(*pin), "") for pin in pins()]
    today = f"As of {datetime.now(UTC).date()}."
    before = re.sub(r"^As of \S+\.$", today, text[: text.index(HEAD)], flags=re.MULTILINE)
    lines = (" | ".join(map(str, row)).strip() for row in table)
    PAGE.write_text(before + HEAD + "".join(f"| {line} |\n" for line in lines))


if __name__ == "__main__":
    main()
