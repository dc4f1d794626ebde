"""One held tool call: its arguments to read or to change, and what is decided on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from agents.domain import JSON, DecisionType
from agents.payloads.forms import Field, FieldKind, form_of
from agents.payloads.tool import DEFAULT, ToolAction
from agents.payloads.wording import outlined
from pages.components.draft import first
from pages.components.heading import prose
from pages.components.long_text import long_code, long_facts, long_prose
from pages.components.schema_form import draw
from pages.components.tool_words import CHOOSE
from pages.components.words import words_of

LINES = 200
"""Arguments of one call that are drawn as a list."""
CHANGE = "Change the arguments"


@dataclass(frozen=True, slots=True)
class Call:
    """What is decided on a call so far.

    decision: None while nothing is chosen. message: a reason or an answer. args:
    the whole edited arguments. problem: why it cannot be sent as it is.
    incomplete: a text is still to be written, which is plain to see. draft: what to keep.
    """

    name: str
    decision: DecisionType | None
    message: str | None = None
    args: Mapping[str, JSON] | None = None
    problem: str = ""
    incomplete: bool = False
    draft: Mapping[str, JSON] = field(default_factory=dict)

    def sent(self) -> dict[str, JSON]:
        """LangChain's own decision for it."""
        made: dict[str, JSON] = {"type": self.decision.value if self.decision else None}
        if self.decision is DecisionType.EDIT:
            made["edited_action"] = {"name": self.name, "args": dict(self.args or {})}
        elif self.message:
            made["message"] = self.message
        return made


def draw_call(
    action: ToolAction, number: int | None, kept: Mapping[str, JSON], key: str, asks: Mapping[DecisionType, str]
) -> Call:
    """Draw it. number: its place among several; None when it is the only one, whose reject and answer are in the bar.

    asks: the words over the text of a decision.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"call-head-{key}"):
        prose(action.name if number is None else f"{number}. {action.name}", "so-strong")
        wanted = _alone(action, kept, key) if number is None else _chosen(action, kept, key)
    if action.about and action.about != DEFAULT:
        long_prose(action.about, "so-muted", key=f"about-{key}")
    begun = _default(action, alone=number is None)
    chosen = {"decision": wanted.value} if wanted and wanted is not begun else {}
    if wanted is DecisionType.EDIT:
        return _edited(action, kept, key, chosen)
    draw_arguments(action.args, key)
    if wanted in (DecisionType.REJECT, DecisionType.RESPOND):
        return _written(action, wanted, kept, key, chosen, asks[wanted])
    return Call(action.name, wanted, draft=chosen)


def draw_arguments(args: Mapping[str, JSON], key: str) -> None:
    """To read only; a long value is cut, and very many of them are data."""
    if not args:
        prose("Without arguments.", "so-muted")
    elif len(args) > LINES:
        long_code(dict(args), key=f"args-{key}")
    else:
        long_facts([(words_of(name), outlined(value)) for name, value in args.items()], key=f"args-{key}")


def _default(action: ToolAction, *, alone: bool) -> DecisionType | None:
    """What is decided unless a person says otherwise: to run it, where that is allowed."""
    if DecisionType.APPROVE in action.allowed or not alone:
        return DecisionType.APPROVE if DecisionType.APPROVE in action.allowed else None
    return next((kind for kind in (DecisionType.EDIT, DecisionType.RESPOND) if kind in action.allowed), None)


def _alone(action: ToolAction, kept: Mapping[str, JSON], key: str) -> DecisionType | None:
    """Run it or change it; else what is left to decide in the card."""
    if DecisionType.EDIT in action.allowed and DecisionType.APPROVE in action.allowed:
        name = f"pick-decision-{key}"
        before = bool(first(name, kept.get("decision") == DecisionType.EDIT))
        change = st.toggle(CHANGE, value=before, key=name)
        return DecisionType.EDIT if change else DecisionType.APPROVE
    return _default(action, alone=True)


def _chosen(action: ToolAction, kept: Mapping[str, JSON], key: str) -> DecisionType | None:
    name = f"pick-decision-{key}"
    before = first(name, str(kept.get("decision") or _default(action, alone=False) or ""))
    offered = [kind for kind in CHOOSE if kind in action.allowed]
    return st.segmented_control(
        f"What happens to {words_of(action.name)}",
        offered,
        default=DecisionType(before) if before in offered else None,
        required=before in offered,
        format_func=CHOOSE.__getitem__,
        key=name,
        label_visibility="collapsed",
        wrap=True,
    )


def _edited(action: ToolAction, kept: Mapping[str, JSON], key: str, chosen: Mapping[str, JSON]) -> Call:
    drawn = draw(_form(action), kept.get("form"), key)
    draft, value = {**chosen, **({"form": drawn.kept} if drawn.kept is not None else {})}, drawn.value
    if drawn.faults or not isinstance(value, dict):
        said = drawn.problem or "The arguments must be an object with named values."
        return Call(action.name, DecisionType.EDIT, problem=said, draft=draft)
    unchanged = value == dict(action.args) and DecisionType.APPROVE in action.allowed
    return Call(action.name, DecisionType.APPROVE if unchanged else DecisionType.EDIT, args=value, draft=draft)


def _form(action: ToolAction) -> Field:
    """The tool's schema where it has one that can be drawn, else the arguments' own types."""
    made = form_of(action.args_schema, dict(action.args), label="Arguments")
    return form_of(None, dict(action.args), label="Arguments") if made.kind is FieldKind.JSON else made


def _written(
    action: ToolAction, kind: DecisionType, kept: Mapping[str, JSON], key: str, chosen: Mapping[str, JSON], words: str
) -> Call:
    reject = kind is DecisionType.REJECT
    name = f"arg-{kind.value}-{key}"
    text = st.text_area(words, value=first(name, str(kept.get(kind.value) or "")), key=name, height=90) or ""
    draft = {**chosen, **({kind.value: text} if text else {})}
    return Call(
        action.name,
        kind,
        message=(text.strip() and text) or None,
        incomplete=not reject and not text.strip(),
        draft=draft,
    )
