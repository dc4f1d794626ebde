"""The graphs of docs/examples/: what a person can say to each, what its node gets, and what comes of it.

The tests drive every way through the desk, and docs/bring-your-own-graph.md has its tables from here.
"""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.domain import JSON, DecisionType, Said

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "examples"
CONFIG = FOLDER / "langgraph.json"

APPROVE, EDIT, REJECT, RESPOND, IGNORE = DecisionType


@dataclass(frozen=True)
class Answer:
    """words: what the person does. receives: what `interrupt()` returns in the node. to: part of the question, where several wait."""

    words: str
    said: Said
    receives: JSON
    to: str = ""


@dataclass(frozen=True)
class Way:
    """then: what comes of it, in words. state: part of the thread's end. says: parts of its last message.

    asks: part of its next question, where it goes on to one.
    """

    answers: tuple[Answer, ...]
    then: str
    state: Mapping[str, JSON] = field(default_factory=dict)
    asks: str | None = None
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """nodes: the functions of its file that the documents show. sees: what the reviewer gets to see."""

    graph_id: str
    file: str
    nodes: tuple[str, ...]
    sees: str
    ways: tuple[Way, ...]

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    @property
    def command(self) -> str:
        """The line of the file's docstring that starts it."""
        lines = (ast.get_docstring(ast.parse(self.path.read_text(encoding="utf-8"))) or "").splitlines()
        return next(line for line in lines if line.startswith(f"signoff start {self.graph_id} "))

    @property
    def input(self) -> Any:
        return json.loads(shlex.split(self.command)[-1])

    def code(self) -> str:
        """The shown functions, as they stand in the file."""
        source = self.path.read_text(encoding="utf-8")
        parts = {_name(each): each for each in ast.parse(source).body}
        return "\n\n\n".join(_segment(source, parts[name]) for name in self.nodes)


def _name(part: ast.stmt) -> str:
    if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
        return part.targets[0].id
    return getattr(part, "name", "")


def _segment(source: str, part: ast.stmt) -> str:
    first = min([part.lineno, *(each.lineno for each in getattr(part, "decorator_list", ()))])
    return "\n".join(source.splitlines()[first - 1 : part.end_lineno])


def one(
    words: str,
    said: Said,
    receives: JSON,
    then: str,
    *,
    asks: str | None = None,
    says: tuple[str, ...] = (),
    **state: JSON,
) -> Way:
    """A way with one answer to the one question that waits."""
    return Way((Answer(words, said, receives),), then, state, asks, says)


def written(text: str, then: str, **rest: Any) -> Way:
    return one(f"Write “{text}”", Said(RESPOND, message=text), text, then, **rest)


def data(words: str, value: JSON, then: str, **rest: Any) -> Way:
    """An answer that is no text."""
    return one(words, Said(RESPOND, value=value), value, then, **rest)


REFUND = {"name": "refund_order", "args": {"order": 1005, "amount": 25.0}}
BUDGET = {"amount": 12000, "currency": "NOK", "until": "2027-03-31"}
BUDGET_STATE = {"amount": 12000.0, "currency": "NOK", "until": "2027-03-31", "note": None}
MAIL = {"to": "ada@example.com", "subject": "A note", "content": "Thank Ada for the flowers", "copies": 1}
SHORTER = {**MAIL, "content": "Thank you!", "copies": 2}
PLAN = ["Copy the files", "Switch the name over", "Turn the old server off"]
RESET = {"act": "reset", "wait": 30}

EXAMPLES = (
    Example(
        "approve_or_reject",
        "approve_or_reject.py",
        ("approval",),
        "the question with its details, and a field for the answer, as text or as JSON",
        (
            data("Answer `true` as JSON", True, "goes to `refund`", refunded=True),
            data("Answer `false` as JSON", False, "goes to `keep`", refunded=False),
        ),
    ),
    Example(
        "review_and_edit",
        "review_and_edit.py",
        ("review_draft",),
        "the instruction, the draft, and a field for the text",
        (written("From May on we open at eight.", "is published", published="From May on we open at eight."),),
    ),
    Example(
        "review_tool_call",
        "review_tool_call.py",
        ("review_call",),
        "the question, the tool call with its arguments, and a field for the answer, as text or as JSON",
        (
            data("Run it", {"action": "continue"}, "the tool runs as proposed", result="Rain in Oslo for 7 days."),
            data(
                "Run it with other arguments",
                {"action": "update", "data": {"city": "Bergen", "days": 2}},
                "the tool runs with these arguments",
                result="Rain in Bergen for 2 days.",
            ),
            data(
                "Say what is wrong",
                {"action": "feedback", "data": "Three days are enough"},
                "the model calls anew, and you are asked again",
                asks='"days": 3',
            ),
        ),
    ),
    Example(
        "ask_until_valid",
        "ask_until_valid.py",
        ("ask_age",),
        "the question and a field for the answer, as text or as JSON",
        (
            written("37", "the graph goes on", age=37),
            written("old", "the same node asks again and says why", asks="'old' is no age"),
        ),
    ),
    Example(
        "two_at_once",
        "two_at_once.py",
        ("ask_legal", "ask_security"),
        "both questions below each other on one page, and one button that sends both answers",
        (
            Way(
                (
                    Answer("Legal: choose “yes”", Said(RESPOND, message="yes"), "yes", "Legal"),
                    Answer("Security: choose “no”", Said(RESPOND, message="no"), "no", "Security"),
                ),
                "both nodes go on in one resume",
                {"signed": ["yes", "no"]},
            ),
        ),
    ),
    Example(
        "functional",
        "functional.py",
        ("grade", "graph"),
        "the question, the essay, and a field for the answer, as text or as JSON",
        (written("Too short", "the entrypoint returns both", review="Too short", essay="An essay about cats."),),
    ),
    Example(
        "tool_that_asks",
        "tool_that_asks.py",
        ("send_note",),
        "the note with its fields, and a field for the answer, as text or as JSON",
        (
            data("Approve", {"action": "approve"}, "the tool runs as called", says=("Sent to ada@example.com: News",)),
            data(
                "Approve with another subject",
                {"action": "approve", "subject": "Done"},
                "the tool runs with your subject",
                says=("Sent to ada@example.com: Done",),
            ),
            data("Refuse", {"action": "reject"}, "the tool reports it", says=("The note was not sent.",)),
        ),
    ),
    Example(
        "with_subgraph",
        "with_subgraph.py",
        ("ask_discount",),
        "the question once, with its options as buttons",
        (
            one(
                "Choose “10 %”",
                Said(RESPOND, message="10 %"),
                "10 %",
                "the subgraph ends and its parent goes on",
                offer="Ada: discount 10 %",
            ),
        ),
    ),
    Example(
        "breakpoints",
        "breakpoints.py",
        ("graph",),
        "before or after which node the run stopped, and what its last steps changed",
        (
            one("Continue", Said(APPROVE), None, "runs `load`, and stops after it", asks='"after": ["load"]'),
            one("Close it", Said(IGNORE), None, "nothing runs any more", loaded=0),
        ),
    ),
    Example(
        "agent_batched",
        "agent_batched.py",
        ("graph",),
        "each tool call with its arguments as fields and the decisions that it allows",
        (
            one(
                "Approve both",
                Said(APPROVE),
                {"decisions": [{"type": "approve"}, {"type": "approve"}]},
                "both tools run",
                says=("Refunded 40.0 for order 1005; Wrote to ada@example.com: Your money is back.",),
            ),
            one(
                "Edit the first, reject the second with “Not yet”",
                Said(
                    EDIT,
                    args={
                        "decisions": [
                            {"type": "edit", "edited_action": REFUND},
                            {"type": "reject", "message": "Not yet"},
                        ]
                    },
                ),
                {
                    "decisions": [{"type": "edit", "edited_action": REFUND}, {"type": "reject", "message": "Not yet"}],
                },
                "the first tool runs as edited, the model is told “Not yet”",
                says=("Refunded 25.0 for order 1005", "with reason: Not yet"),
            ),
            one(
                "Reject both with “Not today”",
                Said(REJECT, message="Not today"),
                {"decisions": [{"type": "reject", "message": "Not today"}, {"type": "reject", "message": "Not today"}]},
                "no tool runs",
                says=("`refund_order` with reason: Not today", "`write_customer` with reason: Not today"),
            ),
        ),
    ),
    Example(
        "agent_per_call",
        "agent_per_call.py",
        ("graph",),
        "one question per call, each with its arguments as fields",
        (
            Way(
                (
                    Answer("Approve the first", Said(APPROVE), {"type": "approve"}, "db-1"),
                    Answer(
                        "answer in place of the second with “It is down already”",
                        Said(RESPOND, message="It is down already"),
                        {"type": "respond", "message": "It is down already"},
                        "web-7",
                    ),
                ),
                "the first tool runs, the second does not",
                says=("Stopped db-1 after 60 s; It is down already",),
            ),
            Way(
                (
                    Answer(
                        "Edit the first",
                        Said(EDIT, args={"name": "db-2", "grace_seconds": 5}),
                        {
                            "type": "edit",
                            "edited_action": {"name": "stop_server", "args": {"name": "db-2", "grace_seconds": 5}},
                        },
                        "db-1",
                    ),
                    Answer(
                        "reject the second with “Keep it”",
                        Said(REJECT, message="Keep it"),
                        {"type": "reject", "message": "Keep it"},
                        "web-7",
                    ),
                ),
                "the first tool runs as edited, the model is told “Keep it”",
                says=("Stopped db-2 after 5 s", "with reason: Keep it"),
            ),
        ),
    ),
    Example(
        "agent_inbox",
        "agent_inbox.py",
        ("review_mail",),
        "the action with its arguments as fields, and the decisions that `config` allows",
        (
            one(
                "Approve",
                Said(APPROVE),
                [{"type": "accept", "args": {"action": "write_email", "args": MAIL}}],
                "is sent",
                sent=MAIL,
            ),
            one(
                "Edit",
                Said(EDIT, args=SHORTER),
                [{"type": "edit", "args": {"action": "write_email", "args": SHORTER}}],
                "is sent as edited; a number stays a number",
                sent=SHORTER,
            ),
            one(
                "Answer with “Warmer, please”",
                Said(RESPOND, message="Warmer, please"),
                [{"type": "response", "args": "Warmer, please"}],
                "a new draft, and you are asked again",
                asks="flowers Warmer, please",
            ),
            one("Reject", Said(REJECT), [{"type": "ignore", "args": None}], "the graph ends", sent=None),
        ),
    ),
    Example(
        "typed_answer",
        "typed_answer.py",
        ("Budget", "ask_budget"),
        "a form with a field for each part of the answer, checked before it is sent",
        (
            one(
                "Fill in the form",
                Said(RESPOND, args=BUDGET),
                BUDGET,
                "is checked, and becomes a `Budget`",
                budget=BUDGET_STATE,
            ),
        ),
    ),
    Example(
        "plan_review",
        "plan_review.py",
        ("review_plan",),
        "the steps, and a button for each option",
        (
            one("Approve", Said(APPROVE), "approve", "the plan is carried out", done=PLAN),
            one("Reject", Said(REJECT), "reject", "nothing is done", plan=PLAN),
            one(
                "Ask for another plan: “keep a copy”",
                Said(RESPOND, message="keep a copy"),
                "modify: keep a copy",
                "a new plan, and you are asked again",
                asks="Mind this: keep a copy",
            ),
        ),
    ),
    Example(
        "mail_review",
        "mail_review.py",
        ("review_text",),
        "the mail as a mail, with what to look at twice",
        (
            one(
                "Send it",
                Said(APPROVE),
                "send",
                "is sent",
                outcome={"status": "done", "text": "Sent to ada@example.com: Dear Ada, this is about Invoice 1005."},
            ),
            one(
                "Cancel it",
                Said(REJECT),
                "cancel",
                "nothing is sent",
                outcome={"status": "cancelled", "text": "Nothing was sent."},
            ),
            one(
                "Ask for “a friendlier tone”",
                Said(RESPOND, message="a friendlier tone"),
                "a friendlier tone",
                "a new text, and you are asked again",
                asks="(a friendlier tone)",
            ),
        ),
    ),
    Example(
        "clarify_task",
        "clarify_task.py",
        ("ask_first",),
        "a field for each of the questions",
        (
            one(
                "Answer both",
                Said(RESPOND, args={"answers": ["2024", "Archive them"]}),
                "Which year?\n2024\n\nDelete them or put them into the archive?\nArchive them",
                "the graph goes on",
                answers="Which year?\n2024\n\nDelete them or put them into the archive?\nArchive them",
            ),
            written("2024, into the archive", "the graph goes on", answers="2024, into the archive"),
        ),
    ),
    Example(
        "sample_check",
        "sample_check.py",
        ("judge",),
        "the input beside the output",
        (
            one("It is good", Said(APPROVE), "continue", "the rest is done", results=["twice", "crashes", "account"]),
            one(
                "Describe a problem: “no punctuation”",
                Said(RESPOND, message="no punctuation"),
                "no punctuation",
                "the sample is done again, and you are asked again",
                asks="twice (no punctuation)",
            ),
            one(
                "Correct the output to “charge”",
                Said(EDIT, args={"sample_output": "charge"}),
                "Corrected output: charge",
                "is taken as the description of a problem",
                asks="(Corrected output: charge)",
            ),
            one(
                "Stop the batch: “wrong file”",
                Said(REJECT, message="wrong file"),
                "stop: wrong file",
                "nothing more is done",
                results=["twice"],
            ),
        ),
    ),
    Example(
        "pick_option",
        "anything_else.py",
        ("choose",),
        "a button for each option, with its label",
        (
            one("Choose “Reset it”", Said(RESPOND, message="Reset it"), RESET, "the graph goes on", answer=RESET),
            one(
                "Choose “Call the guard”",
                Said(RESPOND, message="Call the guard"),
                False,
                "the graph goes on",
                answer=False,
            ),
        ),
    ),
    Example(
        "ask_in_words",
        "anything_else.py",
        ("tell",),
        "the question and a field for the answer, as text or as JSON",
        (written("A cat.", "the graph goes on", answer="A cat."),),
    ),
    Example(
        "ask_for_data",
        "anything_else.py",
        ("measure",),
        "the payload, readable, and a field for the answer, as text or as JSON",
        (data("Give the list", [3, 4, 5], "the graph goes on", answer=[3, 4, 5]),),
    ),
)
BY_ID = {example.graph_id: example for example in EXAMPLES}
