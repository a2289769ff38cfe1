"""``deploy/Containerfile`` and ``compose.yml``: what they name exists, and no part learns too much."""

from __future__ import annotations

import re

from tests.operations.place import ROOT

IMAGE = (ROOT / "deploy/Containerfile").read_text()
COMPOSE = (ROOT / "deploy/compose.yml").read_text()


def names(text: str) -> set[str]:
    """The variables that a file of settings sets."""
    return set(re.findall(r"^(\w+)=", text, re.MULTILINE))


def test_what_is_copied_into_the_image_is_there() -> None:
    copied = [
        word
        for line in re.findall(r"^COPY (.+) \S+$", IMAGE, re.MULTILINE)
        for word in line.split()
    ]

    assert len(copied) > 8
    assert [path for path in copied if not (ROOT / path).exists()] == []


def test_the_folders_that_compose_mounts_fit_the_settings_of_the_image() -> None:
    paths = {word for word in re.findall(r"\b\w+_DIR=(\S+)", IMAGE) if not word.startswith("/run")}

    assert paths == {"/srv/static", "/srv/media", "/var/lib/clinic"}
    assert [path for path in paths if f":{path}" not in COMPOSE or path not in IMAGE] == []


def test_the_user_has_the_number_that_the_page_gives_to_the_folders() -> None:
    page = (ROOT / "deploy/several-machines.md").read_text()

    assert "groupadd --gid 10001 clinic" in IMAGE
    assert "useradd --uid 10001 --gid 10001" in IMAGE
    assert set(re.findall(r"install .*-o (\d+) -g (\d+)", page)) == {("10001", "10001")}
    assert "uid=10001,gid=10001" in COMPOSE


def test_settings_that_every_container_reads_hold_no_password() -> None:
    shared = names((ROOT / "deploy/site.env.example").read_text())

    assert "CLINIC_SECRET_KEY" in shared
    assert [name for name in shared if "PASSWORD" in name or "EMAIL_URL" in name] == []
    assert re.findall(r"env_file: (\S+)", COMPOSE) == ["site.env"]


def test_every_password_that_compose_asks_for_is_in_its_example() -> None:
    given = names((ROOT / "deploy/compose.env.example").read_text())

    assert set(re.findall(r"\$\{(\w+):\?\}", COMPOSE)) == given


def test_a_public_node_gets_its_own_password_alone() -> None:
    block = COMPOSE[COMPOSE.index("x-public:") : COMPOSE.index("services:")]
    nodes = [
        COMPOSE[m.start() : m.end()]
        for m in re.finditer(r"^  (public|spool)\d:\n(    .*\n)+", COMPOSE, re.MULTILINE)
    ]

    assert len(nodes) == 4
    assert re.findall(r"\$\{(\w+)", block + "".join(nodes)) == ["PUBLIC_PASSWORD"]
    assert "keys/staff" not in block + "".join(nodes)


def test_the_image_is_built_once_and_used_by_all() -> None:
    assert COMPOSE.count("build:") == 1
    assert COMPOSE.index("  prepare:") < COMPOSE.index("build:") < COMPOSE.index("  public1:")


def test_what_makes_keys_may_write_where_they_lie() -> None:
    """A volume named on the command line does not take the place of the service's own."""
    page = (ROOT / "deploy/several-machines.md").read_text()
    command = re.search(r"c run (?:.*\\\n)*.*--create-key", page)
    assert command
    services = dict(re.findall(r"^  (\w+):\n((?:    .*\n)+)", COMPOSE, re.MULTILINE))
    used = [name for name in services if f" {name} " in command[0]]

    assert used == ["prepare"]
    assert "/keys:ro" in services["worker"]
    assert '/keys"' in services["prepare"]
