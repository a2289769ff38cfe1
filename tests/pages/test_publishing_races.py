"""Two people publish in the same second: both changes are live, under consecutive numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from pages.models import Question, Release
from pages.publishing import CannotPublish, approve, propose, publish_all, publish_rows
from pages.releases import live_content, working_content
from tests.pages.factories import make_question, make_site

pytestmark = pytest.mark.django_db(transaction=True)

PUBLISHERS = 4


def at_once(*tasks: Callable[[], object]) -> list[Exception]:
    """Run the tasks in threads that start together; return what they raised."""
    start = threading.Barrier(len(tasks))
    raised: list[Exception] = []

    def run(task: Callable[[], object]) -> None:
        try:
            start.wait(10)
            task()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def test_publishers_at_once_get_consecutive_numbers_and_lose_nothing() -> None:
    make_site()
    for n in range(PUBLISHERS):
        make_question(slug=f"q{n}")
    publish_all(by=None)
    Question.objects.update(answer="<p>Changed.</p>")

    def publisher(n: int) -> Callable[[], object]:
        return lambda: publish_rows(keys=[f"question:q{n}"], by=None)

    raised = at_once(*(publisher(n) for n in range(PUBLISHERS)))

    assert raised == []
    numbers = Release.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, PUBLISHERS + 2))
    answers = {live_content()[f"question:q{n}"]["answer"] for n in range(PUBLISHERS)}
    assert answers == {"<p>Changed.</p>"}


def test_the_very_first_release_is_made_once() -> None:
    make_site()

    raised = at_once(*[lambda: publish_all(by=None)] * 3)

    assert [type(error) for error in raised] == [CannotPublish] * 2
    assert Release.objects.get().number == 1


def test_two_approvers_at_once_approve_once() -> None:
    make_site()
    propose(content=working_content(), by=None, needs_second_person=False)

    raised = at_once(*[lambda: approve(number=1, by=None)] * 2)

    assert [str(error) for error in raised] == ["Release 1 has already been approved."]
