"""What is listed is exactly what LangGraph would take an answer for."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt
from pydantic import BaseModel, ValidationError

from agents.checkpoints import Reader, Source, question_states, read_pauses
from agents.checkpoints.questions import in_brief, questions
from agents.checkpoints.rows import INTERRUPT, Head, ThreadRows, Write
from agents.domain import Pause, PauseStatus, fingerprint
from tests.checkpoints import threads as graphs
from tests.checkpoints.threads import Threads

Start = Callable[..., Threads]


def listed(source: Source, **options: Any) -> tuple[Pause, ...]:
    listing = read_pauses(source, **options)
    assert listing.note is None
    return listing.pauses


def by_id(source: Source) -> dict[str | None, Any]:
    return {pause.interrupt_id: pause.value for pause in listed(source)}


def test_a_question_with_all_that_is_known_of_it(threads: Start, source: Source) -> None:
    before = datetime.now(UTC)
    run = threads(graphs.of(graphs.one))
    run.start(graph_id="mine", title="About one")
    (pause,) = listed(source)
    (interrupt_id,) = run.pending()
    assert pause.status is PauseStatus.QUESTION
    assert (pause.source_id, pause.thread_id, pause.interrupt_id) == ("checkpoints", "t", interrupt_id)
    assert pause.pause_key == f"{interrupt_id}.0"
    assert pause.value == {"question": "one?"}
    assert pause.seen == fingerprint({"question": "one?"})
    assert (pause.graph_id, pause.title) == ("mine", "About one")
    assert before - timedelta(seconds=1) <= pause.paused_at <= datetime.now(UTC) + timedelta(seconds=1)


def test_the_second_question_of_a_node_has_a_key_of_its_own(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.two))
    run.start()
    (first,) = listed(source)
    run.answer("a")
    (second,) = listed(source)
    assert (first.value, first.ask_no) == ("first?", 0)
    assert (second.value, second.ask_no) == ("second?", 1)
    assert second.pause_key == f"{second.interrupt_id}.1" != first.pause_key
    assert by_id(source) == run.pending()


def test_a_finished_thread_is_not_listed(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.one, graphs.late))
    run.start()
    run.answer("fine")
    assert listed(source) == ()


@pytest.mark.parametrize(
    ("build", "answers"),
    [
        (graphs.parallel, 2),
        (graphs.fan_out, 3),
        (graphs.nested(graphs.two), 2),
        (graphs.several_below, 2),
        (graphs.of(graphs.two, graphs.one), 3),
    ],
)
def test_all_questions_until_the_end(threads: Start, source: Source, build: Any, answers: int) -> None:
    run = threads(build)
    run.start()
    for number in range(answers):
        assert by_id(source) == run.pending() != {}
        run.answer(f"answer {number}")
    assert listed(source) == ()


def test_two_questions_below_one_task_are_two_pauses(threads: Start, source: Source) -> None:
    run = threads(graphs.several_below)
    run.start()
    assert sorted(pause.value for pause in listed(source)) == ["left below?", "right below?"]


def test_the_functional_api_asks_once_per_task(threads: Start, source: Source) -> None:
    run = threads(graphs.functional)
    run.run("go")
    assert sorted(pause.value for pause in listed(source)) == ["A?", "B?"]
    for _ in range(2):
        ((interrupt_id, value), *_) = by_id(source).items()
        run.run(graphs.Command(resume={interrupt_id: value}))
    assert [pause.value for pause in listed(source)] == ["own?"]


def test_a_nested_question_counts_the_answers_of_the_task_that_asks(threads: Start, source: Source) -> None:
    run = threads(graphs.nested(graphs.two))
    run.start()
    run.answer("a")
    (pause,) = listed(source)
    assert (pause.value, pause.ask_no) == ("second?", 1)


@pytest.mark.parametrize("build", [graphs.of(graphs.one), graphs.nested(graphs.one)])
def test_answered_and_then_failed_is_stuck_and_takes_no_answer(threads: Start, source: Source, build: Any) -> None:
    run = threads(build)
    run.start()
    with pytest.raises(ValueError, match="no good"):
        run.answer("bad")
    (pause,) = listed(source)
    assert pause.status is PauseStatus.STUCK
    assert pause.interrupt_id is None
    assert pause.pause_key == f"stuck.{pause.checkpoint_id}"
    assert "ValueError" in (pause.note or "")
    (state,) = question_states(source, "t")
    assert (state.answered, state.failed, state.answers_stored, state.ask_no) == (True, True, 1, 0)
    assert state.interrupt_id in run.pending()


def test_a_subgraph_that_went_on_and_then_failed_is_stuck(threads: Start, source: Source) -> None:
    run = threads(graphs.nested(graphs.one, graphs.late))
    run.start()
    with pytest.raises(ValueError, match="too late"):
        run.answer("fail")
    assert [pause.status for pause in listed(source)] == [PauseStatus.STUCK]


def test_a_try_that_failed_before_the_answer_was_stored_leaves_the_question(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.flaky))
    run.start()
    run.answer("a")
    graphs.flaky_now.add("t")
    try:
        with pytest.raises(OSError, match="network"):
            run.answer("b")
    finally:
        graphs.flaky_now.clear()
    (pause,) = listed(source)
    assert pause.status is PauseStatus.QUESTION
    assert "can be answered again" in (pause.note or "")
    run.answer("b")
    assert listed(source) == ()


def test_an_answer_that_is_stored_but_not_worked_off_is_told_apart(threads: Start, source: Source) -> None:
    """As after a kill between the subgraph's last write and the root's next checkpoint."""
    run = threads(graphs.nested(graphs.one))
    run.start()
    (pause,) = listed(source)
    with sqlite3.connect(source.path) as writer:
        namespace, checkpoint, task = writer.execute(
            "SELECT checkpoint_ns, checkpoint_id, task_id FROM writes WHERE idx = -3 ORDER BY length(checkpoint_ns) DESC"
        ).fetchone()
        writer.execute(
            "INSERT INTO writes VALUES ('t', ?, ?, ?, '~__pregel_pull, one', 0, 'log', 'null', X'')",
            (namespace, checkpoint, task),
        )
    writer.close()
    assert listed(source) == ()
    (left,) = listed(source, answered=True)
    assert (left.status, left.interrupt_id) == (PauseStatus.STUCK, None)
    assert "did not go on" in (left.note or "")
    with Reader(source) as reader:
        assert reader.pause("t", pause.pause_key) is None
        assert reader.thread("t").questions[0].answered is True  # type: ignore[union-attr]


def test_a_value_sent_without_an_id_is_told_of(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.two))
    run.start()
    (pause,) = listed(source)
    with sqlite3.connect(source.path) as writer:
        writer.execute(
            "INSERT INTO writes VALUES ('t', '', ?, ?, '', -4, '__resume__', 'null', X'')",
            (pause.checkpoint_id, "00000000-0000-0000-0000-000000000000"),
        )
    writer.close()
    (pause,) = listed(source)
    assert "without naming a question" in (pause.note or "")


def test_a_row_that_cannot_be_decoded_does_not_hide_the_thread(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.one))
    run.start()
    with sqlite3.connect(source.path) as writer:
        writer.execute("UPDATE writes SET type = 'pickle' WHERE idx = -3")
    writer.close()
    (pause,) = listed(source)
    assert (pause.status, pause.interrupt_id, pause.value) == (PauseStatus.STUCK, None, None)
    assert "pickle" in (pause.note or "")


def test_a_new_input_makes_the_old_question_go_away(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.one))
    run.start()
    (old,) = listed(source)
    run.start()
    (new,) = listed(source)
    assert old.interrupt_id != new.interrupt_id
    assert by_id(source) == run.pending()


def test_any_mix_of_answers_and_failures_agrees_with_langgraph(threads: Start, source: Source) -> None:
    chance = random.Random(7)
    builds = [
        graphs.of(graphs.two, graphs.one),
        graphs.parallel,
        graphs.fan_out,
        graphs.nested(graphs.two, graphs.late),
        graphs.several_below,
    ]
    runs = {f"t{number}": threads(chance.choice(builds)) for number in range(60)}
    for name, run in runs.items():
        run.start(name)
        for _ in range(chance.randrange(4)):
            waiting = len(run.pending(name))
            with suppress(ValueError):
                if waiting:
                    run.answer(chance.choice(["a", "b", "bad", "fail"]), name, number=chance.randrange(waiting))
    expected = {(name, each): value for name, run in runs.items() for each, value in run.pending(name).items()}
    with Reader(source) as reader:
        found = {}
        for pause in reader.listing().pauses:
            states = {state.task_id: state for state in reader.thread(pause.thread_id).questions}  # type: ignore[union-attr]
            state = states[pause.task_id or ""]
            assert (pause.status is PauseStatus.STUCK) == state.answered == (pause.interrupt_id is None)
            found[pause.thread_id, state.interrupt_id] = pause.value
    assert found == expected
    assert len(expected) > 20


def test_a_step_may_ask_thousands_at_once() -> None:
    """Told from the rows, one by one: comparing each with all others took half a minute here."""
    serde, writes = JsonPlusSerializer(), []
    for number in range(2_000):
        kind, value = serde.dumps_typed((Interrupt(value=f"{number}?", id=f"{number:032x}"),))
        place = ("", "1", f"task-{number}", f"~__pregel_push, {number}, ()")
        writes.append(Write(number, *place, INTERRUPT, kind, value))
    began = time.process_time()
    found = questions(ThreadRows("t", Head("1", {}), tuple(writes), (), {}))
    assert time.process_time() - began < 4
    assert [each.ask.value for each in found[:2]] == ["0?", "1?"]
    assert len(found) == 2_000


def test_history_and_values_without_the_graph(threads: Start, source: Source) -> None:
    run = threads(graphs.of(graphs.one, graphs.late))
    run.start(graph_id="mine")
    run.answer("fine")
    with Reader(source) as reader:
        steps = reader.history("t")
        assert reader.values("t") == {"log": ["start", "fine", "late"]}
        assert reader.values("nobody") == {}
        assert reader.thread("nobody") is None
        assert reader.history("t", limit=2) == steps[-2:]
    assert [step.number for step in steps] == [-1, 0, 1, 2]
    assert [step.changed for step in steps[1:]] == [("log",)] * 3
    assert steps[0].source == "input"
    assert [step.at for step in steps] == sorted(step.at for step in steps if step.at)
    assert steps[0].metadata["graph_id"] == "mine"


def test_a_report_of_pydantic_is_told_in_a_line() -> None:
    class Line(BaseModel):
        amount: int
        lines: list[int]

    with pytest.raises(ValidationError) as raised:
        Line.model_validate({"amount": "x [type=y]\n", "lines": ["z"]})
    unable = "Input should be a valid integer, unable to parse string as an integer"
    assert in_brief(str(raised.value)) == f"amount: {unable}; lines.0: {unable}"
    assert in_brief("1 validation error for Line\nodd") == "1 validation error for Line\nodd"
    assert in_brief("no [type=paper]\nin the tray") == "no [type=paper]\nin the tray"
