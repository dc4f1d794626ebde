"""People sign in with a real OpenID Connect provider: who may see and decide, until when, and who never."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.browser.conftest import Reviewer, ask, registered
from tests.desk_process import DeskProcess, free_port
from tests.oidc_provider import PLAIN_HTTP, provider, secrets_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.slow

RULES = """
[people]
"ann@example.org".role = "lead"
"bob@example.org".role = "reviewer"
"vera@example.org".role = "viewer"
"""
BRIEF = 14
"""Seconds for which the tokens of the second provider hold."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk with two providers, one of which gives tokens that soon expire."""
    home, port = tmp_path_factory.mktemp("desk"), free_port()
    (home / "rules.toml").write_text(RULES)
    with ExitStack() as stack:
        lasting = stack.enter_context(provider(home / "lasting.log"))
        brief = stack.enter_context(provider(home / "brief.log", token_seconds=BRIEF))
        secrets = secrets_file(home, port, {"work": lasting, "visit": brief})
        env = {
            "SIGNOFF_ACCOUNTS": "oidc",
            "SIGNOFF_RULES": str(home / "rules.toml"),
            "SIGNOFF_GRAPHS": str(registered(home)),
            "SIGNOFF_UNDO_SECONDS": "0",
            **PLAIN_HTTP,
        }
        started = DeskProcess.launch(home, port=port, env=env, options=("--secrets.files", str(secrets)))
        stack.callback(started.stop)
        yield started


@contextmanager
def browser_of(browser: Browser, desk: DeskProcess, cookies: Any = None) -> Iterator[tuple[Reviewer, BrowserContext]]:
    """A browser of its own, as somebody else has one."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    if cookies:
        context.add_cookies(cookies)
    made = Reviewer(context.new_page(), desk)
    try:
        yield made, context
        assert made.problems == []
    finally:
        context.close()


def sign_in(tab: Reviewer, name: str, path: str = "", *, at: str = "Work", **query: str) -> None:
    """From the page that asks for it to the provider and back."""
    tab.go(path, **query)
    tab.button(re.compile(f"^(login )?Sign in( again)? with {at}$"))
    tab.page.locator("input[name=sub]").fill(f"{name}@example.org")
    tab.page.get_by_role("button", name="Authorize", exact=True).click()
    tab.page.get_by_role("button", name=f"{name}@example.org").wait_for()


def decided(desk: DeskProcess, thread: str) -> list[str]:
    with closing(sqlite3.connect(desk.home / "signoff.sqlite")) as database:
        query = "SELECT actor FROM decision WHERE thread_id = ?"
        return [actor for (actor,) in database.execute(query, (thread,))]


def closed(tab: Reviewer) -> None:
    """Nothing of the desk is on the page, only the way to sign in."""
    tab.page.locator(".st-key-sign-in").wait_for()
    assert tab.page.locator(".st-key-head, .st-key-bar, [data-testid=stTopNavLink]").count() == 0


def answered(tab: Reviewer, words: str) -> None:
    tab.page.get_by_role("radio", name="yes").click()
    tab.page.get_by_role("button", name="Send the answer").click()
    tab.sees(re.compile(words))


def test_a_link_leads_through_the_sign_in_to_its_review_and_a_viewer_only_looks(
    browser: Browser, desk: DeskProcess
) -> None:
    ask(desk, "linked", {"question": "Is it signed?", "options": ["yes", "no"]})
    with browser_of(browser, desk) as (ann, _), browser_of(browser, desk) as (vera, _):
        ann.go("review", thread="linked")
        closed(ann)
        assert ann.page.get_by_text("Is it signed?").count() == 0
        sign_in(vera, "vera", "review", thread="linked")
        vera.sees("Is it signed?")
        vera.sees("You may look, not decide. Your role here is viewer; it takes reviewer.")
        assert vera.page.get_by_role("button", name="Send the answer").count() == 0
        vera.go("start")
        vera.sees(re.compile("You may look, not start workflows"))
        sign_in(ann, "ann", "review", thread="linked")
        ann.page.wait_for_url(re.compile(r"/review\?.*thread=linked"))
        answered(ann, "You answered this")
        assert decided(desk, "linked") == ["ann@example.org"]
        vera.go("review", thread="linked")
        vera.sees(re.compile("The answer was"))


def test_a_cookie_that_is_replayed_after_the_logout_sees_nothing_and_decides_nothing(
    browser: Browser, desk: DeskProcess
) -> None:
    ask(desk, "replayed", {"question": "Still here?", "options": ["yes", "no"]})
    with browser_of(browser, desk) as (bob, context):
        sign_in(bob, "bob")
        cookies = context.cookies()
        with browser_of(browser, desk, cookies) as (thief, _), browser_of(browser, desk, cookies) as (late, _):
            thief.open("replayed")
            expect(thief.page.get_by_role("button", name="Send the answer")).to_be_visible()
            bob.button("bob@example.org")
            bob.button("Sign out")
            bob.page.wait_for_url(re.compile("end_session"))
            thief.page.get_by_role("radio", name="yes").click()
            closed(thief)
            thief.sees("You have signed out. Sign in again; what you wrote is kept.")
            late.go("review", thread="replayed")
            closed(late)
            assert _status(f"{desk.url}/media/0123.csv", cookies) == 403
    assert decided(desk, "replayed") == []


def test_a_sign_in_that_expires_decides_nothing_and_loses_no_word(browser: Browser, desk: DeskProcess) -> None:
    ask(desk, "expired", "What is the story?")
    with browser_of(browser, desk) as (bob, _):
        sign_in(bob, "bob", "review", at="Visit", thread="expired")
        over = time.monotonic() + BRIEF
        field = bob.page.get_by_label("Your answer")
        field.fill("Once upon a time")
        bob.kept("Once upon a time")
        bob.page.wait_for_timeout(max(0.0, over - time.monotonic()) * 1000 + 500)
        field.fill("Once upon a time, and on")
        field.press("Control+Enter")
        bob.sees(re.compile("Not accepted. Your sign-in has run out. Sign in again"))
        bob.kept("Once upon a time, and on")
        assert decided(desk, "expired") == []
        bob.go()
        closed(bob)
        sign_in(bob, "bob", "review", thread="expired")
        expect(bob.page.get_by_label("Your answer")).to_have_value("Once upon a time, and on")
        bob.page.get_by_role("button", name=re.compile("Send")).first.click()
        bob.sees(re.compile("You answered this"))
    assert decided(desk, "expired") == ["bob@example.org"]


def test_nobody_without_a_role_and_no_forged_cookie_sees_anything(browser: Browser, desk: DeskProcess) -> None:
    claims = {"email": "ann@example.org", "sub": "1", "iss": "x", "origin": desk.url, "is_logged_in": True}
    forged = create_signed_value("another secret of the same length......", "_streamlit_user", json.dumps(claims))
    cookie = {"name": "_streamlit_user", "value": forged.decode(), "url": desk.url}
    with browser_of(browser, desk, [cookie]) as (forger, _), browser_of(browser, desk) as (eve, _):
        forger.go("review", thread="linked")
        closed(forger)
        eve.go()
        eve.button(re.compile("Sign in with Work"))
        eve.page.locator("input[name=sub]").fill("eve@example.org")
        eve.page.get_by_role("button", name="Authorize", exact=True).click()
        eve.sees(re.compile("eve@example.org is signed in, but nobody has given them a role"))
        closed(eve)


def _status(url: str, cookies: Any) -> int:
    brought = "; ".join(f"{each['name']}={each['value']}" for each in cookies if each["name"].startswith("_streamlit"))
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": brought}), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
