"""Questions before a plan: asked at most once, analysed once, and gone on with after every kind of answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agents.adapters.model.openai import OpenAIWriter
from agents.domain import JSON
from agents.errors import ModelError
from agents.graphs import clarification, clarifying, plan_approval
from agents.settings import load_settings
from tests.openai_server import OpenAIServer, answer_json
from tests.plan_threads import LOGS, FakeWriter, plan_thread
from tests.workspaces import contents, make

FILES = {"a.log": ("aaa", 40), "sub/b.log": ("bb", 50), "new.log": ("n", 1)}
QUESTIONS = ("Which files?", "How old?")
FIND = {"op": "find", "pattern": "**/*.log"}
Build = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "ws", FILES)
    return tmp_path


@pytest.fixture(params=[plan_approval.build, clarification.build], ids=["plan_approval", "clarification"])
def build(request: pytest.FixtureRequest) -> Build:
    return request.param  # type: ignore[no-any-return]


def asking(**more: Any) -> FakeWriter:
    return FakeWriter(questions=QUESTIONS, **more)


def test_a_clear_task_goes_straight_to_its_plan(folder: Path, build: Build) -> None:
    with plan_thread(folder, build=build) as thread:
        question = thread.start()
        assert (question["type"], question["task"]) == ("plan_approval", "delete old logs")
        assert (question["original_task"], question["clarified"]) == (None, [])
        assert thread.answer("approve")["text"] == "Moved 2 files (5 bytes) to the trash."
        assert thread.told == ["Moved 1 of 2 files to the trash", "Moved 2 of 2 files to the trash"]
        assert thread.writer.analysed == ["delete old logs"]


def test_a_vague_task_is_asked_about_first(folder: Path, build: Build) -> None:
    with plan_thread(folder, asking(), build=build) as thread:
        question = thread.start("tidy up")
        assert question == {
            "type": "clarification_needed",
            "original_task": "tidy up",
            "questions": ["Which files?", "How old?"],
            "hints": ["hint for Which files?", "hint for How old?"],
            "accepts": "answers/1",
            "model": {"label": "a fake", "offline": True},
            "problem": None,
        }
        assert json.loads(json.dumps(question)) == question
        assert thread.writer.requests == []
        plan = thread.answer({"answers": ["the logs", " "]})
        assert plan["task"] == "tidy up | the logs; open"
        assert plan["original_task"] == "tidy up"
        assert plan["clarified"] == [["Which files?", "the logs"], ["How old?", None]]
        assert thread.writer.requests[0].task == "tidy up | the logs; open"
        assert thread.answer("approve")["status"] == "done"
        assert thread.app.get_state(thread.config).values["task"] == "tidy up | the logs; open"
    assert set(contents(folder / "ws")) == {"new.log"}


def test_the_analysis_runs_once_whatever_is_answered_later(folder: Path, build: Build) -> None:
    writer = asking(plans=((LOGS,), ({"op": "delete", "pattern": "new.log"},), (LOGS,)))
    with plan_thread(folder, writer, build=build) as thread:
        thread.start("tidy up")
        thread.answer({"answers": ["only one"]})
        first = thread.answer({"answers": [None, None]})
        second = thread.answer({"type": "respond", "message": "something else"})
        assert (first["revision"], second["revision"]) == (1, 2)
        assert thread.answer(7)["problem"].startswith("That answer could not be used.")
        step = {**second["steps"][0], "pattern": "*.log", "files": None}
        assert thread.answer({"type": "edit", "steps": [{k: v for k, v in step.items() if v}]})["revision"] == 3
        assert thread.answer("reject")["status"] == "rejected"
        assert writer.analysed == ["tidy up"]


def test_a_new_task_on_a_finished_thread_may_be_asked_about_again(folder: Path) -> None:
    with plan_thread(folder, asking()) as thread:
        thread.start("tidy up")
        thread.answer("the logs")
        thread.answer("reject")
        again = thread.start("tidy up")
        assert (again["type"], again["original_task"]) == ("clarification_needed", "tidy up")
        assert thread.writer.analysed == ["tidy up", "tidy up"]
        thread.answer({"answers": ["x", "y"]})
        thread.answer("reject")
        thread.writer.questions = ()
        clear = thread.start("delete old logs")
        assert (clear["task"], clear["original_task"], clear["clarified"]) == ("delete old logs", None, [])
        assert clear["revision"] == 1


@pytest.mark.parametrize(
    ("answer", "clarified"),
    [
        ({"answers": ["the logs", "30 days"]}, [["Which files?", "the logs"], ["How old?", "30 days"]]),
        ({"answers": [None, None]}, [["Which files?", None], ["How old?", None]]),
        ("the logs of last year", [["Which files? How old?", "the logs of last year"]]),
    ],
)
def test_every_form_of_an_answer_is_taken(folder: Path, answer: JSON, clarified: JSON) -> None:
    with plan_thread(folder, asking()) as thread:
        thread.start("tidy up")
        assert thread.answer(answer)["clarified"] == clarified


BAD: list[Any] = [
    "", " ", 7, True, [], {"answers": []}, {"answers": ["a"]}, {"answers": ["a", "b", "c"]}, {"answers": ["a", 7]},
    {"answers": ["a", {}]}, {"answers": "ab"}, {"answers": ["a", "x" * 4001]}, {"answers": ["a", "b"], "more": 1},
    {"type": "respond", "message": "x"}, ["a", "b"],
]  # fmt: skip


@pytest.mark.parametrize("answer", [*BAD, None, {}], ids=lambda answer: str(answer)[:40])
def test_no_answer_whatever_raises_in_the_asking_node(answer: JSON) -> None:
    state: clarifying.ClarifyState = {"questions": [{"text": text, "hint": ""} for text in QUESTIONS]}
    heard = clarifying.hear(state, answer)
    assert "asked" not in heard
    assert "could not be used" in heard["problem"]


def test_an_answer_that_cannot_be_used_is_asked_for_again(folder: Path) -> None:
    with plan_thread(folder, asking()) as thread:
        question = thread.start("tidy up")
        again = thread.answer({"answers": ["only one"]})
        assert "Expected a list of 2 answers" in again["problem"]
        assert {**again, "problem": None} == question
        assert thread.answer({"answers": ["a", "b"]})["type"] == "plan_approval"


@pytest.mark.parametrize("node", ["analyse", "enrich", "compose"])
def test_a_writer_that_fails_keeps_the_thread(folder: Path, build: Build, node: str) -> None:
    """Whatever step it failed in, going on repeats that step only, and never the question."""
    writer = Failing(questions=QUESTIONS, broken=node)
    with plan_thread(folder, writer, build=build) as thread:
        if node == "analyse":
            with pytest.raises(ModelError):
                thread.start("tidy up")
            writer.broken = ""
            thread.go_on()
        else:
            thread.start("tidy up")
            with pytest.raises(ModelError):
                thread.answer({"answers": ["the logs", None]})
            writer.broken = ""
            assert thread.go_on()["task"] == "tidy up | the logs; open"
        assert writer.analysed == ["tidy up"]


class Failing(FakeWriter):
    broken: str

    def __init__(self, *, broken: str, **more: Any) -> None:
        super().__init__(**more)
        self.broken = broken

    def clarify(self, request: Any) -> Any:
        return self._unless("analyse") or super().clarify(request)

    def enrich(self, task: str, answers: Any) -> str:
        return self._unless("enrich") or super().enrich(task, answers)

    def plan(self, request: Any) -> Any:
        return self._unless("compose") or super().plan(request)

    def _unless(self, node: str) -> Any:
        if self.broken == node:
            raise ModelError("The model said nothing.")
        return None


def test_a_plan_that_only_looked_says_what_was_left_open(folder: Path) -> None:
    with plan_thread(folder, asking(plans=((FIND,),))) as thread:
        thread.start("tidy up")
        outcome = thread.answer({"answers": ["the logs", None]})
        assert outcome["text"] == "Found 3 files (6 bytes). Nothing was changed. Left open: “How old?”"
    assert set(contents(folder / "ws")) == set(FILES)


@pytest.mark.parametrize("task", ["", " \n"])
def test_an_empty_task_is_not_analysed(folder: Path, task: str) -> None:
    with plan_thread(folder, asking()) as thread:
        assert "The task is empty" in thread.start(task)["text"]
        assert thread.writer.analysed == []


def test_a_thread_that_paused_before_there_were_questions_is_gone_on_with(folder: Path) -> None:
    """`plan` is the graph of before: without the questions, so without their keys in the state."""
    with plan_thread(folder, build=plan_approval.plan) as before:
        before.start()
    writer = asking(plans=(({"op": "delete", "pattern": "a.log"},),))
    with plan_thread(folder, writer) as thread:
        assert "clarified" not in thread.app.get_state(thread.config).values
        second = thread.answer("only a.log")
        assert (second["revision"], second["original_task"], second["clarified"]) == (2, None, [])
        assert thread.answer("approve")["status"] == "done"
        assert writer.analysed == []
    assert set(contents(folder / "ws")) == {"sub/b.log", "new.log"}


def test_a_thread_that_failed_before_there_were_questions_is_gone_on_with(folder: Path) -> None:
    with plan_thread(folder, FakeWriter(failing=True), build=plan_approval.plan) as before, pytest.raises(ModelError):
        before.start()
    with plan_thread(folder, asking()) as thread:
        assert thread.go_on()["type"] == "plan_approval"
        assert thread.writer.analysed == []


def test_the_graph_of_the_settings_on_its_sample(home: Path) -> None:
    clarification.prepare_sample(load_settings())
    app = clarification.graph().compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "sample"}}
    (asked,) = app.invoke(clarification.SAMPLE, config)["__interrupt__"]
    assert 2 <= len(asked.value["questions"]) <= 3
    assert asked.value["model"]["offline"] is True
    assert (home / "workspace/README.txt").exists()


def test_a_language_model_is_asked_once_about_the_task_and_once_for_the_plan(folder: Path) -> None:
    questions = {"questions": [{"text": "Which logs?", "hint": "a.log"}, {"text": "How old?", "hint": ""}]}
    with OpenAIServer() as server:
        server.reply(answer_json(questions), answer_json({"summary": "Deletes.", "steps": [LOGS]}))
        writer: Any = OpenAIWriter("tiny-1", base_url=server.url, key="k", sleep=lambda _seconds: None)
        with plan_thread(folder, writer, build=clarification.build) as thread:
            assert thread.start("delete the old logs")["questions"] == ["Which logs?", "How old?"]
            assert thread.answer({"answers": ["all", None]})["type"] == "plan_approval"
        about, planned = (json.loads(each.body["messages"][1]["content"]) for each in server.requests)
    assert about["files_in_workspace"] == planned["files_in_workspace"] == sorted(FILES)
    assert planned["task"] == "delete the old logs\nAnswered:\n- Which logs? all\nLeft open:\n- How old?"
