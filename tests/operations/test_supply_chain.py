"""What is installed is what was looked at: pinned, with hashes, and listed with its license."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

from deploy import released, sbom
from tests.operations.place import ROOT


def required() -> dict[str, str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = (re.match(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)", line) for line in lines)
    return {sbom.canonical(match[1]): match[2] for match in found if match}


def test_the_lock_has_every_requirement_at_the_version_asked_for() -> None:
    locked = {name: package.version for name, package in sbom.locked().items()}

    assert required().items() <= locked.items(), "run: make lock"


def test_the_lock_has_what_each_package_needs_in_turn() -> None:
    lines = (ROOT / "requirements.lock").read_text().count("--hash=sha256:")

    assert len(sbom.locked()) > len(required())
    assert all(package.hashes for package in sbom.locked().values())
    assert sum(len(package.hashes) for package in sbom.locked().values()) == lines


@pytest.mark.parametrize("python", ["3.11.2", "3.11.14", "3.13.5"])  # Debian 12, newest, Debian 13
def test_the_lock_has_what_other_pythons_need(python: str) -> None:
    there = {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "extra": "",
    }
    needed = {
        sbom.canonical(asked.name)
        for name in sbom.locked()
        for asked in map(Requirement, requires(name) or [])
        if asked.marker is None or asked.marker.evaluate(there)
    }

    assert needed - set(sbom.locked()) == set(), "name them in requirements.txt, with the reason"


def test_the_lock_names_no_place_to_download_from() -> None:
    text = (ROOT / "requirements.lock").read_text()

    assert "://" not in text
    assert "--find-links" not in text


def test_the_list_of_parts_is_as_fresh_as_the_lock() -> None:
    listed = json.loads(sbom.SBOM.read_text())["components"]

    assert {(c["name"], c["version"]) for c in listed} == {
        (p.name, p.version) for p in sbom.locked().values()
    }, "run: make sbom"


def test_every_part_has_a_license_that_machines_can_read() -> None:
    listed = json.loads(sbom.SBOM.read_text())["components"]

    assert [c["name"] for c in listed if "expression" not in c["licenses"][0]] == []


def test_every_requirement_gives_its_reason() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()

    assert [line for line in lines if "==" in line and "#" not in line] == []


def test_each_version_says_when_it_came_out() -> None:
    listed = released.rows(released.PAGE.read_text())

    assert [(row.name, row.version) for row in listed] == released.pins(), "run: make lock"


def test_an_old_version_says_why_it_stays() -> None:
    text = released.PAGE.read_text()
    long_ago = released.looked_at(text) - timedelta(days=548)  # eighteen months

    unexplained = [row for row in released.rows(text) if row.released < long_ago and not row.reason]

    assert unexplained == [], f"say why in {released.PAGE.name}"
    assert max(row.released for row in released.rows(text)) <= released.looked_at(text)
