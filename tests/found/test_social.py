"""The picture of a page: what is on it, where it stands, and that it is drawn once."""

from __future__ import annotations

import dataclasses
import io
import re
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image, ImageFont

from pages import social
from pages.models import Page
from pages.publishing import publish_rows
from pages.site import Site
from pages.social import Picture, picture_of, png

PICTURE = Picture("The Clinic", "How it may work", "Not approved.")


def image_of(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(png(picture))).convert("RGB")


def address_on(client: Client, path: str) -> str:
    html = client.get(path).content.decode()
    found = re.search(r'<meta property="og:image" content="([^"]+)">', html)
    assert found
    return found[1].removeprefix(settings.SITE_URL)


def test_it_has_the_size_others_ask_for_and_the_colors_of_the_look() -> None:
    image = image_of(PICTURE)
    tokens = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    ground = re.search(r"--ground: (#\w+);", tokens)

    assert ground
    assert image.size == (1200, 630)
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((5, 5))) == ground[1]


def test_it_is_small_enough_to_be_fetched_in_passing(seed_site: Site) -> None:
    sizes = {page.slug: len(png(picture_of(seed_site, page))) for page in seed_site.pages.values()}

    assert max(sizes.values()) < 100_000


def test_the_display_font_has_every_letter_of_every_picture(seed_site: Site) -> None:
    font = ImageFont.truetype(Path(settings.BASE_DIR) / "static/fonts/display.woff2", 60)
    missing = bytes(font.getmask("\uffff"))
    pictures = [picture_of(seed_site, page) for page in seed_site.pages.values()]
    letters = {c for p in pictures for text in dataclasses.astuple(p) for c in text if c != " "}

    assert [c for c in sorted(letters) if bytes(font.getmask(c)) == missing] == []


def test_a_title_is_set_in_the_display_font_at_its_weight() -> None:
    light, bold = social._font(60, 400), social._font(60, 650)

    assert light.getname()[0] == "Brygada 1918"
    assert bold.getlength("Ketamine") > light.getlength("Ketamine")


@pytest.mark.parametrize("title", ["Privacy", "A " * 200, "Donaudampfschifffahrtsgesellschaft" * 3])
def test_a_title_of_any_length_stays_on_the_ground(title: str) -> None:
    lines, size = social._fitted(title)

    assert 1 <= len(lines) <= social.TITLE_LINES + 1
    assert len(lines) * size * 1.08 <= 300


def test_a_page_about_treatment_takes_the_off_label_line_along(seed_site: Site) -> None:
    assert "not for mood conditions or pain" in picture_of(seed_site, seed_site.page["home"]).line
    assert "988" in picture_of(seed_site, seed_site.page["thoughts-of-suicide"]).line


def test_the_address_changes_with_what_is_drawn_and_only_then() -> None:
    digests = {
        PICTURE.digest,
        Picture("Another", PICTURE.title, PICTURE.line).digest,
        Picture(PICTURE.name, "Another", PICTURE.line).digest,
        Picture(PICTURE.name, PICTURE.title, "Another").digest,
    }

    assert len(digests) == 4
    assert Picture(*dataclasses.astuple(PICTURE)).digest == PICTURE.digest
    assert png(PICTURE) == png(Picture(*dataclasses.astuple(PICTURE)))


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
def test_the_address_on_a_page_gives_the_picture_for_good(client: Client) -> None:
    response = client.get(address_on(client, "/safety/"))

    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies
    assert response.content.startswith(b"\x89PNG")


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_an_old_address_leads_to_the_picture_of_today(client: Client) -> None:
    old = address_on(client, "/safety/")
    Page.objects.filter(slug="safety").update(title="Safety first")
    publish_rows(keys=["page:safety"], by=None)

    response = client.get(old)

    assert response.status_code == 302
    assert response["Location"] == address_on(client, "/safety/") != old


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
@pytest.mark.parametrize(
    "path",
    [
        "/social/nothing-0000000000000000.png",
        "/social/safety-XX.png",
        "/social/..%2fsettings-0000000000000000.png",
        "/social/safety.png",
    ],
)
def test_other_addresses_are_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("live")
def test_a_page_never_draws(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(social, "png", pytest.fail)
    monkeypatch.setattr(social, "_drawn", pytest.fail)

    assert "/social/safety-" in address_on(client, "/safety/")


def test_a_picture_is_drawn_once_however_many_ask_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    social._drawn.cache_clear()
    drawn = []
    band = social._draw_band
    monkeypatch.setattr(social, "_draw_band", lambda *args: (drawn.append(args), band(*args))[1])
    threads = [threading.Thread(target=png, args=(PICTURE,)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    png(PICTURE)

    assert len(drawn) == 1
