"""Channels on real servers: what arrived, what did not, and what nobody can say; no address in any reason or log."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.adapters.channels import Answer, Channel, Entry, Message, Outcome, open_channel, problem_of
from agents.adapters.channels.services import without_markup
from agents.adapters.channels.signing import key_of, signature
from agents.adapters.channels.webhook import Webhook
from tests.desk_process import free_port
from tests.mail_server import DROP as CUT
from tests.mail_server import MailServer, make_certificate
from tests.web_server import DROP, HANG, SECRET_ANSWER, TRICKLE, WebServer

SECRET = SecretStr("a key of sixteen letters")
LINK = "https://desk.example.com/review?thread=t1&pause=p.0"
MESSAGE = Message(
    message_id="msg_1",
    type="new",
    at=datetime(2026, 1, 31, 8, tzinfo=UTC),
    to="role:lead",
    title="New email to review: Größe <b>5</b>",
    entries=(Entry(("New email to review: Größe <b>5</b>", "Graph g."), LINK, {"topic": "new", "thread_id": "t1"}),),
    count=1,
    link=LINK,
)


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


def webhook(server: WebServer, **limits: float) -> Webhook:
    server.requests.clear()
    return Webhook("desk", SecretStr(server.url), SECRET, **limits)


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    """The example of its specification, made with its own library."""
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert key_of("no base64 at all") == b"no base64 at all"


def test_a_webhook_says_what_it_is_about_and_is_signed(server: WebServer) -> None:
    assert webhook(server).send(MESSAGE) == Answer(Outcome.SENT)
    (request,) = server.requests
    assert request.headers["webhook-id"] == "msg_1"
    seconds = int(request.headers["webhook-timestamp"])
    assert request.headers["webhook-signature"] == signature(SECRET.get_secret_value(), "msg_1", seconds, request.body)
    assert request.data["type"] == "signoff.new"
    data = request.data["data"]
    assert (data["title"], data["to"], data["count"], data["link"]) == (MESSAGE.title, "role:lead", 1, LINK)
    assert data["items"] == [
        {"topic": "new", "thread_id": "t1", "text": "New email to review: Größe <b>5</b>\nGraph g.", "link": LINK}
    ]


@pytest.mark.parametrize(
    ("given", "outcome", "words"),
    [
        (200, Outcome.SENT, None),
        (500, Outcome.REFUSED, "code 500"),
        (429, Outcome.REFUSED, "code 429"),
        (404, Outcome.REFUSED, "code 404"),
        (410, Outcome.HOPELESS, "no messages at this address"),
        (DROP, Outcome.UNKNOWN, "broke off"),
        (HANG, Outcome.UNKNOWN, "in time"),
        (TRICKLE, Outcome.UNKNOWN, "in time"),
    ],
)
def test_what_came_of_it(server: WebServer, given: object, outcome: Outcome, words: str | None) -> None:
    channel = webhook(server, answer=0.3, total=0.6)
    server.answers.append(given)
    answer = channel.send(MESSAGE)
    assert answer.outcome is outcome
    assert words is None or words in str(answer.reason)
    assert "S3CRET" not in str(answer.reason)
    assert SECRET_ANSWER not in str(answer.reason)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(server: WebServer) -> None:
    with WebServer() as other:
        channel = webhook(server)
        server.answers.append((307, other.url))
        answer = channel.send(MESSAGE)
        assert answer.outcome is Outcome.HOPELESS
        assert "follows no redirects" in str(answer.reason)
        assert other.requests == []


@pytest.mark.parametrize("host", [f"127.0.0.1:{free_port()}", "nowhere.invalid"], ids=["port", "name"])
def test_what_cannot_be_reached_was_not_sent(host: str) -> None:
    answer = Webhook("desk", SecretStr(f"http://{host}/T0P-S3CRET"), SECRET).send(MESSAGE)
    assert answer == Answer(Outcome.REFUSED, "The server cannot be reached; nothing was sent.")


def test_a_channel_that_cannot_work_says_why() -> None:
    unsigned = problem_of("desk", SecretStr("https://x.example/T0P-S3CRET"), None)
    assert unsigned == "Channel desk is a webhook and cannot be signed: set SIGNOFF_WEBHOOK_SECRET."
    for address in ("https://", "nosuchservice://T0P-S3CRET"):
        problem = problem_of("desk", SecretStr(address), SECRET)
        assert problem is not None
        assert "address of channel desk" in problem
        assert "S3CRET" not in problem
        assert open_channel("desk", SecretStr(address), SECRET).send(MESSAGE) == Answer(Outcome.HOPELESS, problem)
    assert problem_of("desk", SecretStr("https://x.example/"), SECRET) is None
    assert problem_of("ann", SecretStr("mailto://localhost:25?from=a@x.org&to=b@x.org"), None) is None


def test_without_apprise_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    channel = open_channel("ann", SecretStr("mailto://localhost:25?to=b@x.org"), None)
    assert channel.problem() == "Channel ann needs the package Apprise: pip install 'signoff-desk[notify]'."
    assert channel.send(MESSAGE) == Answer(Outcome.HOPELESS, channel.problem())
    assert problem_of("desk", SecretStr("https://x.example/"), SECRET) is None


def mail(port: int, **more: str) -> Channel:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return open_channel("ann", SecretStr(f"mailto://127.0.0.1:{port}?from=desk@x.org&to=ann@x.org{extra}"), None)


def test_a_mail_is_plain_words_and_a_link() -> None:
    with MailServer() as mails:
        assert mail(mails.port).send(MESSAGE) == Answer(Outcome.SENT)
    (sent,) = mails.mails
    assert sent.recipients == ("ann@x.org",)
    assert sent.message["subject"] == MESSAGE.title
    for part in sent.message.walk():
        if part.get_content_type() == "text/html":
            assert "<b>5" not in part.get_content()
            assert "&lt;b&gt;5" in part.get_content()
        elif part.get_content_type() == "text/plain":
            assert "Größe <b>5</b>" in part.get_content()
    whole = "".join(part.get_content() for part in sent.message.walk() if part.get_content_maintype() == "text")
    assert "thread=t1" in whole


def test_a_mail_over_tls(tmp_path: Path) -> None:
    with MailServer(smtps=True, certificate=make_certificate(tmp_path, "localhost")) as mails:
        address = f"mailtos://localhost:{mails.port}?mode=ssl&verify=no&from=desk@x.org&to=ann@x.org"
        assert open_channel("ann", SecretStr(address), None).send(MESSAGE) == Answer(Outcome.SENT)
        untrusted = open_channel("ann", SecretStr(address.replace("&verify=no", "")), None).send(MESSAGE)
        assert untrusted.outcome is Outcome.REFUSED
    assert len(mails.mails) == 1


def test_a_title_makes_no_header() -> None:
    nasty = replace(MESSAGE, title="Hello\r\nBcc: eve@x.org")
    with MailServer() as mails:
        mail(mails.port).send(nasty)
    for sent in mails.mails:
        assert sent.message["bcc"] is None
        assert sent.recipients == ("ann@x.org",)


@pytest.mark.parametrize(
    ("reply", "outcome", "arrived"),
    [
        ("554 5.7.1 No spam T0P-S3CRET", Outcome.REFUSED, 0),
        ("451 4.7.1 Greylisted", Outcome.REFUSED, 0),
        (CUT, Outcome.UNKNOWN, 1),
    ],
)
def test_what_came_of_a_mail(reply: str, outcome: Outcome, arrived: int) -> None:
    with MailServer() as mails:
        mails.data_replies.append(reply)
        answer = mail(mails.port).send(MESSAGE)
    assert answer.outcome is outcome
    assert "S3CRET" not in str(answer.reason)
    assert len(mails.mails) == arrived


def test_a_mail_that_only_some_get_is_not_repeated_by_itself() -> None:
    with MailServer() as mails:
        mails.rcpt_replies["bob@x.org"] = deque(["550 5.1.1 Who?"])
        address = f"mailto://127.0.0.1:{mails.port}?from=desk@x.org&to=ann@x.org,bob@x.org"
        answer = open_channel("ann", SecretStr(address), None).send(MESSAGE)
    assert answer.outcome is Outcome.UNKNOWN
    assert [each.recipients for each in mails.mails] == [("ann@x.org",)]


def test_a_mail_server_that_is_not_there_got_nothing() -> None:
    answer = mail(free_port()).send(MESSAGE)
    assert answer == Answer(Outcome.REFUSED, "The server cannot be reached; nothing was sent.")


@pytest.mark.parametrize(("given", "outcome"), [(200, Outcome.SENT), (500, Outcome.REFUSED), (DROP, Outcome.UNKNOWN)])
def test_another_service_of_apprise(server: WebServer, given: object, outcome: Outcome) -> None:
    server.requests.clear()
    server.answers.append(given)
    address = SecretStr(f"json://127.0.0.1:{server.port}/T0P-S3CRET")
    answer = open_channel("chat", address, None).send(MESSAGE)
    assert answer.outcome is outcome
    assert server.requests[0].data["title"] == "New email to review: Größe ＜b＞5＜/b＞"
    assert LINK in server.requests[0].data["message"]
    assert "S3CRET" not in str(answer.reason)


def test_no_text_of_a_payload_is_markup_in_a_chat() -> None:
    text = "<!channel> **bold** _it_ `c` ~s~ ||h|| [x](http://e.vil) <@U1> @here a\\b snake_case"
    shown = without_markup(text)
    assert not set("<>[]`*~|@\\") & set(shown)
    assert "snake_case" in shown
    assert "_it_" not in shown


def test_no_log_gets_an_address(server: WebServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    webhook(server).send(MESSAGE)
    server.answers.append(500)
    open_channel("chat", SecretStr(f"json://127.0.0.1:{server.port}/T0P-S3CRET"), None).send(MESSAGE)
    mail(free_port(), user="T0P-S3CRET").send(MESSAGE)
    assert "S3CRET" not in caplog.text
    logging.getLogger("httpx").warning("somebody else's words")
    assert "somebody else's words" in caplog.text


def test_a_message_goes_out_where_a_loop_runs_already() -> None:
    async def send() -> Answer:
        return Webhook("desk", SecretStr(f"http://127.0.0.1:{free_port()}/"), SECRET).send(MESSAGE)

    with ThreadPoolExecutor(1) as aside:  # a browser test before this one leaves a loop running in the main thread
        assert aside.submit(lambda: asyncio.run(send())).result().outcome is Outcome.REFUSED
