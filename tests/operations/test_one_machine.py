"""``deploy/one-machine.md``, steps 2 to 6, word for word, on a machine with systemd."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.operations.machine import Machine, own_machine
from tests.operations.place import ROOT
from tests.operations.servers import wait_until

pytestmark = pytest.mark.machines

PAGE = (ROOT / "deploy/one-machine.md").read_text()
SERVICES = ("clinic-public", "clinic-spool", "clinic-staff", "clinic-worker")


def step(number: int) -> str:
    """What the page says to type."""
    text = re.findall(rf"^## {number}\. .*?(?=^## )", PAGE, re.MULTILINE | re.DOTALL)[0]
    return "set -e\n" + "\n".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with own_machine(tmp_path_factory.mktemp("machine")) as machine:
        for number in range(2, 7):
            machine.must(step(number))
        wait_until(lambda: "ok   worker" in doctor(machine), "the worker's first round")
        yield machine


def doctor(machine: Machine) -> str:
    return machine.run("clinic-manage worker doctor").stdout


def test_every_service_runs_and_was_never_started_again(installed: Machine) -> None:
    for name in SERVICES:
        shown = installed.must(f"systemctl show {name} -p ActiveState -p NRestarts")
        assert shown.split() == ["NRestarts=0", "ActiveState=active"], name


def test_the_doctor_misses_nothing_but_the_name_on_the_internet(installed: Machine) -> None:
    lines = doctor(installed).splitlines()

    assert [line.split(":")[0] for line in lines if not line.startswith("ok")] == ["fail tls"]


def test_a_backup_was_made_and_the_pages_lie_ready_for_nginx(installed: Machine) -> None:
    assert installed.must("systemctl show clinic-backup -p Result").strip() == "Result=success"
    as_nginx = "setpriv --reuid=www-data --regid=www-data --clear-groups"
    assert "988" in installed.must(f"{as_nginx} cat /var/lib/clinic/pages/current/index.html")
    assert "site." in installed.must(f"{as_nginx} cat /var/lib/clinic/static/staticfiles.json")


def test_pages_come_from_the_public_process_and_the_door_from_the_other(installed: Machine) -> None:
    ask = "curl -s -o /dev/null -w %{http_code} -H Host:127.0.0.1 -H X-Forwarded-Proto:https"

    answers = {
        path + str(port): installed.must(f"{ask} http://127.0.0.1:{port}{path}")
        for port in (8000, 8001)
        for path in ("/", "/sign-in/")
    }

    assert answers["/8000"] == "200"
    assert answers["/sign-in/8000"] == "404"
    assert answers["/sign-in/8001"] == "200"


def test_the_public_user_reads_no_setting_and_no_key_of_the_others(installed: Machine) -> None:
    for path in ("common.env", "worker.env", "worker/index.key", "staff/index.key"):
        tried = installed.run(
            f"setpriv --reuid=clinic-public --regid=clinic --clear-groups cat /etc/clinic/{path}"
        )
        assert "Permission denied" in tried.stderr, path


def test_a_reload_leaves_the_service_answering(installed: Machine) -> None:
    installed.must("systemctl reload clinic-public clinic-staff")

    assert (
        installed.must("systemctl is-active clinic-public clinic-staff").split() == ["active"] * 2
    )


def test_commands_read_the_settings_as_the_services_do(installed: Machine) -> None:
    address = "postgres://nobody:word@127.0.0.1:9/clinic?sslmode=prefer&sslrootcert=/none"
    installed.must(f"echo 'DATABASE_URL={address}' >> /etc/clinic/public.env")

    said = installed.run("clinic-manage public doctor").stdout

    assert re.search(r"^fail database: .*port 9", said, re.MULTILINE)
