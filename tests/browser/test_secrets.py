"""Recognisable values in every secret setting, a desk that is driven through decisions, failures and errors, and a search for them everywhere."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from agents.settings import Settings, load_settings, secret_texts
from tests.desk_process import ROOT, DeskProcess, environment
from tests.header_proxy import proxy
from tests.mail_server import MailServer
from tests.openai_server import OpenAIServer, Reply, answer_json, refused
from tests.web_server import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

PASSWORD, HOOK, QUERY = "Planted-mail+pass/word", "PlantedHookPathKey", "PlantedHookQueryKey"
KEY, WEBHOOK, RECORD, PROXY = "sk-PlantedModelKey", "PlantedWebhookSecret", "PlantedRecordKey-0", "PlantedProxySecret"
RULES = """
[people]
"ann@example.org".role = "admin"

[[notifications]]
to = "ann@example.org"
channel = "hook"
on = ["new", "failed"]

[[notifications]]
to = "ann@example.org"
channel = "other"
on = ["new", "failed"]
"""


def echoing(body: Any) -> Reply:
    """A model's server that writes mails, and for anything else repeats the key, which it refuses."""
    if MAIL["subject"] in json.dumps(body):
        return answer_json({"subject": MAIL["subject"], "body": "Dear Ann, hello."})
    return refused(401, f"Incorrect API key provided: {KEY}")


def settings_for(home: Path, mail: MailServer, model: OpenAIServer, hooks: WebServer) -> dict[str, str]:
    rules = home / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    hook = f"http://127.0.0.1:{hooks.port}"
    return {
        "SIGNOFF_RULES": str(rules),
        "SIGNOFF_ACCOUNTS": "proxy",
        "SIGNOFF_PROXY_SECRET": PROXY,
        "SIGNOFF_LOG": "json",
        "SIGNOFF_SMTP_URL": f"smtp://desk%40x.org:{quote(PASSWORD, safe='')}@localhost:{mail.port}?tls=none",
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": model.url,
        "SIGNOFF_CHANNELS": json.dumps(
            {"hook": f"{hook}/{HOOK}?key={QUERY}", "other": f"jsons://ann:{HOOK}@127.0.0.1:1/x"}
        ),
        "SIGNOFF_WEBHOOK_SECRET": WEBHOOK,
        "SIGNOFF_RECORD_KEY": RECORD,
    }


def run(desk: DeskProcess, env: Mapping[str, str], *commands: list[str]) -> str:
    """What these commands print, one after the other, in one process."""
    script = "import json, sys\nfrom agents.__main__ import main\nfor each in json.loads(sys.argv[1]): main(each)"
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(commands)],
        cwd=ROOT,
        env=environment(desk.home, env),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    return done.stdout + done.stderr


def planted(token: str) -> dict[str, bytes]:
    """Every form in which one of them could stand somewhere."""
    secrets = [PASSWORD, HOOK, QUERY, KEY, WEBHOOK, RECORD, PROXY, token]
    forms = {each: each for each in secrets} | {f"{each} quoted": quote(each, safe="") for each in secrets}
    forms |= {f"{each} base64": base64.b64encode(each.encode()).decode().rstrip("=") for each in secrets}
    forms["plain auth"] = base64.b64encode(f"\0desk@x.org\0{PASSWORD}".encode()).decode()
    return {name: text.encode() for name, text in forms.items()}


def found_in(name: str, data: bytes, forms: Mapping[str, bytes]) -> list[str]:
    return [f"{form} in {name}" for form, text in forms.items() if text in data]


def pages(browser: Browser, url: str, paths: list[str]) -> Iterator[tuple[str, str]]:
    context = browser.new_context()
    page = context.new_page()
    for path in paths:
        page.goto(url + path)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=30_000)
        page.wait_for_timeout(1500)
        yield path, page.content() + page.inner_text("body")
    context.close()


def until(http: httpx.Client, thread: str, statuses: tuple[str, ...]) -> httpx.Response:
    late = time.monotonic() + 60
    while True:
        answer = http.get(f"/agent/threads/{thread}")
        if answer.status_code == 200 and answer.json()["status"] in statuses:
            return answer
        assert time.monotonic() < late, answer.text
        time.sleep(0.3)


def test_no_secret_reaches_anything_that_is_written_or_shown(tmp_path: Path, browser: Browser) -> None:
    home = tmp_path / "home"
    home.mkdir()
    seen: list[tuple[str, bytes]] = []
    with MailServer(login=True) as mail, OpenAIServer(always=echoing) as model, WebServer(always=500) as hooks:
        env = settings_for(home, mail, model, hooks)
        desk = DeskProcess.launch(home, env=env)
        try:
            scopes = [part for scope in ("admin", "read", "start", "decide") for part in ("--scope", scope)]
            made = run(desk, env, ["token", "create", "ann@example.org", *scopes])
            token = next(word for word in made.split() if word.startswith("signoff_"))
            forms = planted(token)
            with_token = {**env, "SIGNOFF_TOKEN": token}
            with httpx.Client(base_url=desk.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
                answers = drive(http)
                seen += [
                    (f"the answer to {each.request.url.path}", each.content + repr(each.headers).encode())
                    for each in answers
                ]
                threads = [
                    each.json()["thread_id"]
                    for each in answers
                    if each.status_code == 200
                    and b'"thread_id"' in each.content
                    and each.request.url.path == "/agent/start"
                ]
            with proxy(desk.port, {"X-Forwarded-User": "ann@example.org", "X-Signoff-Proxy-Secret": PROXY}) as url:
                looked = ["/", "/system", *[f"/history?thread={each}" for each in threads]]
                seen += [(f"the page {path}", text.encode()) for path, text in pages(browser, url, looked)]
            names = ["doctor", "notifications", "export", "list"]
            more = [["audit", "head"], ["token", "list"], ["backup", str(tmp_path / "copy")]]
            seen.append(("commands", run(desk, with_token, *[[each] for each in names], *more).encode()))
            wrong = {**env, "SIGNOFF_TOKEN": f"{token[:-4]}0000"}
            seen.append(("a wrong token", run(desk, wrong, ["token", "list"]).encode()))
        finally:
            desk.stop()
        assert mail.sessions, "the mail server was asked"
        assert model.requests, "the model was asked"
        assert hooks.requests, "the hook was called"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    seen += [(str(path.relative_to(tmp_path)), path.read_bytes()) for path in files]
    assert any(name.endswith("checkpoints.sqlite") and b"Dear Ann, hello." in data for name, data in seen)
    for place in ("signoff.sqlite", ".log", "the page /system", "commands", "the answer to /agent/threads"):
        assert any(place in name and b"ann@example.org" in data for name, data in seen), f"nothing was found in {place}"
    assert any(name.endswith(".log") and b"decision accepted" in data for name, data in seen)
    assert [hit for name, data in seen for hit in found_in(name, data, forms)] == []


def drive(http: httpx.Client) -> list[httpx.Response]:
    """Decisions, a mail server that refuses the login, a model that refuses the key, bad requests; every answer."""
    answers = [http.post("/agent/start", params={"wait": 30}, json={"graph_id": "email_approval", "input": MAIL})]
    answers.append(
        http.post(
            "/agent/start", params={"wait": 30}, json={"graph_id": "clarification", "input": {"task": "Clean up"}}
        )
    )
    answers.append(http.post("/agent/start", json={"graph_id": "nothing", "input": {}}))
    answers.append(http.post("/agent/start", content=b"{", headers={"content-type": "application/json"}))
    thread = answers[0].json()["thread_id"]
    answers.append(until(http, thread, ("awaiting_human", "failed")))
    if answers[-1].json()["status"] == "awaiting_human":
        question = answers[-1].json()["questions"][0]
        body = {"pause_key": question["pause_key"], "decision": "approve"}
        answers.append(http.post(f"/agent/resume/{thread}", params={"wait": 60}, json=body))
        answers.append(http.post(f"/agent/resume/{thread}", json=body))
    answers += [
        http.get(path)
        for path in (
            "/agent/threads",
            f"/agent/threads/{thread}",
            "/metrics",
            "/readyz",
            "/healthz",
            "/agent/openapi.json",
        )
    ]
    answers.append(http.get("/metrics", headers={"Authorization": "Bearer signoff_000000000000_wrong"}))
    return answers


MAIL = {"recipient": "Ann Lee <ann@example.org>", "subject": "Hello", "instructions": "Be kind"}


def test_every_secret_setting_is_planted_and_blotted_out(tmp_path: Path) -> None:
    """A new secret setting has to be added to this file."""
    with MailServer() as mail, OpenAIServer() as model, WebServer() as hooks:
        env = settings_for(tmp_path, mail, model, hooks)
    secrets = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    named = {str(Settings.model_fields[name].validation_alias) for name in secrets}
    assert named == {*env, "SIGNOFF_TOKEN"} & named
    before = dict(os.environ)
    os.environ.update(env)
    try:
        texts = secret_texts(load_settings(token="signoff_0_Planted"))
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert {PASSWORD, HOOK, QUERY, KEY, WEBHOOK, RECORD, PROXY, "signoff_0_Planted"} <= texts
