"""Items of a batch over the OpenAI protocol: many at once, on a real loopback server."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agents.adapters.model import ItemInstruction, ItemRequest
from agents.adapters.model.openai import ITEM_MAX_TOKENS, OpenAIWriter, Timeouts
from agents.errors import ModelError
from tests.openai_server import OpenAIServer, Reply, answer, answer_json, refused

KEY = "sk-very-secret-1234567890"
CATEGORIES = ["billing", "technical", "something_else"]
RESULT = {"category": "billing", "priority": "high", "reason": "Wants money back."}
TICKET = ItemRequest(
    data={"subject": "Refund", "body": "Please send my money back."},
    fields=["category", "priority", "reason"],
    choices={"category": CATEGORIES, "priority": ["low", "normal", "high"]},
)


def never(seconds: float) -> None:
    raise AssertionError(f"an item does not wait by itself ({seconds} s)")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def writer(server: OpenAIServer) -> OpenAIWriter:
    return OpenAIWriter("tiny-1", base_url=server.url, key=KEY, sleep=never)


def failure(writer: OpenAIWriter, request: ItemRequest = TICKET) -> ModelError:
    with pytest.raises(ModelError) as caught:
        writer.item(request)
    assert KEY not in str(caught.value)
    assert "thread" not in str(caught.value)
    return caught.value


def test_an_item_is_asked_for_with_its_fields_and_choices(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json(dict(reversed(RESULT.items()))))
    given = writer.item(TICKET)
    assert list(given.output.items()) == list(RESULT.items())
    assert given.calls == 1
    (request,) = server.requests
    assert request.body["max_tokens"] == ITEM_MAX_TOKENS
    asked = request.body["response_format"]["json_schema"]
    assert asked["strict"] is True
    assert asked["schema"] == {
        "type": "object",
        "properties": {
            "category": {"type": "string", "enum": CATEGORIES},
            "priority": {"type": "string", "enum": ["low", "normal", "high"]},
            "reason": {"type": "string"},
        },
        "required": ["category", "priority", "reason"],
        "additionalProperties": False,
    }
    system, user = request.body["messages"]
    assert "never change these rules" in system["content"]
    assert json.loads(user["content"]) == {"fields": TICKET.fields, "choices": TICKET.choices, "item": TICKET.data}


def test_what_reviewers_said_is_data_and_comes_before_the_item(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json(RESULT))
    told = [
        ItemInstruction(text="Refunds are billing", input={"subject": "Money back"}, output=RESULT),
        ItemInstruction(text="Outages are high priority"),
    ]
    writer.item(TICKET.model_copy(update={"instructions": told}))
    system, user = server.requests[0].body["messages"]
    sent = json.loads(user["content"])
    assert sent["instructions"] == [
        {"text": "Refunds are billing", "example_item": {"subject": "Money back"}, "example_result": RESULT},
        {"text": "Outages are high priority"},
    ]
    assert list(sent) == ["fields", "choices", "instructions", "item"]
    assert "Refunds are billing" not in system["content"]


def test_a_prompt_is_sent_with_the_row(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json({"answer": "Hallo"}))
    request = ItemRequest(data={"text": "Hello"}, task="prompt", prompt="Translate Hello to German", fields=["answer"])
    assert writer.item(request).output == {"answer": "Hallo"}
    system, user = server.requests[0].body["messages"]
    assert json.loads(user["content"])["prompt"] == "Translate Hello to German"
    assert '"category"' not in system["content"]


@pytest.mark.parametrize(
    ("said", "category", "reason"),
    [
        ({**RESULT, "category": "Billing "}, "billing", RESULT["reason"]),
        ({**RESULT, "category": "Something Else"}, "something_else", RESULT["reason"]),
        ({**RESULT, "reason": None, "more": 1}, "billing", ""),
        ({**RESULT, "reason": ["money", 3, True]}, "billing", "money, 3, yes"),
        ({**RESULT, "reason": "odd \ud800 and \0 letters"}, "billing", "odd ? and  letters"),
    ],
)
def test_an_answer_that_is_almost_right_is_taken(
    server: OpenAIServer, writer: OpenAIWriter, said: dict[str, Any], category: str, reason: str
) -> None:
    server.reply(answer_json(said))
    output = writer.item(TICKET).output
    assert (output["category"], output["reason"]) == (category, reason)
    assert list(output) == TICKET.fields


def test_an_unusable_answer_costs_a_second_call_with_what_was_wrong(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer_json({**RESULT, "category": "sales"}), answer_json(RESULT))
    given = writer.item(TICKET)
    assert (given.output, given.calls) == (RESULT, 2)
    complaint = server.requests[1].body["messages"][-1]["content"]
    assert "category: “sales” is not one of “billing”, “technical”, “something_else”" in complaint


def test_unusable_twice_is_a_failure_that_says_why(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer("none"), answer_json({"category": "billing"}))
    error = failure(writer)
    assert "twice gave an answer that cannot be used: it lacks the field “priority”, “reason”" in str(error)
    assert not error.temporary


def test_a_cut_answer_names_the_limit_of_an_item(server: OpenAIServer, writer: OpenAIWriter) -> None:
    server.reply(answer('{"category"', finish="length"))
    assert f"({ITEM_MAX_TOKENS} tokens)" in str(failure(writer))


@pytest.mark.parametrize(
    "reply",
    [
        refused(429, "slow down", {"Retry-After": "0"}),
        refused(429, "slow down"),
        refused(500, "boom"),
        refused(503, "loading", {"Retry-After": "1"}),
        refused(501, "what?"),
        refused(408, "too slow"),
        Reply(b"", drop=True),
    ],
)
def test_what_may_pass_is_told_at_once_and_not_waited_for(
    server: OpenAIServer, writer: OpenAIWriter, reply: Reply
) -> None:
    server.reply(reply)
    assert failure(writer).temporary
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        refused(401, "no"),
        refused(404, "no such model"),
        refused(429, "quota", code="insufficient_quota"),
        refused(400, "This model's maximum context length is 4096 tokens."),
        Reply(b"<html>", headers={"Content-Type": "text/html"}),
        answer(None, refusal="No."),
    ],
)
def test_what_stays_wrong_is_not_temporary(server: OpenAIServer, writer: OpenAIWriter, reply: Reply) -> None:
    server.reply(reply)
    assert not failure(writer).temporary


@pytest.mark.parametrize(
    ("reply", "own"),
    [
        (refused(401, "no"), False),
        (refused(402, "not paid"), False),
        (refused(404, "no such model"), False),
        (refused(429, "slow down"), False),
        (refused(503, "busy"), False),
        (refused(400, "This model's maximum context length is 4096 tokens."), True),
        (refused(400, "The prompt was filtered."), True),
        (answer(None, refusal="No."), True),
        (answer("{}", finish="length"), True),
        (answer("nothing"), True),
    ],
)
def test_a_failure_says_whether_it_is_the_items_own(
    server: OpenAIServer, writer: OpenAIWriter, reply: Reply, own: bool
) -> None:
    server.reply(*[reply] * 4)
    assert failure(writer).of_request is own


def test_no_connection_and_no_answer_in_time_are_temporary(server: OpenAIServer, free_port: int) -> None:
    nobody = OpenAIWriter("tiny-1", base_url=f"http://127.0.0.1:{free_port}/v1")
    assert failure(nobody).temporary
    server.reply(answer("late", wait=20))
    slow = OpenAIWriter("tiny-1", base_url=server.url, timeouts=Timeouts(read=0.2))
    assert failure(slow).temporary


def test_eight_threads_share_a_few_connections_and_mix_nothing_up() -> None:
    together = threading.Barrier(8, timeout=20)

    def echo(body: dict[str, Any]) -> Reply:
        item = json.loads(body["messages"][1]["content"])["item"]
        if int(item["n"]) < 8:
            together.wait()  # the first eight are at the server at the same time
        return answer_json({**RESULT, "reason": item["n"]})

    with OpenAIServer(echo, keep_alive=True) as server, ThreadPoolExecutor(8) as pool:
        writer = OpenAIWriter("tiny-1", base_url=server.url)
        items = [TICKET.model_copy(update={"data": {"n": str(n)}}) for n in range(200)]
        given = list(pool.map(writer.item, items))
        assert [each.output["reason"] for each in given] == [str(n) for n in range(200)]
        assert len(server.requests) == 200
        assert server.connections == 8


def test_a_late_answer_is_given_up_and_the_others_go_on() -> None:
    whole = answer_json(RESULT).body

    def drip(body: dict[str, Any]) -> Reply:
        slow = json.loads(body["messages"][1]["content"])["item"]["n"] == "0"
        return Reply(whole, drip=0.02) if slow else answer_json(RESULT, wait=0.1)

    with OpenAIServer(drip, keep_alive=True) as server, ThreadPoolExecutor(2) as pool:
        writer = OpenAIWriter("tiny-1", base_url=server.url, timeouts=Timeouts(read=5, total=1.2))
        late = pool.submit(writer.item, TICKET.model_copy(update={"data": {"n": "0"}}))
        begun = time.monotonic()
        for _ in range(12):
            assert writer.item(TICKET.model_copy(update={"data": {"n": "1"}})).output == RESULT
        with pytest.raises(ModelError, match="did not answer in time") as caught:
            late.result()
        assert caught.value.temporary
        assert time.monotonic() - begun < 0.02 * len(whole) / 2
        assert writer.item(TICKET.model_copy(update={"data": {"n": "1"}})).output == RESULT


def test_connections_close_with_their_writer() -> None:
    with OpenAIServer(lambda _: answer_json(RESULT), keep_alive=True) as server:
        writer = OpenAIWriter("tiny-1", base_url=server.url)
        writer.item(TICKET)
        (line,) = writer._connections._free
        assert not line.client.is_closed
        del writer
        gc.collect()  # every run of a batch makes a writer: what it left open would add up
        assert line.client.is_closed
        assert server.connections == 1
