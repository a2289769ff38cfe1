"""Promise: a clock that jumps turns nobody away, and doubles and delays nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.site import Site, make_form, post, running
from tests.form.sending import make_token
from tests.operations.place import Place

pytestmark = pytest.mark.faults

# Read by every Python process that starts: its clock differs from the machine's by what stands
# in a file, and the file may change while it runs.
CLOCK = """
import datetime, os, time
real = time.time
def moved():
    try:
        with open(os.environ["CLOCK_OFFSET"]) as file:
            return real() + float(file.read() or 0)
    except (KeyError, OSError):
        return real()
time.time = moved
from django.utils import timezone
timezone.now = lambda: datetime.datetime.fromtimestamp(moved(), datetime.timezone.utc)
"""


@pytest.fixture
def clock(place: Place, tmp_path: Path) -> Path:
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    offset = tmp_path / "offset"
    offset.write_text("0")
    moved = {"PYTHONPATH": str(tmp_path / "clock"), "CLOCK_OFFSET": str(offset)}
    place.environ = place.environ | moved  # not |=, which would move the clock of every site
    return offset


def set_clock(offset: Path, **by: float) -> None:
    temporary = offset.with_suffix(".new")
    temporary.write_text(str(timedelta(**by).total_seconds()))
    temporary.rename(offset)


def confirm(site: Site, form: dict[str, object]) -> str:
    answer = post(site.port, form)
    assert answer is not None
    assert answer.status == 303, answer.page
    return answer.reference


def test_forms_are_taken_once_whatever_the_clock_does(place: Place, clock: Path) -> None:
    keys = [uuid4() for _ in range(5)]
    confirmed = {}
    with running(place) as site:
        confirmed[keys[0].hex] = confirm(site, make_form(keys[0]))

        set_clock(clock, hours=-2)  # the form now says it was shown in the future
        confirmed[keys[1].hex] = confirm(site, make_form(keys[1]))
        assert confirm(site, make_form(keys[0])) == confirmed[keys[0].hex]

        set_clock(clock, hours=13)  # the form is older than its twelve hours
        late = post(site.port, make_form(keys[2]))
        assert late is not None
        assert late.status == 422
        assert keys[2].hex in late.page
        fresh = make_token(key=keys[2], age=timedelta(minutes=2, hours=-13))
        confirmed[keys[2].hex] = confirm(site, make_form(keys[2]) | {"token": fresh})
        site.wait_until_settled(60)  # so the worker lived through the jump

        set_clock(clock, hours=0)
        for key in keys[3:]:
            confirmed[key.hex] = confirm(site, make_form(key))
        found = site.wait_until_settled(60)

    assert {key: reference for key, reference, _ in found["requests"]} == confirmed
    assert len(found["forms"]) == len(keys)
    assert {spam for _, _, spam in found["forms"]} == {""}
    assert {state for _, _, state in found["requests"]} == {"new"}
    assert len(found["notices"]) == len(set(site.mails())) == len(keys)
    assert found["audit"] == "None"
    assert found["orphans"] == []
