"""What an answer to a sample does: verdicts for the lot, and where the batch goes on. Pure but for reading results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.graph import END
from sqlalchemy import Engine

from agents import lots
from agents.database import reading
from agents.domain import JSON, DecisionType
from agents.errors import InvalidDecision
from agents.graphs.batch_asking import chosen
from agents.lots import FAILED, Result, Verdict, Word, generation_at
from agents.payloads.sample_answers import SampleAnswer, read_answer
from agents.wording import count


@dataclass(frozen=True)
class Judgement:
    """What is written to the lot, and the update of the state."""

    said: Sequence[Verdict]
    update: Mapping[str, JSON]


def read(state: Mapping[str, Any]) -> SampleAnswer | dict[str, JSON]:
    """The answer, or for one that does not validate the update that asks again: raising would brick the thread."""
    try:
        return read_answer(state["answer"], state["question"])
    except InvalidDecision as error:
        problem = f"{error} Nothing was changed."
        return {"answer": None, "question": {**state["question"], "problem": problem}, "next": "review"}


def judge(state: Mapping[str, Any], answer: SampleAnswer, engine: Engine) -> Judgement:
    """What the answer says of the chunk under review."""
    if answer.type is DecisionType.REJECT:
        return Judgement((), {"stopped": answer.message or "", "next": END})
    if answer.type is DecisionType.RESPOND:
        return _again(state, answer, engine)
    return _onward(state, answer, engine)


def outcome_of(state: Mapping[str, Any], engine: Engine) -> dict[str, JSON]:
    """What became of the batch. A failed item that a person filled in is done."""
    with reading(engine) as connection:
        lot = lots.find(connection, state["lot_id"])
        counts = lots.counts(connection, lot.lot_id, state["spans"], state["done"])
        said = _counting(lots.verdicts(connection, lot.lot_id), state)
    corrected = [each.item_no for each in said if each.word is Word.CORRECTED]
    made = _made(engine, state, corrected)
    failed = counts.failed - sum(each.status == FAILED for each in made.values())
    stopped, redone = state.get("stopped"), state["counters"]["redone"]
    halted = f"Stopped at item {state['done']:,} of {state['size']:,}{f': {stopped}' if stopped else ''}."
    parts = [f"{count(state['size'], 'item')} done." if stopped is None else halted]
    parts.append(f"{len(said):,} inspected, {len(corrected):,} corrected, {failed:,} failed.")
    if redone:
        parts.append(f"{count(redone, 'item')} done again.")
    details = {
        "lot_id": lot.lot_id,
        "name": lot.name,
        "size": state["size"],
        "done": state["done"] - failed,
        "failed": failed,
        "inspected": len(said),
        "corrected": len(corrected),
        "redone": redone,
        "reason": stopped or None,
    }
    return {"status": "done" if stopped is None else "stopped", "text": " ".join(parts), "details": details}


def _onward(state: Mapping[str, Any], answer: SampleAnswer, engine: Engine) -> Judgement:
    question = state["question"]
    planned = {each["item_no"] for each in question["samples"]}
    made = _made(engine, state, [*planned, *answer.inspected, *answer.corrections])
    said = [_verdict(made[number], answer, planned=number in planned) for number in sorted(made)]
    kept = [each for each in said if each is not None]
    good = [each.item_no for each in kept if each.planned and each.word is Word.GOOD]
    last = question["last"]
    update = {
        "cursor": last,
        "first": last + 1,
        "last_good": max([state["last_good"], *good]),
        "revision": 1,
        "next": "work" if last < question["size"] else END,
        "counters": _counted(state),
    }
    return Judgement(kept, update)


def _verdict(made: Result, answer: SampleAnswer, *, planned: bool) -> Verdict | None:
    """None for a failed item that was let pass: there is no output that could be good."""
    corrected = answer.corrections.get(made.item_no)
    if corrected is not None and corrected != made.output:
        return Verdict(made.item_no, made.generation, Word.CORRECTED, corrected=dict(corrected), planned=planned)
    return None if made.output is None else Verdict(made.item_no, made.generation, Word.GOOD, planned=planned)


def _again(state: Mapping[str, Any], answer: SampleAnswer, engine: Engine) -> Judgement:
    """All items behind the last good sample once more, in a generation of their own; what a person corrected stays."""
    question, first = state["question"], state["last_good"] + 1
    generation = state["generation"] + 1
    planned = [each["item_no"] for each in question["samples"]]
    named = [number for number in planned if number in answer.corrections] or planned
    said = [
        Verdict(number, made.generation, Word.PROBLEM, note=answer.message)
        for number, made in _made(engine, state, named).items()
        if made.output is not None
    ]
    update = {
        "generation": generation,
        "spans": [*([*span] for span in state["spans"] if span[0] < first), [first, generation]],
        "instructions": [*state["instructions"], *_instructions(state, answer, generation, engine)],
        "first": first,
        "revision": state["revision"] + 1,
        "next": "work",
        "counters": _counted(state, redone=question["costs"]["problem"]["items"]),
    }
    return Judgement(said, update)


def _instructions(
    state: Mapping[str, Any], answer: SampleAnswer, generation: int, engine: Engine
) -> list[dict[str, JSON]]:
    """The problem, once for each item that the reviewer corrected as an example, or once without one."""
    alone = {"generation": generation, "text": answer.message, "input": None, "output": None}
    examples = []
    with reading(engine) as connection:
        lot = lots.find(connection, state["lot_id"])
        for number, output in answer.corrections.items():
            item = next(lots.items(connection, lot, number, number))
            data = chosen(item.data, state["options"]["columns"])
            examples.append({**alone, "input": data, "output": dict(output)})
    return examples or [alone]


def _made(engine: Engine, state: Mapping[str, Any], wanted: Sequence[int]) -> dict[int, Result]:
    """The results of these items that count, ascending."""
    found: dict[int, Result] = {}
    with reading(engine) as connection:
        for number in sorted(set(wanted)):
            generation = generation_at(state["spans"], number)
            for each in lots.results(connection, state["lot_id"], number, number, generation):
                found[number] = each
    return found


def _counting(said: Sequence[Verdict], state: Mapping[str, Any]) -> list[Verdict]:
    """One verdict per item: that on the generation that counts, or a correction, which stays in force."""
    found: dict[int, Verdict] = {}
    for each in said:
        if each.word is Word.CORRECTED or each.generation == generation_at(state["spans"], each.item_no):
            found[each.item_no] = each
    return list(found.values())


def _counted(state: Mapping[str, Any], redone: int = 0) -> dict[str, int]:
    counters = state["counters"]
    return {"reviews": counters["reviews"] + 1, "redone": counters["redone"] + redone}
