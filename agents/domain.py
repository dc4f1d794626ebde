"""The words that every layer shares: frozen values, no I/O.

A pause is what the checkpointer holds, a review is what a codec makes of it,
a `Said` is what a person answers, a `Decision` is that answer on record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

JSON: TypeAlias = Any
"""Plain data: None, bool, int, float, str, list, dict with string keys."""

UNSET: Any = type("Unset", (), {"__repr__": lambda _: "UNSET", "__bool__": lambda _: False})()
"""Told apart from None, which is a resume value like any other."""


class Kind(StrEnum):
    """What a review is about; chosen by the codec that reads its payload."""

    PLAN = "plan"
    EMAIL = "email"
    QUESTION = "question"
    SAMPLE = "sample"
    TOOL = "tool"
    GENERIC = "generic"


class PauseStatus(StrEnum):
    """Why a thread waits: a question to answer, a static breakpoint, or a run that cannot go on."""

    QUESTION = "question"
    BREAKPOINT = "breakpoint"
    STUCK = "stuck"


class Situation(StrEnum):
    """What is the matter with a thread that is STUCK, or with a question that cannot simply be answered."""

    POISONED = "poisoned"
    FAILED = "failed"
    HALTED = "halted"
    ABANDONED = "abandoned"
    LEFT_BEHIND = "left_behind"
    UNREACHABLE = "unreachable"
    TWO_TOOLS = "two_tools"
    CLOCK_SKEW = "clock_skew"
    UNREADABLE = "unreadable"
    NO_ID = "no_id"


class Repair(StrEnum):
    """What a person may order for a thread besides an answer; closing it is always `DecisionType.IGNORE`."""

    ASK_AGAIN = "ask_again"
    CONTINUE = "continue"
    RETRY = "retry"


class DecisionType(StrEnum):
    """LangChain's four decisions, plus ignore: close without an answer."""

    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"
    RESPOND = "respond"
    IGNORE = "ignore"


class DecisionStatus(StrEnum):
    """accepted -> delivered | refused | superseded; the first two are live."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


class Role(StrEnum):
    """What a person may do; each may do all that those before it may. Compare with `Role.reaches`."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"

    def reaches(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


class OnDeadline(StrEnum):
    """What happens when nobody has decided by the deadline."""

    DEFAULT = "default"
    CANCEL = "cancel"
    ESCALATE = "escalate"


class Proof(StrEnum):
    """How we know who somebody is."""

    LOCAL = "local"
    OIDC = "oidc"
    PROXY = "proxy"
    TOKEN = "token"  # noqa: S105 - a kind of proof, no secret


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the name that stands on the act, what they may do, and until when that is proven.

    scopes: what a token was made for; None for a person at a page, who may do all that the role may.
    until: the proof is worth nothing after it; None: it has no end. login: the key of the sign-in or the id of
    the token, either of which may be ended meanwhile.
    """

    name: str
    role: Role
    proof: Proof
    scopes: frozenset[str] | None = None
    until: datetime | None = None
    login: str | None = None

    def __str__(self) -> str:
        return self.name


Who: TypeAlias = str | Actor
"""A plain name is a person in local mode, or one of Signoff's own ("system:..."); with accounts on it may do nothing."""


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(value: JSON) -> bytes:
    """One byte string per value: sorted keys, no spaces, UTF-8.

    The text that `seen`, the audit hashes and the tests agree on.
    """
    return _canonical(value).encode("utf-8", "surrogatepass")


def is_text(value: JSON) -> bool:
    """No half of a surrogate pair in it: a command can bring one, from JSON or from a byte that is no UTF-8, and no file takes it."""
    try:
        json.dumps(value, ensure_ascii=False, skipkeys=True, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def fingerprint(value: JSON) -> str:
    """SHA-256 (hex) of the canonical value; a question's `seen`."""
    return hashlib.sha256(canonical(value)).hexdigest()


NAME_LENGTH = 80
SYSTEM = "system:"
"""How the names of Signoff's own actors begin."""


def name_problem(name: str) -> str | None:
    """Why a person's name cannot stand on a decision; None when it can."""
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        return f"a name must be 1 to {NAME_LENGTH} printable characters"
    if name.startswith(SYSTEM):
        return f"names that start with “{SYSTEM}” are Signoff's own; choose another one"
    return None


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What a graph says of itself, as plain data, so that listing needs neither the graph nor LangGraph.

    before, after: its static breakpoints, "*" for all nodes. follows: node -> the nodes that may come next,
    "__end__" for the end; a node that is not in it decides for itself. below: the facts of the subgraphs by
    node. error: why the graph cannot be used; a sentence.
    """

    graph_id: str
    nodes: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    below: Mapping[str, GraphFacts] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """One thing that waits in a checkpointer, decoded to plain data.

    `pause_key` names it in links and commands and is unique within
    (source_id, thread_id): "<interrupt_id>.<ask_no>" for a question,
    "<status>.<checkpoint_id>" for what has no interrupt id.
    `ask_no` counts the answers that the asking task has stored so far.
    repairs: what may be ordered for it, the one that helps first. nodes: the
    graph's nodes that ask, or that come next. shown_from: a run that stopped
    between two steps looks like one that goes on elsewhere; listed from then on.
    """

    source_id: str
    thread_id: str
    pause_key: str
    status: PauseStatus
    interrupt_id: str | None
    ask_no: int
    checkpoint_id: str
    task_id: str | None
    value: JSON
    seen: str
    paused_at: datetime
    graph_id: str | None = None
    title: str | None = None
    response_schema: Mapping[str, Any] | None = None
    note: str | None = None
    situation: Situation | None = None
    repairs: tuple[Repair, ...] = ()
    nodes: tuple[str, ...] = ()
    shown_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a person answers, before a codec turns it into a resume value.

    args: the edited proposal, whole (not a patch), for EDIT.
    value: the exact resume value, for those who know it; a codec validates it.
    """

    type: DecisionType
    message: str | None = None
    args: Mapping[str, JSON] | None = None
    value: JSON = UNSET


@dataclass(frozen=True, slots=True)
class Review:
    """A pause as its codec understands it: what to show and what may be answered.

    gist: one line for a list. labels: for each allowed decision the words of
    its button, which say what will happen ("Approve and delete 3 files").
    proposal: the codec's own frozen type (PlanProposal, EmailProposal, ...).
    reversible: True only where the codec knows that approving can be undone.
    """

    pause: Pause
    kind: Kind
    title: str
    gist: str
    question: str
    allowed: tuple[DecisionType, ...]
    labels: Mapping[DecisionType, str]
    proposal: Any
    reversible: bool = False
    revision: int = 1
    instruction: str | None = None
    warnings: tuple[str, ...] = field(default=())
