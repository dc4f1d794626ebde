"""The rules file: who may do what, where two must agree, what is due when, and who is told.

A TOML file that its owner writes; `SIGNOFF_RULES`, or signoff.toml of the working folder. docs/rules.md explains it.
Everything in it is checked when the desk opens, and a mistake is named with its place.
"""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from agents.domain import DecisionType, Kind, OnDeadline, Role, fingerprint, is_text, name_problem
from agents.errors import SettingsError

DEFAULT_FILE = Path("signoff.toml")
LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST = timedelta(days=3650)


def length_of(text: Any) -> timedelta:
    """ "90s", "30m", "24h", "7d", "1d 12h" as a time span. Raises ValueError."""
    if isinstance(text, timedelta):
        return text
    found = LENGTH.findall(text) if isinstance(text, str) and not LENGTH.sub("", text).strip() else []
    try:
        total = sum((timedelta(**{UNITS[unit]: float(number)}) for number, unit in found), timedelta())
    except OverflowError:  # more than any calendar has
        total = timedelta(0)
    if not timedelta(0) < total <= LONGEST:
        raise ValueError('expected a length of time such as "30m", "24h" or "7d"')
    return total


Length = Annotated[timedelta, BeforeValidator(length_of)]


def known_role(to: str) -> None:
    """Raise ValueError for "role:" and no role, and for what is nobody's name."""
    if to.startswith("role:"):
        if to.removeprefix("role:") not in list(Role):
            raise ValueError(f"{to} names no role; there are {', '.join(Role)}")
        return
    problem = name_problem(to)
    if problem is not None:
        raise ValueError(f'expected "role:lead", or a person: {problem}')


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonRule(_Table):
    """One person, by the name that their sign-in proves."""

    role: Role


class RoleRule(_Table):
    """Which graphs and kinds a role may decide; empty: all."""

    graphs: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


class GraphRule(_Table):
    """four_eyes: two people must agree; "blind": neither sees the other's opinion before. by_deadline: what a
    deadline may decide here although it cannot be undone."""

    four_eyes: bool | Literal["blind"] = False
    by_deadline: tuple[DecisionType, ...] = ()


class Step(_Table):
    """What happens `after` so long. to: "role:lead" or a person's name, for escalate. decision, message: for default."""

    after: Length
    do: OnDeadline
    to: str | None = None
    decision: DecisionType | None = None
    message: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Step:
        if self.do is OnDeadline.ESCALATE and not self.to:
            raise ValueError('escalate needs to = "role:lead", or a person')
        if self.do is OnDeadline.DEFAULT and self.decision in (None, DecisionType.EDIT):
            raise ValueError('default needs decision = "approve", "reject", "respond" or "ignore"')
        if self.do is not OnDeadline.DEFAULT and self.decision is not None:
            raise ValueError("only default has a decision")
        if self.decision is DecisionType.RESPOND and not (self.message or "").strip():
            raise ValueError('decision = "respond" needs message = "..."')
        if self.message is not None and not is_text(self.message):
            raise ValueError("message holds half of a character, which no text has")
        return self


class DeadlinePlan(_Table):
    """steps: one after the other; none: nothing ever happens by itself. near: how long before a step people are told.
    grace: how late the last step may be done; later, after a downtime, it escalates instead."""

    steps: tuple[Step, ...]
    near: Length = timedelta(hours=1)
    grace: Length = timedelta(hours=1)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if any(step.do is not OnDeadline.ESCALATE for step in self.steps[:-1]):
            raise ValueError("default and cancel end it, so only the last step may be one")
        for step in self.steps:
            if step.to is not None:
                known_role(step.to)
        return self

    @property
    def policy_id(self) -> str:
        return fingerprint(self.model_dump(mode="json"))


class DeadlineRule(DeadlinePlan):
    """graph, kind, node, title: what it is for, graph, node and title with * and ?; all that are given must fit, the
    first rule that fits counts."""

    graph: str | None = None
    kind: Kind | None = None
    node: str | None = None
    title: str | None = None


class NotificationRule(_Table):
    """to: "role:lead" or a person, as the message names its reader. channel: a name in SIGNOFF_CHANNELS. Empty
    graphs, kinds: all."""

    to: str
    channel: str
    on: tuple[Literal["new", "near", "escalated", "failed", "in_doubt"], ...] = Field(min_length=1)
    graphs: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


class Rules(_Table):
    """people: by name. default_role: of whoever signs in and is not named; None: they may not even look."""

    default_role: Role | None = None
    claim_for: Length = timedelta(minutes=15)
    people: dict[str, PersonRule] = {}
    roles: dict[Role, RoleRule] = {}
    graphs: dict[str, GraphRule] = {}
    deadlines: tuple[DeadlineRule, ...] = ()
    notifications: tuple[NotificationRule, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Rules:
        for each in self.notifications:
            known_role(each.to)
        return self

    @property
    def alone(self) -> bool:
        """They name nobody: the desk of one person, where what goes to a role reaches nobody else."""
        two = any(graph.four_eyes for graph in self.graphs.values())
        return not (self.people or self.default_role or self.notifications or two)

    @property
    def id(self) -> str:
        return fingerprint(self.model_dump(mode="json"))


def load_rules(path: Path | None) -> Rules:
    """The rules of this file; of signoff.toml in the working folder where none is named, and none where that is missing.

    Raises SettingsError that names the place at fault.
    """
    if path is None and not DEFAULT_FILE.is_file():
        return Rules()
    found = path or DEFAULT_FILE
    try:
        return Rules.model_validate(tomllib.loads(found.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"SIGNOFF_RULES: cannot read {found}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{found}: expected UTF-8 text. Save the file in that encoding.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{found}: not TOML: {error}.") from None
    except ValidationError as error:
        raise SettingsError("; ".join(sentence(found, item) for item in error.errors())) from None


def sentence(path: Path | str, item: Any) -> str:
    """One of pydantic's errors in words, with its place. path: the file, or what else holds it."""
    place = ".".join(f"[{part + 1}]" if isinstance(part, int) else str(part) for part in item["loc"]).replace(".[", "[")
    reason = str(item["msg"]).removeprefix("Value error, ")
    return f"{path}: {place + ': ' if place else ''}{reason[:1].lower()}{reason[1:]}"
