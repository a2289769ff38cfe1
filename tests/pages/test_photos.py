"""Photographs: hostile files are refused, the rest is drawn anew, and readers get what fits."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from pages import photos
from pages.models import Photo, Section
from pages.photos import BadPhoto, store, widths_of
from pages.publishing import CannotPublish, publish_all
from pages.releases import working_content
from tests.pages.factories import make_page, make_section
from tests.pages.test_admin import address, form_of, said


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def admin(client: Client, chief: User, site_rows: None) -> Client:
    client.force_login(chief)
    return client


def picture(kind: str = "JPEG", width: int = 1000, height: int = 500, **how: Any) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new(how.pop("mode", "RGB"), (width, height), "red")
    ImageDraw.Draw(image).rectangle([width // 2, 0, width, height], fill="blue")
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def stored(data: bytes, name: str = "photo.jpg") -> photos.Stored:
    return store(io.BytesIO(data), name)


def on_disk() -> dict[str, tuple[str | None, tuple[int, int]]]:
    found = {}
    for path in photos.folder().glob("*"):
        with Image.open(path) as image:
            found[path.name] = (image.format, image.size)
    return found


def upload(admin: Client, data: bytes, name: str = "room.jpg", **fields: Any) -> Any:
    form = form_of(admin.get(address(Photo, "add")))
    form.pop("upload", None)
    values = {"label": "The room", "alt": "A chair by a window.", **fields}
    return admin.post(
        address(Photo, "add"),
        form | values | {"upload": SimpleUploadedFile(name, data)},
        follow=True,
    )


def test_a_photograph_is_made_in_three_formats_and_the_widths_that_fit() -> None:
    made = stored(picture())

    assert (made.width, made.height) == (1000, 500)
    assert on_disk() == {
        f"{made.digest}-{width}.{ending}": (kind, (width, width // 2))
        for width in (480, 960, 1000)
        for ending, kind in (("avif", "AVIF"), ("webp", "WEBP"), ("jpg", "JPEG"))
    }


def test_the_largest_file_is_1600_wide() -> None:
    made = stored(picture(width=3200, height=1600))

    assert (made.width, made.height) == (1600, 800)


@given(st.integers(min_value=480, max_value=20_000))
@options(max_examples=50)
def test_no_width_is_larger_than_the_photograph_or_stands_twice(width: int) -> None:
    widths = widths_of(width)

    assert list(widths) == sorted(set(widths))
    assert widths[-1] == min(width, 1600)


def test_what_the_camera_wrote_is_not_passed_on() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Jane Doe, room 4"
    exif[0x0112] = 6  # lying on its side
    exif.get_ifd(0x8825)[2] = (39.0, 44.0, 21.0)

    made = stored(picture(exif=exif, comment=b"Jane Doe"))

    assert (made.width, made.height) == (500, 1000)  # set upright
    for path in photos.folder().glob("*"):
        assert b"Jane" not in path.read_bytes()
        with Image.open(path) as image:
            assert dict(image.getexif()) == {}
            assert not image.info.keys() & {"exif", "icc_profile", "xmp", "comment"}


def test_the_same_upload_makes_the_same_files_again() -> None:
    first = stored(picture())
    before = {path.name: path.stat().st_mtime_ns for path in photos.folder().glob("*")}

    assert stored(picture()) == first
    assert {path.name: path.stat().st_mtime_ns for path in photos.folder().glob("*")} == before


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg", "name ends in"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.jpg", "parts of a web page"),
        (picture() + b"<script>alert(1)</script>", "x.jpg", "parts of a web page"),
        (picture(comment=b"<!DOCTYPE html><html><body>"), "x.jpg", "parts of a web page"),
        (picture("PNG"), "x.jpg", "not what its name says"),
        (picture("GIF"), "x.gif", "name ends in"),
        (picture("GIF"), "x.png", "not a photograph that we can read"),
        (picture(), "x.html", "name ends in"),
        (picture(), "x.jpg.php", "name ends in"),
        (picture(), "x", "name ends in"),
        (b"", "x.jpg", "not a photograph that we can read"),
        (b"GIF89a" + b"x" * 100, "x.png", "not a photograph that we can read"),
        (picture()[:2000], "x.jpg", "not a photograph that we can read"),
        (picture(width=400), "x.jpg", "too small"),
        (picture(width=1000, height=20), "x.jpg", "too small"),
        (b"x" * (photos.MOST_BYTES + 1), "x.jpg", "larger than 15 MB"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_in_words(data: bytes, name: str, why: str) -> None:
    with pytest.raises(BadPhoto, match=why):
        stored(data, name)

    assert not photos.folder().exists()


@pytest.mark.parametrize("side", [8_000, 30_000])
def test_a_small_file_that_would_fill_the_memory_is_refused_before_it_is_decoded(
    side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))

    with pytest.raises(BadPhoto, match=r"more than 50 million pixels|that we can read"):
        stored(out.getvalue(), "bomb.png")


def test_a_moving_picture_is_refused() -> None:
    frames = [Image.new("RGB", (600, 300), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])

    with pytest.raises(BadPhoto, match="moves"):
        stored(out.getvalue(), "x.webp")


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("WEBP", "RGBA"),
        ("PNG", "P"),
        ("JPEG", "CMYK"),
        ("PNG", "L"),
        ("AVIF", "RGB"),
    ],
)
def test_other_kinds_of_pixels_come_out_as_plain_color(kind: str, mode: str) -> None:
    image = Image.new("RGB", (600, 300), "red").convert(mode)
    out = io.BytesIO()
    image.save(out, kind)

    made = stored(out.getvalue(), f"x.{'jpg' if kind == 'JPEG' else kind.lower()}")

    with Image.open(photos.folder() / f"{made.digest}-480.jpg") as drawn:
        assert drawn.mode == "RGB"


@pytest.mark.django_db
def test_an_upload_is_described_published_and_shown_in_the_width_that_fits(admin: Client) -> None:
    section = make_section(make_page())
    said(upload(admin, picture(), caption="Our room"))
    photo = Photo.objects.get()
    Section.objects.filter(pk=section.pk).update(photo=photo)
    publish_all(by=None)

    html = Client().get("/faq/").content.decode()

    image = re.search(r"<img[^>]*>", html[html.index('class="photo"') :])
    assert image is not None
    assert 'width="1000" height="500"' in image.group()
    assert 'alt="A chair by a window."' in image.group()
    assert f"/photos/{photo.digest}-480.jpg 480w" in image.group()
    assert f'type="image/avif" srcset="/photos/{photo.digest}-480.avif 480w' in html
    assert "<figcaption>Our room</figcaption>" in html
    for src in set(re.findall(r"/photos/[^\s\",]+", html)):
        assert Client().get(src).status_code == 200


@pytest.mark.django_db
def test_a_file_is_served_for_good_and_as_nothing_but_a_picture(
    site_rows: None,
) -> None:
    publish_all(by=None)
    made = stored(picture())

    for ending, kind in photos.TYPES.items():
        response = Client().get(f"/photos/{made.digest}-480.{ending}")
        assert response["Content-Type"] == kind
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("default-src 'none'")
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.content
    for name in (f"{'0' * 32}-480.jpg", "../secret_key", f"{made.digest}-480.svg", "x.jpg"):
        assert Client().get(f"/photos/{name}").status_code == 404


@pytest.mark.django_db
def test_a_page_that_is_shared_shows_its_photo_cut_around_what_matters(admin: Client) -> None:
    page = make_section(make_page()).page
    upload(admin, picture(width=2000, height=800), focal_x="0", focal_y="50")
    photo = Photo.objects.get()
    page.social_photo = photo
    page.save()
    publish_all(by=None)

    html = Client().get("/faq/").content.decode()

    src = f"/photos/{photo.digest}-social-0-50.jpg"
    assert f'<meta property="og:image" content="{project.SITE_URL}{src}">' in html
    assert '<meta property="og:image:type" content="image/jpeg">' in html
    assert '<meta property="og:image:alt" content="A chair by a window.">' in html
    response = Client().get(src)
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    with Image.open(io.BytesIO(response.content)) as image:
        assert image.size == (1200, 630)
        assert image.getpixel((10, 300))[0] > 200  # the red side is in it
        assert image.getpixel((400, 300))[0] > 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"alt": ""}, "Say what it shows"),
        ({"is_decorative": "on"}, "Say what it shows"),
        ({"focal_x": "101"}, "less than or equal to 100"),
    ],
)
def test_a_photo_without_words_is_refused_beside_its_field(
    admin: Client, fields: dict[str, str], why: str
) -> None:
    response = upload(admin, picture(), **fields)

    assert why in response.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.django_db
def test_a_decorative_photo_has_an_empty_description(admin: Client) -> None:
    upload(admin, picture(), alt="", is_decorative="on")

    assert Photo.objects.get().alt == ""
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.update(is_decorative=False)


@pytest.mark.django_db
def test_a_refused_upload_keeps_what_was_typed(admin: Client) -> None:
    response = upload(admin, b"<svg/>", name="x.svg", caption="Typed already")

    assert "name ends in .jpg" in response.content.decode()
    assert "Typed already" in response.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.django_db
def test_another_upload_gets_another_address_and_old_releases_keep_theirs(admin: Client) -> None:
    section = make_section(make_page())
    upload(admin, picture())
    photo = Photo.objects.get()
    Section.objects.filter(pk=section.pk).update(photo=photo)
    first = publish_all(by=None)
    form = form_of(admin.get(address(photo)))
    form.pop("upload", None)

    admin.post(address(photo), form | {"upload": SimpleUploadedFile("y.jpg", picture(width=1200))})

    old = photo.digest
    photo.refresh_from_db()
    assert photo.digest != old
    assert first.content[photo.key]["digest"] == old
    assert Client().get(f"/photos/{old}-480.jpg").status_code == 200
    assert f"/photos/{old}-480.jpg" in admin.get("/preview/1/faq/").content.decode()


@pytest.mark.django_db
def test_a_photo_that_is_not_ready_is_left_out_and_its_section_stays(site_rows: None) -> None:
    made = stored(picture())
    photo = Photo.objects.create(
        slug="room", label="Room", alt="A room.", is_ready=False, **vars(made)
    )
    make_section(make_page(), photo=photo)

    content = working_content()

    assert content["section:faq-text"]["photo"] is None
    assert photo.key not in content


@pytest.mark.django_db
def test_preflight_stops_a_photo_that_nobody_would_see(site_rows: None) -> None:
    photo = Photo.objects.create(
        slug="room", label="Room", alt="A room.", digest="0" * 32, width=480, height=300
    )
    make_section(make_page(), photo=photo, kind="callouts")

    with pytest.raises(CannotPublish) as refused:
        publish_all(by=None)

    assert {p.id for p in refused.value.problems} >= {"pages.E027", "pages.E028"}


def test_a_focal_point_becomes_a_class_of_the_style_sheet() -> None:
    from pages.nodes import Photo as Node

    css = (Path(project.BASE_DIR) / "static/css/components/photo.css").read_text(encoding="utf-8")
    for x in range(101):
        node = Node(
            key="photo:x",
            slug="x",
            is_ready=True,
            position=0,
            label="",
            digest="",
            width=480,
            height=300,
            alt="",
            is_decorative=True,
            caption="",
            focal_x=x,
            focal_y=100 - x,
        )
        for name in node.focal_class.split():
            assert f".{name} {{" in css


def test_the_colors_of_a_camera_with_its_own_profile_are_those_of_every_screen() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = profile.replace(b"rXYZ", b"____", 1).replace(b"bXYZ", b"rXYZ", 1)
    exchanged = exchanged.replace(b"____", b"bXYZ", 1)  # what it calls red is blue

    kept = stored(picture(icc_profile=exchanged))

    assert left_of(kept) == pytest.approx((0, 0, 255), abs=12)


def test_a_profile_that_nobody_can_read_costs_only_the_profile() -> None:
    kept = stored(picture(icc_profile=b"no profile"))

    assert left_of(kept) == pytest.approx((255, 0, 0), abs=12)


def left_of(kept: photos.Stored) -> tuple[int, ...]:
    """The color at the left edge of the largest file."""
    path = max(photos.folder().glob(f"{kept.digest}*"), key=lambda one: one.stat().st_size)
    with Image.open(path) as image:
        pixel = image.convert("RGB").getpixel((10, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel
