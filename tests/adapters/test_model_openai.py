"""The writer over the OpenAI protocol, on a real loopback server."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from subprocess import run

import pytest

from agents.adapters.model import ClarifyRequest, EmailDraft, EmailRequest, PlanRequest, StepDraft, Writer, make_writer
from agents.adapters.model.openai import MAX_TOKENS, OpenAIWriter, Timeouts
from agents.errors import ModelError, SettingsError
from agents.settings import load_settings
from tests.openai_server import OpenAIServer, Reply, answer, answer_json, refused

KEY = "sk-very-secret-1234567890"
MAIL = {"subject": "Lunch", "body": "Hello Bob,\n\nlunch at 12?\n\nAda", "cc": [], "bcc": [], "reply_to": None}
STEP = {
    "op": "delete",
    "why": "The task asks for it.",
    "pattern": "**/*.log",
    "older_than_days": 30,
    "newer_than_days": None,
    "larger_than_bytes": None,
    "smaller_than_bytes": None,
    "destination": None,
    "path": None,
    "content": None,
    "exclude": [],
}
EMAIL = EmailRequest(
    recipient="bob@example.org", subject="Lunch", instructions="ask for lunch", sender="ada@example.org"
)
PLAN = PlanRequest(task="delete old logs", today=date(2026, 1, 31), listing=["a.log", "b/c.log"])


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def writer(server: OpenAIServer, slept: list[float]) -> OpenAIWriter:
    return OpenAIWriter("tiny-1", base_url=server.url, key=KEY, sleep=slept.append)


def failure(writer: Writer) -> str:
    with pytest.raises(ModelError) as caught:
        writer.email(EMAIL)
    text = str(caught.value)
    assert KEY not in text
    assert text.endswith("The thread is kept and can be continued.")
    return text


def test_a_mail_is_asked_for_by_schema_and_read(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json(MAIL))
    assert writer.email(EMAIL) == EmailDraft.model_validate(MAIL)
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["model"] == "tiny-1"
    assert request.body["max_tokens"] == MAX_TOKENS
    asked = request.body["response_format"]["json_schema"]
    assert asked["strict"] is True
    assert asked["schema"]["required"] == list(MAIL)
    assert asked["schema"]["additionalProperties"] is False
    told = json.loads(request.body["messages"][1]["content"])
    assert told["recipient"] == "bob@example.org"
    assert told["instructions"] == "ask for lunch"


def test_a_plan_is_asked_for_with_the_files_and_read(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json({"summary": "Deletes old logs.", "steps": [STEP]}))
    plan = writer.plan(PLAN)
    assert plan.steps == [StepDraft(op="delete", why="The task asks for it.", pattern="**/*.log", older_than_days=30)]
    asked = server.requests[0].body["response_format"]["json_schema"]["schema"]
    assert set(asked["properties"]["steps"]["items"]["required"]) == set(STEP)
    told = json.loads(server.requests[0].body["messages"][1]["content"])
    assert told == {"task": "delete old logs", "today": "2026-01-31", "files_in_workspace": ["a.log", "b/c.log"]}


def test_a_revision_tells_the_previous_steps_and_the_instruction(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json({"summary": "s", "steps": [STEP]}))
    previous = [StepDraft(op="delete", pattern="*.log")]
    writer.plan(PLAN.model_copy(update={"previous": previous, "instruction": "only in b/"}))
    told = json.loads(server.requests[0].body["messages"][1]["content"])
    assert told["previous_steps"] == [{"op": "delete", "pattern": "*.log"}]
    assert told["instruction"] == "only in b/"


def test_questions_about_a_task_take_one_request(server: OpenAIServer, writer: OpenAIWriter) -> None:
    questions = [{"text": "Which logs?", "hint": "logs/"}, {"text": "How old?", "hint": "30 days"}]
    server.reply(answer_json({"questions": questions}))
    request = ClarifyRequest(task="delete old logs", today=date(2026, 1, 31), listing=["a.log"])
    found = writer.clarify(request)
    assert [(each.text, each.hint) for each in found.questions] == [("Which logs?", "logs/"), ("How old?", "30 days")]
    (asked,) = server.requests
    schema = asked.body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["questions"]["items"]["required"] == ["text", "hint"]
    told = json.loads(asked.body["messages"][1]["content"])
    assert told == {"task": "delete old logs", "today": "2026-01-31", "files_in_workspace": ["a.log"]}


def test_a_clear_task_has_no_questions(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json({"questions": []}))
    assert writer.clarify(ClarifyRequest(task="delete a.log", today=date(2026, 1, 31))).questions == []


def test_more_than_three_questions_are_asked_for_again(server: OpenAIServer, writer: OpenAIWriter) -> None:
    four = {"questions": [{"text": f"Question {number}?", "hint": ""} for number in range(4)]}
    server.reply(answer_json(four), answer_json({"questions": four["questions"][:2]}))
    assert len(writer.clarify(ClarifyRequest(task="tidy", today=date(2026, 1, 31))).questions) == 2
    assert "at most 3" in server.requests[1].body["messages"][-1]["content"]


def test_the_enriched_task_says_what_was_answered_and_what_was_left_open(writer: OpenAIWriter) -> None:
    pairs = [("Which logs?", " those in logs/ "), ("How old?", None), ("Anything else?", " ")]
    text = writer.enrich("delete old logs", pairs)
    answered, left = "Answered:\n- Which logs? those in logs/", "Left open:\n- How old?\n- Anything else?"
    assert text == f"delete old logs\n{answered}\n{left}"
    assert writer.enrich("delete old logs", []) == "delete old logs"


def test_a_mail_revision_tells_the_letter_and_all_feedback(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json(MAIL))
    previous = EmailDraft(subject="Lunch", body="Old text")
    writer.email(EMAIL.model_copy(update={"previous": previous, "feedback": ["shorter", "sign as Ada"]}))
    told = json.loads(server.requests[0].body["messages"][1]["content"])
    assert told["previous"]["body"] == "Old text"
    assert told["feedback"] == ["shorter", "sign as Ada"]


def test_file_names_that_are_not_utf8_can_be_sent(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json({"summary": "s", "steps": [STEP]}))
    writer.plan(PLAN.model_copy(update={"listing": ["caf\udce9.log"]}))
    assert json.loads(server.requests[0].body["messages"][1]["content"])["files_in_workspace"] == ["caf?.log"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(MAIL),
        f"```json\n{json.dumps(MAIL, indent=2)}\n```",
        f"Sure, here it is: {json.dumps(MAIL)} Anything else?",
        f'<think>They want {{"subject": "no"}}</think>\n{json.dumps(MAIL)}',
    ],
)
def test_the_object_is_found_in_what_the_model_says(server: OpenAIServer, writer: OpenAIWriter, text: str) -> None:
    server.reply(answer(text))
    assert writer.email(EMAIL).subject == "Lunch"


def test_an_unusable_answer_is_asked_for_again_with_what_was_wrong(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(
        answer_json({"summary": "s", "steps": [{**STEP, "op": "move"}]}), answer_json({"summary": "s", "steps": [STEP]})
    )
    assert writer.plan(PLAN).steps[0].op == "delete"
    *_, said, complaint = server.requests[1].body["messages"]
    assert said["role"] == "assistant"
    assert '"move"' in said["content"]
    assert "a move step needs a destination" in complaint["content"]


def test_off_schema_twice_is_an_error_that_says_why(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer("no JSON at all"), answer_json({"subject": ""}))
    text = failure(writer)
    assert "tiny-1 twice gave an answer that cannot be used" in text
    assert "the subject is empty" in text
    assert len(server.requests) == 2


@pytest.mark.parametrize("content", [None, "", "  \n"])
def test_an_empty_answer_twice_is_an_error(server: OpenAIServer, writer: OpenAIWriter, content: str | None) -> None:
    server.reply(answer(content), answer(content))
    assert "tiny-1 gave an empty answer twice" in failure(writer)


def test_a_truncated_answer_is_an_error(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer('{"subject": "Lun', finish="length"))
    assert f"cut off at its length limit ({MAX_TOKENS} tokens)" in failure(writer)
    assert len(server.requests) == 1


def test_a_refusal_is_told_in_the_models_words(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer(None, refusal="I cannot help with that."))
    assert "tiny-1 declined to write this: “I cannot help with that”" in failure(writer)


def test_a_filtered_answer_is_a_refusal(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer("", finish="content_filter"))
    assert "tiny-1 declined to write this." in failure(writer)


def test_a_refused_key_names_the_setting_and_not_the_key(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(refused(401, f"Incorrect API key provided: {KEY}."))
    text = failure(writer)
    assert "does not accept the key" in text
    assert "OPENAI_API_KEY" in text


def test_a_missing_key_is_asked_for(server: OpenAIServer) -> None:
    server.reply(refused(401, "no key"))
    text = failure(OpenAIWriter("tiny-1", base_url=server.url))
    assert "wants a key (401). Set OPENAI_API_KEY" in text
    assert server.requests[0].headers["authorization"] == "Bearer no-key-needed"


def test_an_unknown_model_names_both_settings(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(refused(404, "model not found"))
    text = failure(writer)
    assert "does not know the model tiny-1 (404)" in text
    assert "SIGNOFF_MODEL" in text
    assert "OPENAI_BASE_URL" in text


def test_a_short_wait_is_waited_for(server: OpenAIServer, writer: OpenAIWriter, slept: list[float]) -> None:
    server.reply(refused(429, "slow down", {"Retry-After": "7"}), answer_json(MAIL))
    assert writer.email(EMAIL).subject == "Lunch"
    assert slept == [7.0]


def test_a_wait_is_also_read_as_milliseconds_and_as_a_date(
    server: OpenAIServer, writer: OpenAIWriter, slept: list[float]
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=10), usegmt=True)
    server.reply(
        refused(429, "", {"retry-after-ms": "1500"}), refused(429, "", {"Retry-After": soon}), answer_json(MAIL)
    )
    writer.email(EMAIL)
    assert slept[0] == 1.5
    assert 5 < slept[1] <= 10


def test_a_long_wait_is_not_waited_for_but_told(server: OpenAIServer, writer: OpenAIWriter, slept: list[float]) -> None:
    server.reply(refused(429, "slow down", {"Retry-After": "1800"}))
    assert "(429). Try again in 30 minutes" in failure(writer)
    assert slept == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "9"}, {"Retry-After": "soon"}])
def test_a_server_that_stays_busy_is_given_up(
    writer: OpenAIWriter, server: OpenAIServer, slept: list[float], headers: dict[str, str]
) -> None:
    server.reply(*[refused(429, "", headers)] * 50)
    assert "is taking no more requests for now (429)" in failure(writer)
    assert sum(slept) <= 20
    assert len(server.requests) <= 6


def test_an_account_without_credit_is_not_retried(
    server: OpenAIServer, writer: OpenAIWriter, slept: list[float]
) -> None:
    server.reply(refused(429, "quota", code="insufficient_quota"))
    assert "has no credit left" in failure(writer)
    assert slept == []


def test_a_server_with_a_problem_is_tried_again(server: OpenAIServer, writer: OpenAIWriter, slept: list[float]) -> None:
    server.reply(refused(503, "loading"), answer_json(MAIL))
    assert writer.email(EMAIL).subject == "Lunch"
    assert slept == [2.0]


def test_a_server_error_is_told(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(refused(500, "boom"))
    assert "has a problem of its own (500)" in failure(writer)


def test_no_answer_in_time(server: OpenAIServer) -> None:
    server.reply(answer("late", wait=30))
    begun = time.monotonic()
    text = failure(OpenAIWriter("tiny-1", base_url=server.url, key=KEY, timeouts=Timeouts(read=0.2)))
    assert "did not answer in time" in text
    assert time.monotonic() - begun < 10


def test_an_answer_that_drips_is_given_up_as_a_whole(server: OpenAIServer) -> None:
    whole = answer_json(MAIL)
    server.reply(Reply(whole.body, drip=0.05))
    begun = time.monotonic()
    writer = OpenAIWriter("tiny-1", base_url=server.url, key=KEY, timeouts=Timeouts(read=5, total=0.4))
    assert "did not answer in time" in failure(writer)
    assert time.monotonic() - begun < 0.05 * len(whole.body) / 2


def test_a_closed_port_is_told(free_port: int) -> None:
    url = f"http://user:hidden@127.0.0.1:{free_port}/v1"
    text = failure(OpenAIWriter("tiny-1", base_url=url, key=KEY))
    assert f"No connection to 127.0.0.1:{free_port}. Check the network and OPENAI_BASE_URL" in text
    assert "hidden" not in text


def test_a_connection_that_breaks_is_told(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(Reply(b"", drop=True))
    assert "No connection to 127.0.0.1" in failure(writer)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>hello</html>", headers={"Content-Type": "text/html"}),
        Reply(b"{}"),
        Reply(b'{"choices": null}'),
        Reply(b'{"choices": []}'),
        Reply(b"{not json"),
        Reply(b'{"error": {"message": "x"}}'),
        Reply(b"[1]"),
        Reply(b'{"choices": [{}]}'),
        Reply(b'{"choices": [{"message": null}]}'),
    ],
)
def test_what_is_no_chat_completion_names_the_address(server: OpenAIServer, writer: OpenAIWriter, reply: Reply) -> None:
    server.reply(reply)
    assert "is not a chat completion. Check that OPENAI_BASE_URL" in failure(writer)


def test_a_server_without_schemas_is_asked_for_json_then_for_text(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(
        refused(400, "unknown response_format"), refused(400, "json_object? no"), answer(f"Here: {json.dumps(MAIL)}")
    )
    assert writer.email(EMAIL).subject == "Lunch"
    forms = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert forms == ["json_schema", "json_object", None]
    server.reply(answer_json(MAIL))
    writer.email(EMAIL)
    assert "response_format" not in server.requests[-1].body  # what worked is remembered


@pytest.mark.filterwarnings("ignore:This model does not support OpenAI's structured output:UserWarning")
def test_openais_own_refusal_of_schemas_falls_back_too(server: OpenAIServer, writer: OpenAIWriter) -> None:
    told = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
    server.reply(refused(400, told), answer_json(MAIL))
    assert writer.email(EMAIL).subject == "Lunch"


def test_a_server_that_wants_the_other_word_for_the_limit_gets_it(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(
        refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."), answer_json(MAIL)
    )
    writer.email(EMAIL)
    assert server.requests[1].body["max_completion_tokens"] == MAX_TOKENS
    assert "max_tokens" not in server.requests[1].body


def test_a_request_that_stays_refused_is_told_in_the_servers_words(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(*[refused(400, f"bad things with {KEY} and sk-abcdef")] * 3)
    text = failure(writer)
    assert "refused the request (400): bad things with *** and ***." in text


def test_a_request_that_is_too_long_is_told(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(refused(400, "This model's maximum context length is 4096 tokens."))
    assert "The request is too long for tiny-1" in failure(writer)
    assert len(server.requests) == 1


def test_any_status_and_any_text_ends_in_one_sentence(server: OpenAIServer, writer: OpenAIWriter) -> None:
    for status in (402, 405, 409, 418, 422, 451, 501, 504, 529):
        server.reply(*[refused(status, f"words {KEY}")] * 8)
        assert "\n" not in failure(writer)
        server.forget()


SETTINGS: list[tuple[dict[str, str], str]] = [
    ({}, "Offline rules (no language model)"),
    ({"openai_api_key": "k"}, "gpt-5-mini at api.openai.com"),
    ({"openai_api_key": "  "}, "Offline rules (no language model)"),
    ({"openai_base_url": "http://127.0.0.1:11434/v1", "model": "llama3"}, "llama3 at 127.0.0.1:11434"),
    ({"openai_base_url": "https://ada:secret@llm.example.org/v1"}, "gpt-5-mini at llm.example.org"),
    ({"openai_api_key": "k", "model": "offline"}, "Offline rules (no language model)"),
]


@pytest.mark.parametrize(("given", "label"), SETTINGS)
def test_the_settings_choose_the_writer(given: dict[str, str], label: str) -> None:
    writer = make_writer(load_settings(**given))
    assert writer.label == label
    assert writer.offline == label.startswith("Offline")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY: expected one word") as caught:
        make_writer(load_settings(openai_api_key=key))
    assert key not in str(caught.value)


def test_a_made_writer_sleeps_as_told(server: OpenAIServer) -> None:
    slept: list[float] = []
    server.reply(refused(429, "", {"Retry-After": "3"}), answer_json(MAIL))
    writer = make_writer(load_settings(openai_base_url=server.url), sleep=slept.append)
    assert writer.email(EMAIL).subject == "Lunch"
    assert slept == [3.0]


def test_choosing_a_writer_loads_no_client_library(tmp_path: Path) -> None:
    code = (
        "import sys; from agents.adapters.model import make_writer; from agents.settings import load_settings; "
        "make_writer(load_settings()); make_writer(load_settings(openai_api_key='k')); "
        "print([name for name in sys.modules if name.split('.')[0] in {'langchain_core', 'langchain_openai', 'openai'}])"
    )
    root = Path(__file__).parents[2]
    done = run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_scripted_server_answers_by_the_request_when_told_to() -> None:
    def always(body: dict[str, object]) -> Reply:
        return answer_json({**MAIL, "subject": str(body["model"])})

    with OpenAIServer(always) as server:
        writer: Callable[[EmailRequest], EmailDraft] = OpenAIWriter("echo", base_url=server.url).email
        assert [writer(EMAIL).subject, writer(EMAIL).subject] == ["echo", "echo"]
