"""The plan codec: both payloads, decisions both ways, what an edit does, odd data."""

from __future__ import annotations

import copy
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents import payloads
from agents.adapters.model import StepDraft
from agents.adapters.workspace import Draft, Workspace
from agents.domain import DecisionType, Kind, Pause, PauseStatus, Said, fingerprint
from agents.errors import InvalidDecision
from agents.graphs.plan_proposing import propose
from agents.payloads.plan import CODEC, PlanProposal, edit_words
from agents.payloads.plan_steps import FIELDS, check_steps
from tests.workspaces import NOW, make

LESSON: dict[str, Any] = {
    "question": "Do you approve this plan?",
    "plan": ["Look for old files", "Delete them"],
    "options": ["approve", "reject", "modify"],
}
DRAFTS = [
    Draft("delete", "old", "**/*.log", older_than_days=30),
    Draft("move", "tidy", "*.csv", destination="data"),
    Draft("write", "note", path="note.txt", content="done"),
    Draft("find", "look", "**/*.txt"),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    files = {"a.log": ("aaa", 40), "sub/b.log": ("bb", 50), "x.csv": ("1,2", 1), "note.txt": ("old", 9)}
    return make(tmp_path / "ws", files)


def value_of(workspace: Workspace, drafts: list[Draft] = DRAFTS) -> dict[str, Any]:
    """The payload that the graph would ask with."""
    state = {"task": "tidy up", "drafts": [draft.as_dict() for draft in drafts], "summary": "Sum", "revision": 2}
    state |= {"instruction": "less", "previous": ["Before"], "model": {"label": "a fake", "offline": True}}
    return propose(state, workspace, lambda: NOW)


def pause(value: Any, graph_id: str | None = "plan_approval") -> Pause:
    return Pause(
        source_id="s",
        thread_id="t",
        pause_key="i.0",
        status=PauseStatus.QUESTION,
        interrupt_id="i",
        ask_no=0,
        checkpoint_id="c",
        task_id="k",
        value=value,
        seen=fingerprint(value),
        paused_at=datetime(2026, 1, 31, tzinfo=UTC),
        graph_id=graph_id,
    )


@pytest.fixture
def asked(workspace: Workspace) -> Pause:
    return pause(value_of(workspace))


def proposal_of(asked: Pause) -> PlanProposal:
    proposal = payloads.parse(asked).proposal
    assert isinstance(proposal, PlanProposal)
    return proposal


def edited(asked: Pause, *changes: dict[str, Any] | None) -> dict[str, Any]:
    """An edit's args: per step what is changed; None leaves the step out."""
    steps = proposal_of(asked).fields()["steps"]
    return {"steps": [{**step, **change} for step, change in zip(steps, changes, strict=True) if change is not None]}


def test_the_payload_as_a_review(asked: Pause) -> None:
    review = payloads.parse(asked)
    assert review.kind is Kind.PLAN
    assert (review.title, review.question) == ("tidy up", "Approve this plan?")
    assert (review.revision, review.instruction, review.reversible) == (2, "less", True)
    words = "move 2 files (5 bytes) to the trash, move 1 file (3 bytes) to data and write 1 file (4 bytes)"
    assert review.gist == words
    assert review.labels[DecisionType.APPROVE] == f"Approve: {words}"
    assert set(review.labels) == set(review.allowed) == set(DecisionType)
    proposal = proposal_of(asked)
    assert (proposal.files, proposal.size, proposal.previous) == (4, 12, ("Before",))
    assert [step.number for step in proposal.steps] == [1, 2, 3, 4]
    first, write = proposal.steps[0], proposal.steps[2]
    assert [(file.path, file.size) for file in first.files] == [("a.log", 3), ("sub/b.log", 2)]
    assert first.newest is not None
    assert first.newest[0] == "a.log"
    assert (write.files[0].mtime_ns, write.files[0].replaces) == (None, 3)
    assert proposal.steps[1].files[0].to == "data/x.csv"
    assert any("note.txt exists" in warning for warning in review.warnings)


def test_what_was_cleared_up_before_is_told(workspace: Workspace) -> None:
    value = value_of(workspace)
    proposal = payloads.parse(pause(value)).proposal
    assert (proposal.original_task, proposal.clarified) == (None, ())
    value |= {"original_task": "clean up", "clarified": [["Which?", "logs"], ["How old?", None], "odd", [], [7]]}
    proposal = payloads.parse(pause(value)).proposal
    odd = (("", None), ("", None), ("7", None))
    assert (proposal.original_task, proposal.clarified) == ("clean up", (("Which?", "logs"), ("How old?", None), *odd))


def test_reversible_is_our_own_graphs_word_only(workspace: Workspace) -> None:
    value = value_of(workspace)
    assert payloads.parse(pause(value)).reversible
    assert payloads.parse(pause(value, graph_id="clarification")).reversible
    assert not payloads.parse(pause(value, graph_id=None)).reversible
    assert not payloads.parse(pause(value, graph_id="somebody's")).reversible
    strange = copy.deepcopy(value)
    strange["steps"][0]["op"] = "shred"
    assert not payloads.parse(pause(strange)).reversible
    assert not payloads.parse(pause({**value, "reversible": "yes"})).reversible
    assert not payloads.parse(pause(LESSON)).reversible


def test_refusals_and_problems_come_first_among_the_warnings(workspace: Workspace) -> None:
    value = value_of(workspace, [Draft("delete", pattern="../x"), *DRAFTS]) | {"problem": "Ask me again."}
    warnings = payloads.parse(pause(value)).warnings
    assert warnings[0] == "Ask me again."
    assert warnings[1].startswith("Refused, will not be done: ../x. ")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Said(DecisionType.APPROVE), {"type": "approve"}),
        (Said(DecisionType.REJECT), {"type": "reject", "message": None}),
        (Said(DecisionType.REJECT, message=" no "), {"type": "reject", "message": "no"}),
        (Said(DecisionType.RESPOND, message="less"), {"type": "respond", "message": "less"}),
    ],
)
def test_decisions_there_and_back(asked: Pause, said: Said, value: Any) -> None:
    assert payloads.encode(asked, said) == value
    back = payloads.read(asked, value)
    assert (back.type, back.message) == (said.type, said.message.strip() if said.message else None)
    assert payloads.encode(asked, Said(said.type, value=value)) == value


def test_an_unchanged_edit_is_an_approval_of_the_same(asked: Pause) -> None:
    args = proposal_of(asked).fields()
    value = payloads.encode(asked, Said(DecisionType.EDIT, args=args))
    assert [step["exclude"] for step in value["steps"]] == [[], [], [], []]
    assert edit_words(proposal_of(asked), args).startswith("Approve the rest: move 2 files (5 bytes) to the trash")
    assert payloads.read(asked, value).args == {"steps": value["steps"]}


def test_an_edit_that_removes_says_what_is_left(asked: Pause) -> None:
    args = edited(asked, {"exclude": ["a.log"]}, None, None, {})
    assert edit_words(proposal_of(asked), args) == "Approve the rest: move 1 file (2 bytes) to the trash"
    by_files = edited(asked, {"files": ["sub/b.log"]}, None, None, {})
    one = payloads.encode(asked, Said(DecisionType.EDIT, args=args))
    assert one == payloads.encode(asked, Said(DecisionType.EDIT, args=by_files))
    assert "files" not in one["steps"][0]


@pytest.mark.parametrize(
    "change", [{"pattern": "*.log"}, {"older_than_days": 10}, {"op": "find"}, {"larger_than_bytes": 5}]
)
def test_any_other_edit_says_that_it_comes_back(asked: Pause, change: dict[str, Any]) -> None:
    args = edited(asked, change, {}, {}, {})
    assert edit_words(proposal_of(asked), args) == "Look again: the changed plan comes back to you"


def test_order_and_excluded_files_count_as_changes(workspace: Workspace) -> None:
    left_out = [Draft("delete", pattern="**/*.log", exclude=("a.log",)), DRAFTS[1]]
    asked = pause(value_of(workspace, left_out))
    steps = proposal_of(asked).fields()["steps"]
    assert edit_words(proposal_of(asked), {"steps": steps}).startswith("Approve the rest")
    assert edit_words(proposal_of(asked), {"steps": steps[::-1]}).startswith("Look again")
    back_in = [{**steps[0], "exclude": []}, steps[1]]
    assert edit_words(proposal_of(asked), {"steps": back_in}).startswith("Look again")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"op": "shred"}, "steps[0].op"),
        ({"op": None}, "steps[0].op"),
        ({"pattern": ""}, "steps[0].pattern"),
        ({"pattern": "a\nb"}, "steps[0].pattern"),
        ({"pattern": "x" * 1001}, "steps[0].pattern"),
        ({"pattern": 7}, "steps[0].pattern"),
        ({"older_than_days": -1}, "steps[0].older_than_days"),
        ({"older_than_days": "30"}, "steps[0].older_than_days"),
        ({"older_than_days": float("nan")}, "steps[0].older_than_days"),
        ({"older_than_days": True}, "steps[0].older_than_days"),
        ({"larger_than_bytes": 1.5}, "steps[0].larger_than_bytes"),
        ({"op": "move", "destination": None}, "steps[0].destination"),
        ({"op": "write", "path": "x", "content": None}, "steps[0].content"),
        ({"op": "write", "path": "x", "content": "\ud800"}, "steps[0].content"),
        ({"exclude": "a.log"}, "steps[0].exclude"),
        ({"files": "a.log"}, "steps[0].files"),
        ({"files": ["other.log"]}, "steps[0].files"),
        ({"command": "rm"}, "steps[0].command"),
    ],
)
def test_an_edit_that_does_not_validate_names_its_field(asked: Pause, change: dict[str, Any], field: str) -> None:
    args = edited(asked, change, {}, {}, {})
    with pytest.raises(InvalidDecision) as caught:
        payloads.encode(asked, Said(DecisionType.EDIT, args=args))
    assert caught.value.field == field
    assert "Step 1" in str(caught.value) or field in str(caught.value)


@pytest.mark.parametrize("steps", [None, [], "x", [1], [{}] * 21])
def test_an_edit_without_usable_steps(asked: Pause, steps: Any) -> None:
    with pytest.raises(InvalidDecision):
        payloads.encode(asked, Said(DecisionType.EDIT, args={"steps": steps}))


def test_an_edit_that_leaves_nothing_is_told_to_reject(asked: Pause) -> None:
    args = edited(asked, {"exclude": ["a.log", "sub/b.log"]}, None, None, None)
    with pytest.raises(InvalidDecision, match="reject it") as caught:
        payloads.encode(asked, Said(DecisionType.EDIT, args=args))
    assert caught.value.field == "steps"


def test_respond_needs_words(asked: Pause) -> None:
    for message in (None, "", "  "):
        with pytest.raises(InvalidDecision) as caught:
            payloads.encode(asked, Said(DecisionType.RESPOND, message=message))
        assert caught.value.field == "message"


def test_ignore_is_allowed_and_never_sent(asked: Pause) -> None:
    assert DecisionType.IGNORE in payloads.parse(asked).allowed
    with pytest.raises(InvalidDecision):
        payloads.encode(asked, Said(DecisionType.IGNORE))


def test_plain_words_mean_the_same_as_objects(asked: Pause) -> None:
    words = {"approve": DecisionType.APPROVE, "Reject ": DecisionType.REJECT, "modify: less": DecisionType.RESPOND}
    for word, kind in words.items():
        assert payloads.read(asked, word).type is kind
    assert payloads.read(asked, "modify: less").message == "less"
    assert payloads.read(asked, "only the csv").message == "only the csv"
    with pytest.raises(InvalidDecision):
        payloads.read(asked, "modify")


def test_the_lessons_payload() -> None:
    lesson = pause(LESSON, graph_id=None)
    review = payloads.parse(lesson)
    assert review.kind is Kind.PLAN
    assert review.question == "Do you approve this plan?"
    assert review.gist == "Look for old files; Delete them"
    assert review.labels[DecisionType.APPROVE] == "Approve: carry out 2 steps"
    assert DecisionType.EDIT not in review.allowed
    assert payloads.encode(lesson, Said(DecisionType.APPROVE)) == "approve"
    assert payloads.encode(lesson, Said(DecisionType.REJECT, message="why")) == "reject"
    assert payloads.encode(lesson, Said(DecisionType.RESPOND, message="less")) == "modify: less"
    assert payloads.read(lesson, "modify: less").message == "less"
    for bad in ({"type": "approve"}, "Approve", " reject", 7, ""):
        with pytest.raises(InvalidDecision):
            payloads.read(lesson, bad)
    with pytest.raises(InvalidDecision):
        CODEC.encode(lesson, Said(DecisionType.EDIT, args={"steps": []}))


def test_the_lesson_offers_what_its_options_say() -> None:
    review = payloads.parse(pause({**LESSON, "plan": "one text", "options": ["approve", "reject"]}))
    assert review.allowed == (DecisionType.APPROVE, DecisionType.REJECT, DecisionType.IGNORE)
    assert review.proposal.sentences == ("one text",)


@pytest.mark.parametrize(
    "value",
    [
        "plan_approval",
        None,
        [LESSON],
        {"question": "?", "plan": []},
        {**LESSON, "type": "x"},
        {**LESSON, "options": ["go"]},
    ],
)
def test_other_payloads_are_not_plans(value: Any) -> None:
    assert not CODEC.matches(pause(value))


ODD: list[Any] = [None, 7, "x", [], [None], ["x"], {}, {"a": 1}, True, [{"path": 5, "files": 3}], [[1]]]


def test_odd_data_is_shown_and_never_raised(workspace: Workspace) -> None:
    value = value_of(workspace)
    for key in value.keys() - {"type"}:
        for odd in ODD:
            review = payloads.parse(pause({**value, key: odd}))
            assert review.kind is Kind.PLAN, (key, odd)
            assert all(isinstance(step.files, tuple) for step in review.proposal.steps)
    for key in value["steps"][0]:
        for odd in ODD:
            changed = copy.deepcopy(value)
            changed["steps"][0][key] = odd
            review = payloads.parse(pause(changed))
            assert review.kind is Kind.PLAN, (key, odd)
            assert isinstance(review.proposal.steps[0].files, tuple)
    assert payloads.parse(pause({"type": "plan_approval"})).labels[DecisionType.APPROVE] == "Approve: change nothing"


def test_every_edited_step_is_one_that_a_writer_could_propose() -> None:
    full = {
        "pattern": "*",
        "destination": "d",
        "path": "p",
        "content": "",
        "older_than_days": 100_000,
        "why": "w" * 1000,
    }
    full |= {"newer_than_days": 0, "larger_than_bytes": 2**62, "smaller_than_bytes": 3.0}
    for op in FIELDS:
        (step,) = check_steps([{"op": op, **full}], [])
        assert StepDraft.model_validate(step).model_dump() == {**StepDraft.model_validate(step).model_dump(), **step}


def test_a_list_of_big_plans_stays_cheap(tmp_path: Path) -> None:
    workspace = make(tmp_path / "big", {f"{n}.log": ("x", 40) for n in range(10_000)})
    asked = pause(value_of(workspace, [Draft("delete", pattern="*.log")]))
    began = time.perf_counter()
    for _ in range(100):
        payloads.parse(asked)
    assert time.perf_counter() - began < 1
    assert len(proposal_of(asked).steps[0].files) == 10_000


def test_listing_reviews_loads_neither_langgraph_nor_the_workspace() -> None:
    code = "import sys, agents.payloads.plan; print([m for m in sys.modules if m.startswith(('langgraph', 'langchain', 'openai', 'pydantic', 'agents.adapters'))])"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2]
    )
    assert finished.stdout.strip() == "[]", finished.stderr
