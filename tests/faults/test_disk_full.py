"""Promise: a full disk shows no reference to anybody, keeps their words, and takes them later."""

from __future__ import annotations

import os
import re
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from intake.references import show_reference
from tests.faults.site import Site, make_form, post, running
from tests.operations.place import Place

pytestmark = pytest.mark.faults

SIZE = 12  # MiB


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=700", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        if os.environ.get("CLINIC_TESTS_SKIP_NOTHING"):
            raise AssertionError(done.stderr)
        pytest.skip(f"no small disk could be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take every byte that is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (64 * 1024, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def test_a_full_disk_shows_no_reference_and_what_was_typed_is_taken_later(
    prepared: Place, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        place = prepared.copy_to(disk / "var")
        with running(place) as site:
            _check(site, disk)


def _check(site: Site, disk: Path) -> None:
    confirmed = {}
    filler = fill(disk)
    for _ in range(300):  # what the database had set aside is still used, rightly
        key = uuid4()
        form = make_form(key)
        answer = post(site.port, form)
        assert answer is not None
        if answer.status != 303:
            break
        confirmed[key.hex] = answer.reference

    assert answer.status == 503
    assert "please call 866-951-HEAL" in answer.page
    assert str(form["comment"]) in answer.page
    assert str(form["name"]) in answer.page

    filler.unlink()
    token = re.search(r'name="token" value="([^"]+)"', answer.page)
    assert token is not None
    again = post(site.port, form | {"token": token[1]})
    assert again is not None
    assert again.status == 303
    assert again.reference not in answer.page
    assert show_reference(again.reference) not in answer.page
    confirmed[key.hex] = again.reference
    found = site.wait_until_settled(60, leases=1)  # a full disk may end a note of what was sent
    assert {k: reference for k, reference, _ in found["requests"]} == confirmed
    print(f"\n{len(confirmed) - 1} confirmed while nearly full, then 503, then taken; 0 lost")


def test_where_no_file_may_grow_the_form_says_so_instead_of_confirming(place: Place) -> None:
    """The same without the rights to mount: the process may write no byte to any file."""
    site = Site(place)
    site.start("web")
    try:
        site.wait_until_up()
        master = site.pid("web")
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for pid in (master, *map(int, children)):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))

        answer = post(site.port, make_form(uuid4()))
    finally:
        site.stop()

    assert answer is not None
    assert answer.status == 503
    assert "please call 866-951-HEAL" in answer.page
