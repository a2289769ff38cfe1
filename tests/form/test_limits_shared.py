"""Several machines that count together, in a real Redis server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from intake import limits
from tests.form.sending import receipt_of, send
from tests.operations.place import Place
from tests.operations.servers import wait_until

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    socket = tmp_path / "redis"
    command = ["/usr/bin/redis-server", "--port", "0", "--unixsocket", str(socket), "--save", ""]
    place = Place(tmp_path / "var", environ={"CLINIC_LIMITS_CACHE_URL": f"unix://{socket}"})
    shell = (
        "import json; from django.conf import settings as s; print(json.dumps(s.CACHES['limits']))"
    )
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        cache = json.loads(place.must("shell", "--no-imports", "--command", shell))
        settings.CACHES = {**settings.CACHES, "limits": cache}
        wait_until(socket.exists, "Redis")
        yield process
        caches["limits"].close()
    finally:
        process.kill()
        process.wait(10)


def test_machines_count_together_and_each_for_itself_while_redis_is_away(
    server: subprocess.Popen[bytes], settings: Any, tmp_path: Path, var_dir: Path
) -> None:
    def count(thing: str) -> bool:
        return limits.admits("kind", "name", thing, 2)

    here = [count("a"), count("a")]
    settings.VAR_DIR = tmp_path / "another machine"
    there = [count("b"), count("c"), count("a")]
    server.kill()
    server.wait(10)
    alone = [count("c"), count("d"), count("e")]

    assert here == [True, True]
    assert there == [True, False, True]
    assert alone == [True, True, False]
    assert not (var_dir / "limits").exists()


@pytest.mark.django_db
def test_no_form_is_turned_away_because_redis_is_away(
    server: subprocess.Popen[bytes], client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    server.kill()
    server.wait(10)

    receipt_of(send(client))

    assert "the shared counters do not answer: ConnectionError" in caplog.text
