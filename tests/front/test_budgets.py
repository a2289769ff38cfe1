"""What a first visit to a page costs, in bytes over the wire and in requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from bench import pages
from bench.pages import Answer, weigh
from pages.packed import SPECULATION_RULES
from tests.content.seed import seeds


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Our own static files as production serves them: hashed and compressed."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(
        STATIC_ROOT=root, STATICFILES_FINDERS=["clinic_site.static.ClinicFinder"]
    ):
        call_command("collectstatic", verbosity=0, interactive=False)
        yield root


def ask(client: Client, collected: Path, address: str) -> Answer:
    """A page from the site, a static file from what was collected."""
    if not address.startswith(settings.STATIC_URL):
        response = client.get(address, headers={"accept-encoding": "gzip"})
        assert response.status_code == 200, address
        return pages.answer_of(response.content, response.headers)
    place = collected / address.removeprefix(settings.STATIC_URL)
    compressed = place.with_name(place.name + ".gz")
    text = place.read_text() if place.suffix in {".css", ".js", ".svg"} else ""
    return Answer(text, (compressed if compressed.exists() else place).stat().st_size)


@pytest.mark.parametrize("path", [seed.fields["path"] for seed in seeds("page")])
def test_a_page_is_within_its_budgets(
    open_clinic: None, client: Client, collected: Path, path: str
) -> None:
    weight = weigh(path, lambda address: ask(client, collected, address))

    assert weight.broken() == []
    assert weight.sizes["css"] > 1000
    assert weight.sizes["font"] > 1000
    others = {address for address in weight.asked if not address.startswith(settings.STATIC_URL)}
    assert others == ({SPECULATION_RULES} if path != "/contact/" else set())


def test_a_page_that_is_too_heavy_is_called_so() -> None:
    font = "<link rel=preload as=font href=/static/big.woff2>"
    pictures = "".join(f"<img src=/{number}.png>" for number in range(6))

    weight = weigh("/", lambda _: Answer(font + pictures, 14_001))

    assert weight.broken() == [
        "/: html 14001 bytes, 14000 allowed",
        "/: all 112008 bytes, 70000 allowed",
        "/: 8 requests, 6 allowed",
    ]


def test_what_a_style_sheet_asks_for_counts_once() -> None:
    answers = {
        "/": Answer(
            '<link rel="stylesheet" href="/s/site.css"><link rel="preload" as="font" href="/s/a.woff2">',
            1,
        ),
        "/s/site.css": Answer('x{src:url("a.woff2")} y{src:url(b.woff2)}', 10),
        "/s/a.woff2": Answer("", 100),
        "/s/b.woff2": Answer("", 1000),
    }

    weight = weigh("/", answers.__getitem__)

    assert weight.sizes == {"html": 1, "css": 10, "script": 0, "font": 1100, "rest": 0, "all": 1111}
    assert weight.requests == 4
