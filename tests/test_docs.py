"""The documents are true: written parts are current, examples run, links lead somewhere."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents import errors, payloads
from agents.domain import DecisionType, Kind, Pause, PauseStatus, Said, fingerprint
from tests import generated

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@dataclass
class Example:
    """A payload of docs/payloads.md with the answers that are listed below it."""

    kind: Kind
    payload: Any
    schema: Any = None
    answers: list[dict[str, Any]] = field(default_factory=list)
    also: list[dict[str, Any]] = field(default_factory=list)

    def pause(self) -> Pause:
        return Pause(
            source_id="docs",
            thread_id="thread-1",
            pause_key="0" * 32 + ".0",
            status=PauseStatus.QUESTION,
            interrupt_id="0" * 32,
            ask_no=0,
            checkpoint_id="1",
            task_id="2",
            value=self.payload,
            seen=fingerprint(self.payload),
            paused_at=datetime(2026, 1, 31, tzinfo=UTC),
            response_schema=self.schema,
        )


def blocks(page: str) -> list[tuple[str, str]]:
    """(info string, text) of each fenced block."""
    return re.findall(r"^```([^\n]*)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def examples() -> list[Example]:
    """```json payload KIND``` begins an example; ```json schema```, ```json answers``` and ```json also``` belong to it."""
    found: list[Example] = []
    for info, text in blocks((ROOT / "docs" / "payloads.md").read_text(encoding="utf-8")):
        match info.split():
            case ["json", "payload", kind]:
                found.append(Example(Kind(kind), json.loads(text)))
            case ["json", "schema"]:
                found[-1].schema = json.loads(text)
            case ["json", "answers"]:
                found[-1].answers.extend(json.loads(text))
            case ["json", "also"]:
                found[-1].also.extend(json.loads(text))
    return found


EXAMPLES = examples()
ANSWERS = [(example, answer) for example in EXAMPLES for answer in example.answers]
ALSO = [(example, answer) for example in EXAMPLES for answer in example.also]


@pytest.mark.parametrize("name", generated.PAGES)
def test_what_is_written_from_the_code_is_current(name: str) -> None:
    now = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert now == generated.current(name), f"docs/{name} is stale: run `python -m tests.generated`"


def test_every_command_and_option_says_what_it_does() -> None:
    from agents.__main__ import build_parser

    commands = generated.commands_of(build_parser())
    assert [name for name, about, _ in commands if not about] == []
    options = [(name, option) for name, _, parser in commands for option in parser._actions if option.option_strings]
    assert [f"{name} {option.dest}" for name, option in options if not option.help] == []


def test_every_kind_of_event_is_documented() -> None:
    page = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "agents").rglob("*.py"))
    actions = set(re.findall(r"action=\"([a-z_]+)\"", code)) - {"append", "store_true", "version"}  # argparse's
    assert len(actions) > 30
    assert sorted(action for action in actions if f"`{action}`" not in page) == []


def test_exit_codes_are_documented() -> None:
    table = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    documented = {int(code) for code in re.findall(r"^\| (\d) \|", table, flags=re.MULTILINE)}
    raised = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.SignoffError) and error.exit_code > 1
    }
    assert raised <= documented


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind.value)
def test_a_documented_payload_is_read_as_its_kind(example: Example) -> None:
    review = payloads.parse(example.pause())
    assert review.kind is example.kind
    documented = {DecisionType(answer["decision"]["type"]) for answer in example.answers}
    assert documented == set(review.allowed) - {DecisionType.IGNORE}


@pytest.mark.parametrize(("example", "answer"), ANSWERS)
def test_a_documented_decision_sends_the_documented_value(example: Example, answer: dict[str, Any]) -> None:
    decision = answer["decision"]
    said = Said(DecisionType(decision["type"]), decision.get("message"), decision.get("args"))
    assert payloads.encode(example.pause(), said) == answer["resume"]
    assert payloads.read(example.pause(), answer["resume"]).type is said.type


@pytest.mark.parametrize(("example", "answer"), ALSO)
def test_a_value_that_is_also_taken_means_what_is_documented(example: Example, answer: dict[str, Any]) -> None:
    assert payloads.read(example.pause(), answer["value"]).type is DecisionType(answer["means"])


def test_every_codec_has_an_example() -> None:
    assert {codec.kind for codec in payloads.codecs()} == {example.kind for example in EXAMPLES}


@pytest.mark.parametrize("graph_id", ["plan_approval", "email_approval", "clarification", "batch_sampling"])
def test_the_documented_payload_has_the_keys_that_the_graph_sends(graph_id: str, home: Path) -> None:
    sent = paused_on_its_sample(graph_id, home)
    documented = next(example.payload for example in EXAMPLES if shape(example.payload).get("type") == sent["type"])
    assert documented.keys() == sent.keys()
    for name in ("recipients", "totals", "model", "costs"):
        assert shape(documented.get(name)).keys() == shape(sent.get(name)).keys()
    for documented_step, step in zip(documented.get("steps", []), sent.get("steps", []), strict=False):
        assert documented_step.keys() == step.keys()
        assert documented_step["files"][0].keys() == step["files"][0].keys()


def shape(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def paused_on_its_sample(graph_id: str, home: Path) -> Any:
    from langgraph.checkpoint.sqlite import SqliteSaver

    from agents.database import open_database
    from agents.registry import load_registry
    from agents.settings import load_settings

    settings = load_settings(home=home)
    open_database(settings.database_path).dispose()
    registry = load_registry(settings)
    with (
        closing(sqlite3.connect(settings.checkpoints_path, check_same_thread=False)) as connection,
        registry.compiled(graph_id, SqliteSaver(connection)) as graph,
    ):
        result = graph.invoke(registry.prepare_sample(graph_id), {"configurable": {"thread_id": "1"}})
    return result["__interrupt__"][0].value


def test_the_readme_opens_with_two_commands_of_one_line() -> None:
    (_, desk), (_, tests) = blocks(README)[:2]
    assert desk.count("\n") == tests.count("\n") == 1
    assert desk.rstrip().endswith("streamlit run dashboard.py")
    assert tests.rstrip().endswith("pytest")
    assert README.index(tests) < README.index("\n## "), "the commands come before the first section"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = blocks(README)[1][1].strip()
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_graph_of_the_readme_pauses_and_takes_its_answer(tmp_path: Path) -> None:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.types import Command

    from agents.registry import load_registry
    from agents.settings import load_settings

    code = next(text for info, text in blocks(README) if info == "python")
    config = re.search(r"echo '(.*)' > refunds\.json", README)
    assert config
    (tmp_path / "refunds.py").write_text(code, encoding="utf-8")
    (tmp_path / "refunds.json").write_text(config[1], encoding="utf-8")
    registry = load_registry(load_settings(graphs=tmp_path / "refunds.json"))
    with (
        closing(sqlite3.connect(tmp_path / "checkpoints.sqlite", check_same_thread=False)) as connection,
        registry.compiled("refunds", SqliteSaver(connection)) as graph,
    ):
        thread = {"configurable": {"thread_id": "1"}}
        (question,) = graph.invoke({}, thread)["__interrupt__"]
        assert question.value["options"] == ["refund", "keep"]
        assert graph.invoke(Command(resume={question.id: "keep"}), thread)["answer"] == "keep"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (path.parent / target).exists()] == []


def test_the_glossary_knows_every_kind_and_decision() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [word for word in [*DecisionType, *Kind] if word.value not in glossary] == []
