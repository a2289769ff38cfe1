"""Readers of an old address: sent on in one step, by the release, never in a circle."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import Error as DatabaseAway
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from pages import live, packed
from pages.models import Page, Redirect, Section
from pages.publishing import CannotPublish, publish_all, publish_rows
from pages.redirects import (
    CannotRedirect,
    clear_way,
    companions,
    destinations,
    leave,
    move,
    point,
    slug_for,
)
from pages.releases import live_content, working_content
from pages.site import build_site
from tests.pages.factories import make_page, make_question, make_section
from tests.pages.test_admin import address, said, save

ADDRESSES = [f"/{letter}/" for letter in "abcdef"]


@pytest.fixture
def admin(client: Client, chief: User, site_rows: None) -> Client:
    client.force_login(chief)
    return client


def steps() -> dict[str, str]:
    return dict(Redirect.objects.values_list("from_path", "to_path"))


@pytest.mark.django_db
def test_a_page_that_moves_takes_its_readers_along(admin: Client, client: Client) -> None:
    page = make_section(make_page()).page
    publish_all(by=None)

    response = save(admin, page, path="/questions/", _publish="")

    assert "is live, with 2 changed rows" in said(response)
    moved = Client().get("/faq/?from=leaflet")
    assert (moved.status_code, moved["Location"]) == (301, "/questions/?from=leaflet")
    assert moved["Cache-Control"] == packed.CACHE_CONTROL
    assert Client().get("/faq")["Location"] == "/questions/"
    assert Client().get("/questions/").status_code == 200


@pytest.mark.django_db
def test_nobody_is_sent_away_before_the_move_is_published(admin: Client) -> None:
    page = make_section(make_page()).page
    publish_all(by=None)

    save(admin, page, path="/questions/")

    assert steps() == {"/faq/": "/questions/"}
    assert Client().get("/faq/").status_code == 200


@pytest.mark.django_db
def test_moving_twice_and_back_leaves_no_chain_and_no_circle(admin: Client) -> None:
    page = make_section(make_page()).page
    publish_all(by=None)

    for path in ("/b/", "/c/", "/faq/"):
        save(admin, page, path=path, _publish="")
        page.refresh_from_db()

    assert steps() == {"/b/": "/faq/", "/c/": "/faq/"}
    assert Client().get("/faq/").status_code == 200
    assert Client().get("/b/")["Location"] == "/faq/"


@pytest.mark.django_db
def test_redirects_answer_while_the_database_is_away(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_section(make_page()).page
    publish_all(by=None)
    save(admin, page, path="/questions/", _publish="")
    Client().get("/")
    live.forget()

    def gone(*args: Any, **kwargs: Any) -> Any:
        raise DatabaseAway("away")

    monkeypatch.setattr(live, "_ask", gone)

    assert Client().get("/faq/")["Location"] == "/questions/"


@pytest.mark.django_db
def test_deleting_a_page_asks_where_its_readers_go(admin: Client) -> None:
    page = make_section(make_page()).page
    point(from_path="/older/", to_path="/faq/", by=None)
    publish_all(by=None)
    asked = admin.get(address(page, "delete")).content.decode()
    assert "Send readers of /faq/ to" in asked
    assert '<option value="/faq/">' not in asked

    refused = admin.post(address(page, "delete"), {"post": "yes"}, follow=True)

    assert "Nothing was deleted" in said(refused)
    assert Page.objects.filter(pk=page.pk).exists()
    admin.post(address(page, "delete"), {"post": "yes", "send_to": "/safety/"})
    assert steps() == {"/faq/": "/safety/", "/older/": "/safety/"}
    publish_rows(keys=["page:faq"], by=None)
    assert Client().get("/faq/")["Location"] == "/safety/"
    assert Client().get("/older/")["Location"] == "/safety/"


@pytest.mark.django_db
def test_a_page_may_be_deleted_without_a_destination(admin: Client) -> None:
    page = make_section(make_page()).page
    point(from_path="/older/", to_path="/faq/", by=None)

    admin.post(address(page, "delete"), {"post": "yes", "send_to": "nowhere"})

    assert steps() == {}
    assert not Page.objects.filter(pk=page.pk).exists()


@pytest.mark.django_db
def test_pages_are_not_deleted_from_the_list(admin: Client) -> None:
    assert b"delete_selected" not in admin.get(address(Page, "changelist")).content
    make_question()
    from pages.models import Question

    assert b"delete_selected" in admin.get(address(Question, "changelist")).content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("/safety/", "/privacy/", "There is a page at /safety/"),
        ("/old/", "/nowhere/", "There is no page at /nowhere/"),
        ("/old/", "/old/", "would lead back to itself"),
    ],
)
def test_a_redirect_that_cannot_work_is_refused_in_words(
    admin: Client, start: str, end: str, why: str
) -> None:
    with pytest.raises(CannotRedirect, match=why):
        point(from_path=start, to_path=end, by=None)

    response = save(admin, Redirect, "add", from_path=start, to_path=end)
    assert why in response.content.decode()
    assert steps() == {}


@pytest.mark.django_db
def test_a_redirect_to_an_old_address_is_saved_as_one_step(admin: Client) -> None:
    point(from_path="/old/", to_path="/safety/", by=None)

    save(admin, Redirect, "add", from_path="/older/", to_path="/old/")

    assert steps() == {"/old/": "/safety/", "/older/": "/safety/"}
    row = Redirect.objects.get(from_path="/older/")
    assert row.slug == slug_for("/older/") == "from-older"
    save(admin, row, to_path="/privacy/")
    assert steps()["/older/"] == "/privacy/"


@pytest.mark.django_db
def test_a_redirect_to_itself_is_refused_by_the_database(site_rows: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(slug="x", from_path="/x/", to_path="/x/")


@pytest.mark.django_db
def test_an_address_of_another_part_of_the_site_is_refused(admin: Client) -> None:
    page = make_page()

    response = save(admin, page, path="/desk/")

    assert b"belongs to another part of the site" in response.content
    page.refresh_from_db()
    assert page.path == "/faq/"


@pytest.mark.django_db
def test_preflight_stops_a_redirect_to_nothing_and_warns_of_old_links(site_rows: None) -> None:
    from pages.preflight import run

    make_section(make_page(slug="more"), link_path="/old/")
    publish_all_but = Redirect.objects.create(slug="r", from_path="/old/", to_path="/gone/")
    ids = {p.id for p in run(build_site(1, working_content()))}
    assert {"pages.E014", "pages.E026"} <= ids
    with pytest.raises(CannotPublish):
        publish_all(by=None)

    Redirect.objects.filter(pk=publish_all_but.pk).update(to_path="/safety/")
    ids = {p.id for p in run(build_site(1, working_content()))}
    assert "pages.W020" in ids
    assert not {"pages.E014", "pages.E026", "pages.W021"} & ids
    make_section(make_page(slug="old"))
    assert "pages.W021" in {p.id for p in run(build_site(1, working_content()))}
    publish_all(by=None)
    assert live_content().keys() >= {"redirect:r"}


@pytest.mark.django_db
def test_only_the_redirects_of_a_moved_page_go_live_with_it(site_rows: None) -> None:
    make_section(make_page())
    publish_all(by=None)
    point(from_path="/other/", to_path="/privacy/", by=None)
    Page.objects.filter(slug="faq").update(path="/b/", title="Moved")
    move(before="/faq/", after="/b/", by=None)

    live, working = live_content(), working_content()

    assert companions(["page:faq"], live=live, working=working) == {"redirect:from-faq"}
    assert companions(["page:safety"], live=live, working=working) == set()


maps = st.dictionaries(st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES), max_size=6)


@given(maps, st.sets(st.sampled_from(ADDRESSES)))
def test_whatever_rows_a_release_holds_every_reader_arrives_in_one_step(
    rows: dict[str, str], pages: set[str]
) -> None:
    found = destinations(rows, pages)

    for start, end in found.items():
        assert end in pages
        assert start not in pages
        assert start != end
        assert end not in found
    for start in rows.keys() - found.keys() - pages:
        here, seen = start, set()
        while here in rows and here not in pages and here not in seen:
            seen.add(here)
            here = rows[here]
        assert here not in pages


moves = st.lists(
    st.tuples(
        st.sampled_from(["move", "delete", "point", "add"]),
        st.sampled_from(ADDRESSES),
        st.sampled_from(ADDRESSES),
    ),
    max_size=12,
)


@pytest.mark.django_db
@given(moves)
@settings(max_examples=40, deadline=None)
def test_whatever_editors_do_no_saved_redirect_leads_to_another(
    todo: list[tuple[str, str, str]],
) -> None:
    with transaction.atomic():
        for path in ("/a/", "/b/", "/c/"):
            make_page(slug=path.strip("/"), path=path)
        for verb, one, other in todo:
            _do(verb, one, other)
            here = steps()
            pages = set(Page.objects.values_list("path", flat=True))
            assert not here.keys() & set(here.values())
            assert not here.keys() & pages
            assert set(here.values()) <= pages
        transaction.set_rollback(True)


def _do(verb: str, one: str, other: str) -> None:
    page = Page.objects.filter(path=one).first()
    free = not Page.objects.filter(path=other).exists()
    if verb == "move" and page and free:
        Page.objects.filter(pk=page.pk).update(path=other)
        move(before=one, after=other, by=None)
    elif verb == "delete" and page and (not free) and one != other:
        page.delete()
        leave(path=one, to_path=other, by=None)
    elif verb == "delete" and page and one == other:
        page.delete()
        leave(path=one, to_path="", by=None)
    elif verb == "add" and page is None:
        make_page(
            slug=f"new-{Page.objects.count()}-{one.strip('/')}-{Section.objects.count()}", path=one
        )
        clear_way(path=one)
    elif verb == "point":
        with contextlib.suppress(CannotRedirect):
            point(from_path=one, to_path=other, by=None)
