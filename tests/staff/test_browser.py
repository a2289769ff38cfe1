"""Signing in as people do it: with a finger on a sensor, a phone, a piece of paper, a keyboard."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from playwright.sync_api import CDPSession, Page, expect
from pytest_django import Settings

from clinic_site.staff.invitations import invite
from tests.browser import Visitor, barriers
from tests.staff.conftest import Listen
from tests.staff.people import PASSWORD, app_code, give_app, give_codes, kinds, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = Path(os.environ["CLINIC_SHOTS"]) if os.environ.get("CLINIC_SHOTS") else None
LOOKS = [(360, False), (360, True), (1280, False), (1280, True)]


@pytest.fixture(autouse=True)
def _required(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def add_authenticator(page: Page, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """A device that makes passkeys, inside the browser; ``verifies``: it checks whose finger it is."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, made["authenticatorId"]


def type_password(page: Page, name: str = "dana.w", password: str = PASSWORD) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def enrol_passkey(page: Page) -> None:
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What to call it").fill("clinic laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_a_passkey_is_set_up_at_the_first_sign_in_and_signs_in_alone_afterwards(
    browser: Visitor, listen: Listen
) -> None:
    user = make_staff(role="editor")
    page = listen(browser.page())
    add_authenticator(page)

    type_password(page)
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    enrol_passkey(page)
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in/?next=/staff/sessions/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()
    assert kinds(user) == {"webauthn", "recovery_codes"}
    assert UserSession.objects.filter(user=user).count() == 1


def test_a_passkey_is_the_second_step_and_confirms_before_an_export(
    browser: Visitor, listen: Listen, settings: Settings
) -> None:
    make_staff(role="editor")
    page = listen(browser.page())
    add_authenticator(page)
    type_password(page)
    enrol_passkey(page)
    page.get_by_role("button", name="Sign out").click()

    type_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/admin/")
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    page.goto("/staff/password/")
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()


def test_a_device_that_does_not_check_whose_finger_it_is_cannot_replace_the_password(
    browser: Visitor, listen: Listen
) -> None:
    user = make_staff()
    page = listen(browser.page())
    add_authenticator(page, verifies=False)
    type_password(page)

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add the passkey").click()

    expect(page.locator("[data-passkey-said]")).not_to_be_empty()
    assert kinds(user) == set()


def test_the_passkey_of_a_closed_account_opens_nothing(browser: Visitor, listen: Listen) -> None:
    make_staff()
    page = listen(browser.page())
    add_authenticator(page)
    type_password(page)
    enrol_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    User.objects.update(is_active=False)

    page.goto("/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_text("do not belong together")).to_be_visible()


def test_a_canceled_passkey_says_so_and_the_button_can_be_pressed_again(
    browser: Visitor, listen: Listen
) -> None:
    page = listen(browser.page())
    add_authenticator(page)
    page.goto("/sign-in/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("status").filter(has_text="Nothing was confirmed")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_an_app_is_set_up_and_used_with_the_keyboard_alone(
    browser: Visitor, listen: Listen
) -> None:
    make_staff(role="editor")
    page = listen(browser.page("/sign-in/"))

    def tab_to(name: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.innerText || document.activeElement.labels?.[0]?.innerText || ''"
            )
            if focused.strip() == name:
                return
        raise AssertionError(f"the Tab key does not reach {name!r}")

    tab_to("Name")
    page.keyboard.type("dana.w")
    tab_to("Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/")
    tab_to("Set up an app")
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/app/new/")
    secret = page.locator(".key").inner_text()
    tab_to("Type the six digits the app shows")
    page.keyboard.type(app_code(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/recovery-codes/")
    tab_to("I have kept them")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_recovery_code_gets_somebody_in_without_the_phone(
    browser: Visitor, listen: Listen
) -> None:
    user = make_staff(role="editor")
    give_app(user)
    code = give_codes(user)[0]
    page = listen(browser.page())
    type_password(page)

    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in with the code").click()

    page.wait_for_url("**/admin/")
    page.goto("/staff/")
    expect(page.get_by_text("9 left.")).to_be_visible()


def test_without_javascript_the_password_and_the_app_still_work(browser: Visitor) -> None:
    user = make_staff(role="editor")
    secret = give_app(user)
    page = browser.page(javascript=False)

    type_password(page)
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Sign in with the code").click()

    page.wait_for_url("**/admin/")


def look_at(page: Page, path: str, shots: Path | None = None) -> list[str]:
    """What is wrong with the page, narrow and wide, by day, at night and in forced colors."""
    for width, dark in LOOKS if shots else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        name = re.sub(r"\W+", "-", path).strip("-")
        page.screenshot(
            path=f"{shots}/{name}-{width}-{'dark' if dark else 'light'}.png", full_page=True
        )
    return [f"{path} {look}: {problems}" for look, problems in barriers(page).items()]


def test_every_page_of_somebody_signed_in_is_accessible(
    browser: Visitor, listen: Listen, tmp_path: Path
) -> None:
    user = make_staff("root", is_superuser=True, is_staff=True)
    key = Authenticator.objects.create(
        user=user,
        type="webauthn",
        data={"name": "clinic laptop", "credential": {}},
    )
    secret = give_app(user)
    page = listen(browser.page())
    type_password_page = ["/sign-in/"]
    page.goto("/sign-in/")
    problems = look_at(page, type_password_page[0], SHOTS)
    type_password(page, "root", "wrong but long enough")
    problems += look_at(page, "sign-in refused", SHOTS)
    Authenticator.objects.filter(pk=key.pk).delete()
    type_password(page, "root")
    problems += look_at(page, "/sign-in/code/", SHOTS)
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Sign in with the code").click()
    page.wait_for_url("**/desk/")

    for path in [
        "/staff/",
        "/staff/passkeys/new/",
        "/staff/app/remove/",
        "/staff/recovery-codes/new/",
        "/staff/password/",
        "/staff/sessions/",
        "/sign-out/",
    ]:
        page.goto(path)
        assert page.url.endswith(path), page.url
        problems += look_at(page, path, SHOTS)
    page.goto("/staff/recovery-codes/new/")
    page.get_by_role("button", name="Make them").click()
    problems += look_at(page, "recovery codes", SHOTS)

    assert not problems, "\n".join(problems)


def test_every_page_on_the_way_in_is_accessible(browser: Visitor, listen: Listen) -> None:
    user = make_staff()
    page = listen(browser.page())
    link = invite(user=user, actor=None)
    page.goto("/" + link.split("/", 3)[3])
    problems = look_at(page, "invitation", SHOTS)
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Set the password").click()
    problems += look_at(page, "invitation refused", SHOTS)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    problems += look_at(page, "invited", SHOTS)
    page.goto("/" + link.split("/", 3)[3])
    problems += look_at(page, "invitation over", SHOTS)
    type_password(page)
    problems += look_at(page, "enrol", SHOTS)
    page.goto("/staff/app/new/")
    problems += look_at(page, "app new", SHOTS)
    page.get_by_label("Type the six digits").fill("000000")
    page.get_by_role("button", name="Finish").click()
    problems += look_at(page, "app new refused", SHOTS)

    assert not problems, "\n".join(problems)


def test_asking_again_is_accessible(browser: Visitor, listen: Listen, settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    user = make_staff(role="editor")
    page = listen(browser.page())
    add_authenticator(page)
    type_password(page)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    page.goto("/staff/confirm/")
    problems = look_at(page, "/staff/confirm/", SHOTS)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
    page.goto("/staff/")
    enrol_passkey(page)
    for path in ["/staff/confirm/passkey/", "/staff/confirm/code/"]:
        page.goto(path)
        assert page.url.endswith(path), page.url
        problems += look_at(page, path, SHOTS)
    key = Authenticator.objects.get(user=user, type="webauthn")
    for path in [f"/staff/passkeys/{key.pk}/rename/", f"/staff/passkeys/{key.pk}/remove/"]:
        page.goto(path)
        problems += look_at(page, path, SHOTS)

    assert not problems, "\n".join(problems)


def test_the_prose_editor_runs_under_the_policy(
    browser: Visitor, listen: Listen, settings: Settings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    make_staff("root", is_superuser=True, is_staff=True)
    page = listen(browser.page())
    type_password(page, "root")

    for path in ["/admin/pages/section/add/", "/admin/pages/question/add/"]:
        page.goto(path)
        editor = page.locator(".ProseMirror").last
        editor.scroll_into_view_if_needed()
        editor.click()
        editor.press_sequentially("Plain words")
        page.keyboard.press("Control+A")
        page.keyboard.press("Control+B")
        expect(editor.locator("strong")).to_have_text("Plain words")

    # From the style sheet that the editor writes into the page: without it spaces would collapse.
    assert editor.evaluate("e => getComputedStyle(e).whiteSpace") == "break-spaces"
    for path in ["/admin/", "/admin/auth/user/", "/admin/pages/question/"]:
        page.goto(path)
