"""LangChain's own middleware on a real agent: what runs, with what, and what the model hears, for every decision."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite import SqliteSaver
from pydantic import BaseModel

from agents import payloads
from agents.domain import DecisionType, Kind, Said
from agents.errors import InvalidDecision
from agents.payloads.forms import FieldKind, draft_of, form_of, read_form
from tests.payloads.resuming import CONFIG, pauses, resume

ALL: Any = ["approve", "edit", "reject", "respond"]
MODES = ("batched", "per_call")
RAN: list[tuple[str, Any]] = []


class Line(BaseModel):
    sku: str
    amount: int = 1


@tool
def pay(to: str, amount: float, copies: int, note: str | None = None) -> str:
    """Pay somebody."""
    RAN.append(("pay", {"to": to, "amount": amount, "copies": copies, "note": note}))
    return f"paid {to}"


@tool
def order(lines: list[Line], when: date, how: Literal["fast", "slow"] = "slow") -> str:
    """Order things."""
    RAN.append(("order", {"lines": lines, "when": when, "how": how}))
    return "ordered"


class Scripted(GenericFakeChatModel):
    """Says what it was given, one message a turn."""

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self


@pytest.fixture(autouse=True)
def _nothing_ran() -> Iterator[None]:
    RAN.clear()
    yield
    RAN.clear()


def call(number: int, **args: Any) -> dict[str, Any]:
    return {"name": "pay", "args": {"to": f"p{number}", "amount": 1.0, "copies": number, **args}, "id": f"c{number}"}


def decided(
    path: Path, mode: Any, calls: Sequence[dict[str, Any]], said: Sequence[Said], allowed: Any = ALL
) -> list[Any]:
    """Run an agent until it waits, answer, and run on; the tool messages that the model then reads."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        agent = create_agent(
            Scripted(messages=iter([AIMessage("", tool_calls=list(calls)), AIMessage("done")])),
            [pay, order],
            middleware=[
                HumanInTheLoopMiddleware(
                    {name: {"allowed_decisions": allowed} for name in ("pay", "order")}, interrupt_mode=mode
                )
            ],
            checkpointer=SqliteSaver(connection),
        )
        agent.invoke({"messages": [("user", "go")]}, CONFIG, durability="sync")
        if not said:
            return []
        result = resume(agent, path, said)
        assert not agent.get_state(CONFIG).next
        assert result["messages"][-1].content == "done"
        return [each for each in result["messages"] if isinstance(each, ToolMessage)]


def decision(kind: str, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """LangChain's decision on call(number), and the arguments that it then runs with ({} for not at all)."""
    args = call(number)["args"]
    edited = {**args, "amount": 2.5, "note": "changed"}
    match kind:
        case "approve":
            return {"type": "approve"}, {**args, "note": None}
        case "edit":
            return {"type": "edit", "edited_action": {"name": "pay", "args": edited}}, edited
        case "reject":
            return {"type": "reject", "message": f"no {number}"}, {}
    return {"type": "respond", "message": f"answer {number}"}, {}


def said_of(made: dict[str, Any]) -> Said:
    args = made["edited_action"]["args"] if made["type"] == "edit" else None
    return Said(DecisionType(made["type"]), made.get("message"), args)


def heard(kinds: Sequence[str], messages: Sequence[ToolMessage]) -> None:
    """Each call has its one result, as its decision says."""
    by_call = {message.tool_call_id: message for message in messages}
    assert len(by_call) == len(kinds)
    for number, kind in enumerate(kinds, start=1):
        message = by_call[f"c{number}"]
        assert message.status == ("error" if kind == "reject" else "success")
        text = {"reject": f"no {number}", "respond": f"answer {number}"}.get(kind, f"paid p{number}")
        assert text in str(message.content)
        assert ("replaced this tool call" in str(message.content)) == (kind == "edit")


def check_mix(path: Path, mode: str, kinds: Sequence[str]) -> None:
    made = [decision(kind, number) for number, kind in enumerate(kinds, start=1)]
    calls = [call(number) for number in range(1, len(kinds) + 1)]
    if mode == "per_call":
        said = [said_of(each) for each, _ in made]
    elif len(kinds) == 1:
        said = [said_of(made[0][0])]
    else:
        kind = DecisionType(kinds[0]) if len(set(kinds)) == 1 else DecisionType.EDIT
        said = [Said(kind, args={"decisions": [each for each, _ in made]})]
    heard(kinds, decided(path, mode, calls, said))
    runs = [args for _, args in made if args]
    key = str if mode == "batched" else repr
    assert sorted((repr(args) for _, args in RAN), key=key) == sorted((repr(args) for args in runs), key=key)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kinds", [*product(ALL), ("approve", "edit"), ("respond", "reject")], ids="-".join)
def test_one_and_two_calls(mode: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    check_mix(tmp_path / "file.sqlite", mode, kinds)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kinds", [("approve", "reject", "respond"), ("edit", "edit", "edit")], ids="-".join)
def test_three_calls(mode: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    check_mix(tmp_path / "file.sqlite", mode, kinds)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_every_mix_of_two_and_three_calls(mode: str, tmp_path: Path) -> None:
    for kinds in (*product(ALL, repeat=2), *product(ALL, repeat=3)):
        RAN.clear()
        check_mix(tmp_path / f"{'-'.join(kinds)}.sqlite", mode, kinds)


@pytest.mark.parametrize("kind", ["approve", "reject", "respond"])
def test_one_word_for_all_calls_of_a_turn(kind: str, tmp_path: Path) -> None:
    said = Said(DecisionType(kind), message=None if kind == "approve" else "so be it")
    messages = decided(tmp_path / "file.sqlite", "batched", [call(1), call(2)], [said])
    assert [kind == "approve"] * 2 == ["paid" in str(each.content) for each in messages]
    assert len(RAN) == (2 if kind == "approve" else 0)


@pytest.mark.parametrize("allowed", [[each] for each in ALL])
def test_a_tool_with_one_allowed_decision(allowed: list[str], tmp_path: Path) -> None:
    """Its schema is a plain object without alternatives."""
    path, mode = tmp_path / "file.sqlite", "per_call"
    decided(path, mode, [call(1)], [], allowed)
    (waiting,) = pauses(path)
    review = payloads.parse(waiting)
    assert [each.value for each in review.allowed] == [*allowed, "ignore"]
    for kind in set(ALL) - set(allowed):
        with pytest.raises(InvalidDecision):
            payloads.encode(waiting, said_of(decision(kind, 1)[0]))
    again = tmp_path / "again.sqlite"
    heard(allowed, decided(again, mode, [call(1)], [said_of(decision(allowed[0], 1)[0])], allowed))


def test_the_same_tool_twice_is_told_apart_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    decisions = [{"type": "reject"}, {"type": "approve"}]
    decided(path, "batched", [call(1), call(2)], [Said(DecisionType.EDIT, args={"decisions": decisions})])
    assert [args["to"] for _, args in RAN] == ["p2"]


ORDER = {"name": "order", "args": {"lines": [{"sku": "a", "amount": 2}], "when": "2026-01-31"}, "id": "c1"}


def test_the_tools_own_schema_makes_the_form(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    decided(path, "per_call", [ORDER], [])
    (waiting,) = pauses(path)
    action = payloads.parse(waiting).proposal.actions[0]
    form = form_of(action.args_schema, action.args)
    lines, when, how = form.fields
    assert (lines.kind, when.kind, how.item.kind if how.item else None) == (
        FieldKind.LIST,
        FieldKind.DATE,
        FieldKind.CHOICE,
    )
    raw: Any = draft_of(form)
    assert read_form(form, raw) == ORDER["args"]
    raw["lines"].append({"of": -1, "raw": {"sku": "b", "amount": {"given": True, "raw": "3"}}})
    raw["when"] = "2026-02-01"
    args = read_form(form, raw)
    decided(tmp_path / "again.sqlite", "per_call", [ORDER], [Said(DecisionType.EDIT, args=args)])
    lines_ran = [Line(sku="a", amount=2), Line(sku="b", amount=3)]
    assert [("order", {"lines": lines_ran, "when": date(2026, 2, 1), "how": "slow"})] == RAN


@pytest.mark.parametrize("mode", MODES)
def test_an_edit_that_would_not_do_never_leaves(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    decided(path, mode, [call(1)], [])
    (waiting,) = pauses(path)
    assert payloads.parse(waiting).kind is Kind.TOOL
    with pytest.raises(InvalidDecision, match="Copies: must be a") as refused:
        payloads.encode(waiting, Said(DecisionType.EDIT, args={**call(1)["args"], "copies": "many"}))
    assert refused.value.field == "copies"
    other: Any = {"type": "edit", "edited_action": {"name": "order", "args": {}}}
    value = {"decisions": [other]} if mode == "batched" else other
    with pytest.raises(InvalidDecision, match="not which tool runs"):
        payloads.encode(waiting, Said(DecisionType.EDIT, value=value))


@pytest.mark.parametrize("mode", MODES)
def test_a_number_typed_as_text_runs_as_a_number(mode: str, tmp_path: Path) -> None:
    args = {**call(1)["args"], "copies": "2", "amount": "3"}
    decided(tmp_path / "file.sqlite", mode, [call(1)], [Said(DecisionType.EDIT, args=args)])
    assert repr(RAN[0][1]) == repr({"to": "p1", "amount": 3.0, "copies": 2, "note": None})
