"""Batch sampling on real files, with a writer that counts what it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import lots, payloads
from agents.clock import utc_now
from agents.domain import JSON, DecisionType
from agents.errors import InvalidInput
from agents.graphs.batch_asking import planned
from tests.batch_threads import THREAD, BatchThread, batch_thread, correct, fix, number_of, rows
from tests.payloads.test_generic import pause

GOOD = {"action": "continue"}
WRONG = {"action": "problem", "problem": "Invoices are billing"}


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[BatchThread]:
    with batch_thread(tmp_path) as running:
        yield running


def test_two_hundred_items_with_a_problem_at_the_second_sample_and_a_corrected_item(thread: BatchThread) -> None:
    asked = thread.start(200)
    assert (asked["message"], asked["first"], asked["last"]) == ("Sample 1 of 10: item 20 of 200", 1, 20)
    assert asked["sample_input"] == {"id": "T-20", "text": "text 20"}
    assert thread.values["items"] is None, "the rows are in the lot, not in the state"
    asked = thread.answer(GOOD)
    assert asked["costs"] == {
        "continue": {"items": 20, "calls": 20},
        "problem": {"items": 20, "calls": 20, "first": 21, "kept": 0},
        "rest": {"items": 160, "reviews": 8},
    }
    asked = thread.answer({**WRONG, "corrections": {"40": fix("billing")}})
    assert (asked["message"], asked["revision"]) == ("Sample 2 of 10: item 40 of 200", 2)
    assert asked["instruction"] == "Invoices are billing"
    assert asked["samples"][0]["output"]["reason"] == "said 1"
    assert asked["samples"][0]["before"]["reason"] == "said 0"
    asked = thread.answer(GOOD)
    asked = thread.answer(correct({60: fix("other"), 45: fix("technical")}))
    while "status" not in asked:
        assert asked["costs"]["problem"]["kept"] == (2 if asked["last"] == 80 else 0)
        asked = thread.answer("continue")
    assert asked["status"] == "done"
    assert asked["text"] == "200 items done. 11 inspected, 2 corrected, 0 failed. 20 items done again."
    assert Counter(thread.writer.asked) == {n: 2 if 21 <= n <= 40 else 1 for n in range(1, 201)}
    results = thread.results()
    assert results == {
        **{(n, 0): "said 0" for n in range(1, 41)},
        **{(n, 1): "said 1" for n in range(21, 201)},
    }
    assert thread.values["spans"] == [[1, 0], [21, 1]]
    assert thread.verdicts() == {
        (20, 0): ("good", True),
        (40, 0): ("problem", True),
        (40, 1): ("good", True),
        (45, 1): ("corrected", False),
        (60, 1): ("corrected", True),
        **{(n, 1): ("good", True) for n in range(80, 201, 20)},
    }


def test_a_problem_reaches_the_model_with_its_example_and_stays_in_force(thread: BatchThread) -> None:
    thread.start(60)
    thread.answer({**WRONG, "corrections": {"20": fix("billing"), "3": fix("other")}})
    thread.answer(GOOD)
    thread.answer("Irony is missed")
    by_item = {number_of(request): request.instructions for request in thread.writer.requests}
    assert [(said.text, said.input, said.output) for said in by_item[5]] == [
        ("Invoices are billing", {"id": "T-3", "text": "text 3"}, fix("other")),
        ("Invoices are billing", {"id": "T-20", "text": "text 20"}, fix("billing")),
    ]
    assert [said.text for said in by_item[40]] == ["Invoices are billing", "Invoices are billing", "Irony is missed"]


def test_redone_twice_the_same_place_is_asked_about_and_only_the_last_generation_counts(thread: BatchThread) -> None:
    thread.start(60)
    thread.answer(GOOD)
    for revision in (2, 3):
        asked = thread.answer(WRONG)
        assert (asked["first"], asked["last"], asked["revision"]) == (21, 40, revision)
        assert asked["samples"][0]["before"]["reason"] == f"said {revision - 2}"
    assert thread.values["spans"] == [[1, 0], [21, 2]]
    asked = thread.answer(GOOD)
    assert (asked["last"], asked["revision"], asked["generation"]) == (60, 1, 2)
    assert asked["samples"][0]["before"] is None, "it was never done before"
    assert len(thread.writer.requests) == 20 + 3 * 20 + 20


def test_a_redo_goes_back_to_the_last_good_sample_and_leaves_what_a_person_corrected(thread: BatchThread) -> None:
    thread.start(80)
    thread.answer(GOOD)
    asked = thread.answer(correct({40: fix("other"), 33: fix("technical")}))
    assert asked["costs"]["problem"] == {"items": 38, "calls": 38, "first": 21, "kept": 2}
    thread.writer.requests.clear()
    asked = thread.answer(WRONG)
    assert sorted(thread.writer.asked) == [n for n in range(21, 61) if n not in (33, 40)]
    assert (asked["first"], asked["last"]) == (41, 60), "the same place, whatever was done again before it"
    assert "Items 21 to 60, again: 38 of 38 done" in thread.told
    asked = thread.answer(GOOD)
    assert asked["costs"]["problem"] == {"items": 20, "calls": 20, "first": 61, "kept": 0}
    outcome = thread.answer(GOOD)
    assert outcome["details"]["corrected"] == 2


def test_what_was_looked_at_besides_is_good_too_but_not_chosen_by_the_plan(thread: BatchThread) -> None:
    thread.start(40)
    thread.answer({"action": "continue", "inspected": [7, 3, 7]})
    assert thread.verdicts() == {(3, 0): ("good", False), (7, 0): ("good", False), (20, 0): ("good", True)}


def test_stop_keeps_what_is_done(thread: BatchThread) -> None:
    thread.start(200)
    thread.answer(GOOD)
    outcome = thread.answer({"action": "stop", "reason": "The wrong file"})
    assert outcome["status"] == "stopped"
    assert outcome["text"] == "Stopped at item 40 of 200: The wrong file. 1 inspected, 0 corrected, 0 failed."
    assert (outcome["details"]["done"], outcome["details"]["reason"]) == (40, "The wrong file")
    assert len(thread.results()) == 40
    assert thread.app.get_state(thread.config).next == ()


@pytest.mark.parametrize(
    ("words", "status", "calls"), [("continue", None, 40), ("stop", "stopped", 20), ("Too long", None, 40)]
)
def test_the_plain_words_of_the_lesson(thread: BatchThread, words: str, status: str | None, calls: int) -> None:
    thread.start(40)
    assert thread.answer(words).get("status") == status
    assert len(thread.writer.requests) == calls


def test_rows_alone_are_enough(thread: BatchThread) -> None:
    asked = thread.run({"items": rows(12)})
    assert (asked["every"], asked["last"]) == (10, 10)
    asked = thread.answer("continue")
    assert (asked["first"], asked["last"], asked["costs"]["continue"]["items"]) == (11, 12, 0), "a short last chunk"
    assert thread.answer("continue")["status"] == "done"


@pytest.mark.parametrize(
    "value",
    [None, 7, "", {}, {"action": "approve"}, {"action": "correct", "corrections": {"41": fix("other")}}, ["continue"]],
)
def test_an_answer_that_does_not_hold_is_asked_again_and_costs_nothing(thread: BatchThread, value: JSON) -> None:
    thread.start(40)
    asked = thread.answer(value)
    assert (asked["last"], len(thread.writer.requests), thread.verdicts()) == (20, 20, {})
    assert asked["problem"].endswith("Nothing was changed.")
    asked = thread.answer(GOOD)
    assert (asked["last"], asked["problem"]) == (40, None)


def test_several_samples_of_a_chunk_are_judged_at_once(thread: BatchThread) -> None:
    asked = thread.start(45, samples=4)
    assert [each["item_no"] for each in asked["samples"]] == [5, 10, 15, 20]
    asked = thread.answer(correct({20: fix("other")}))
    assert thread.verdicts() == {(5 * n, 0): ("corrected" if n == 4 else "good", True) for n in (1, 2, 3, 4)}
    assert asked["costs"]["problem"]["first"] == 16, "item 15 was the last good sample"
    thread.answer({**WRONG, "corrections": {"25": fix("other")}})
    assert {key for key, (word, _) in thread.verdicts().items() if word == "problem"} == {(25, 0)}
    asked = thread.answer(GOOD)
    assert [each["item_no"] for each in asked["samples"]] == [41, 42, 43, 45]


def test_the_plan_always_chooses_the_last_item_and_never_one_twice() -> None:
    for size in range(1, 60):
        for samples in range(1, 11):
            chosen = planned(101, 100 + size, samples)
            assert len(set(chosen)) == len(chosen) == min(samples, size)
            assert chosen[-1] == 100 + size
            assert chosen[0] > 100


def test_a_free_prompt_over_chosen_columns(thread: BatchThread) -> None:
    given = {"task": "prompt", "prompt": "Sum up {text}", "columns": ["id"], "fields": ["summary", "mood"]}
    asked = thread.start(3, **given)
    assert asked["sample_input"] == {"id": "T-3"}
    assert asked["sample_output"] == {"summary": "made summary", "mood": "made mood"}
    assert (asked["fields"], asked["choices"]) == (["summary", "mood"], {})
    assert {request.prompt for request in thread.writer.requests} == {f"Sum up text {n}" for n in (1, 2, 3)}


def test_rows_that_were_taken_in_before_are_used(thread: BatchThread) -> None:
    cells = [tuple(row.values()) for row in rows(30)]
    lots.load(thread.engine, "lot-1", "tickets.csv", ("id", "text"), cells, clock=utc_now)
    asked = thread.run({"lot_id": "lot-1", "every": 20})
    assert (asked["lot_id"], asked["name"], asked["size"]) == ("lot-1", "tickets.csv", 30)


def test_a_lot_that_is_gone_is_said(thread: BatchThread) -> None:
    with pytest.raises(InvalidInput, match="not in Signoff's database"):
        thread.run({"lot_id": "nowhere"})


def checkpoint_of(thread: BatchThread, last: int, step: str) -> Any:
    """The config of the checkpoint from which that step came next for the chunk that ends at `last`."""
    for state in thread.app.get_state_history(thread.config):
        if state.next == (step,) and (state.values.get("question") or {}).get("last") == last:
            return state.config
    raise AssertionError("no such checkpoint")


def test_a_replay_from_an_older_checkpoint_copies_to_a_lot_of_its_own(thread: BatchThread) -> None:
    thread.start(60)
    thread.answer(GOOD)
    thread.answer(WRONG)
    lot_id, results, verdicts = thread.values["lot_id"], thread.results(), thread.verdicts()
    asked = thread.run(None, checkpoint_of(thread, 20, "review"))
    assert asked["last"] == 20
    thread.writer.requests.clear()
    asked = thread.answer(correct({20: fix("other")}))
    assert (asked["last"], asked["generation"]) == (40, 0)
    assert sorted(thread.writer.asked) == list(range(21, 41)), "what this branch had not done"
    assert thread.values["lot_id"] != lot_id
    assert thread.verdicts() == {(20, 0): ("corrected", True)}
    assert (thread.results(lot_id), thread.verdicts(lot_id)) == (results, verdicts), "the other branch is as it was"
    thread.answer(GOOD)
    assert thread.answer(GOOD)["status"] == "done"


def test_update_state_on_an_older_checkpoint_forks_too(thread: BatchThread) -> None:
    thread.start(60)
    thread.answer(GOOD)
    lot_id = thread.values["lot_id"]
    config = thread.app.update_state(checkpoint_of(thread, 20, "review"), {"failing": 0})
    asked = thread.run(None, config)
    assert asked["last"] == 20
    thread.answer(GOOD)
    assert thread.values["lot_id"] != lot_id


def test_a_redo_in_a_fork_has_what_was_there_before(thread: BatchThread) -> None:
    thread.start(60)
    thread.answer(GOOD)
    thread.answer(WRONG)
    thread.answer(GOOD)
    thread.run(None, checkpoint_of(thread, 40, "review"))
    asked = thread.answer(WRONG)
    assert (asked["revision"], asked["samples"][0]["before"]["reason"]) == (3, "said 1")
    assert thread.verdicts()[40, 0] == ("problem", True)


def test_two_threads_on_one_lot_do_not_meet(thread: BatchThread) -> None:
    cells = [tuple(row.values()) for row in rows(30)]
    lots.load(thread.engine, "lot-1", "tickets.csv", ("id", "text"), cells, clock=utc_now)
    thread.run({"lot_id": "lot-1", "every": 20})
    thread.thread_id = "thread-2"
    asked = thread.run({"lot_id": "lot-1", "every": 20})
    assert asked["lot_id"] != "lot-1"
    assert Counter(thread.writer.asked) == dict.fromkeys(range(1, 21), 2)


def test_the_state_does_not_grow_with_the_batch(thread: BatchThread) -> None:
    def size() -> int:
        with thread.app.checkpointer.cursor(transaction=False) as cursor:
            query = "SELECT length(checkpoint) FROM checkpoints WHERE thread_id = ? ORDER BY checkpoint_id DESC LIMIT 1"
            return int(cursor.execute(query, (THREAD,)).fetchone()[0])

    thread.start(300)
    thread.answer(GOOD)
    early = size()
    for _ in range(10):
        thread.answer(GOOD)
    assert size() < 1.05 * early


def test_the_payload_is_one_that_the_codec_knows(thread: BatchThread) -> None:
    review = payloads.parse(pause(thread.start(40, samples=2)))
    assert review.labels[DecisionType.APPROVE] == "Good: continue with the next 20 items"
    assert review.labels[DecisionType.RESPOND] == "Problem: redo 20 items"
    assert review.labels[DecisionType.REJECT] == "Stop the batch here"
    assert [sample.item_no for sample in review.proposal.samples] == [10, 20]
