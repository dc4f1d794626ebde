"""A plan as its card shows it: steps, exact files, what to look at twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agents.domain import JSON
from agents.wording import count, size

REVERSIBLE = frozenset({"find", "delete", "move", "write", "archive"})


@dataclass(frozen=True, slots=True)
class PlanFile:
    """One exact file. path, to: relative to the workspace; size: bytes.

    mtime_ns: last change, nanoseconds since 1970; None for a file that is
    written. replaces: size in bytes of the file that a write takes the place of.
    """

    path: str
    size: int
    mtime_ns: int | None
    sha256: str | None = None
    to: str | None = None
    replaces: int | None = None


@dataclass(frozen=True)
class PlanStep:
    """One step. number: from 1. raw: the step as in the payload, for an edit. notes: sentences that warn.

    newest: path and mtime_ns of the newest file. exclude: paths that a reviewer left out before.
    """

    number: int
    op: str
    why: str
    sentence: str
    total_files: int
    total_bytes: int
    notes: tuple[str, ...]
    exclude: tuple[str, ...]
    newest: tuple[str, int] | None
    raw: Mapping[str, JSON]

    @cached_property
    def files(self) -> tuple[PlanFile, ...]:
        """Read when asked for: a list of reviews needs the totals only."""
        return tuple(_file(file) for file in _sequence(self.raw.get("files")) if isinstance(file, Mapping))

    def fields(self) -> dict[str, JSON]:
        """The step's own editable fields; the start of a form, and what an edit sends back."""
        names = ("op", "why", "pattern", "older_than_days", "newer_than_days", "larger_than_bytes")
        more = ("smaller_than_bytes", "destination", "path", "content")
        found = {name: self.raw.get(name) for name in (*names, *more) if self.raw.get(name) is not None}
        return {**found, "exclude": list(self.exclude)}


@dataclass(frozen=True)
class PlanProposal:
    """A plan to judge. sentences: one per step. refused: (path, why) of what will not be done.

    files, size: totals of what would change (or be found). notes: about the
    whole workspace. previous: the sentences of the plan before. problem: why
    the question is asked again. editable: False for the lesson's payload.
    original_task: the task before questions about it were answered; None where
    nothing was asked. clarified: (question, answer or None where it was left open).
    """

    task: str
    original_task: str | None
    clarified: tuple[tuple[str, str | None], ...]
    summary: str
    sentences: tuple[str, ...]
    steps: tuple[PlanStep, ...]
    files: int
    size: int
    workspace: str
    reversible: bool
    revision: int
    instruction: str | None
    previous: tuple[str, ...] | None
    refused: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    problem: str | None
    model_label: str
    offline: bool
    editable: bool

    @property
    def raw_steps(self) -> list[JSON]:
        return [step.raw for step in self.steps]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything to look at twice, the most important first."""
        refused = [f"Refused, will not be done: {path}. {why}" for path, why in self.refused]
        steps = [f"Step {step.number}: {note}" for step in self.steps for note in step.notes]
        problem = [self.problem] if self.problem else []
        return (*problem, *refused, *self.notes, *steps)

    def fields(self) -> dict[str, JSON]:
        """The `args` of an edit that changes nothing."""
        return {"steps": [step.fields() for step in self.steps]}

    def without(self, kept: Sequence[tuple[int, frozenset[str]]]) -> PlanProposal:
        """The plan with only these steps (by index), less the paths left out."""
        steps = tuple(_less(self.steps[index], exclude) for index, exclude in kept)
        changing = [step for step in steps if step.op != "find"]
        return replace(
            self,
            steps=steps,
            files=sum(step.total_files for step in changing),
            size=sum(step.total_bytes for step in changing),
        )


def effect_words(proposal: PlanProposal) -> str:
    """What approving does, short: "move 3 files (2.1 MB) to the trash and write 1 file (20 bytes)"."""
    if not proposal.editable:
        return f"carry out {count(len(proposal.sentences), 'step')}" if proposal.sentences else "carry it out"
    acts = [_act_words(op, group) for op, group in _by_op(proposal.steps).items()]
    if len(acts) > 3:
        return f"{count(len(proposal.steps), 'step')} on {count(proposal.files, 'file')} ({size(proposal.size)})"
    if not acts:
        return "change nothing"
    return acts[0] if len(acts) == 1 else f"{', '.join(acts[:-1])} and {acts[-1]}"


def _by_op(steps: Sequence[PlanStep]) -> dict[str, list[PlanStep]]:
    groups: dict[str, list[PlanStep]] = {}
    for step in steps:
        if step.total_files and step.op != "find":
            groups.setdefault(step.op, []).append(step)
    return groups


def _act_words(op: str, steps: Sequence[PlanStep]) -> str:
    what = f"{count(sum(s.total_files for s in steps), 'file')} ({size(sum(s.total_bytes for s in steps))})"
    places = list(dict.fromkeys(str(step.raw.get("destination") or "") for step in steps))
    place = places[0] if len(places) == 1 and places[0] else "other folders"
    if op == "delete":
        return f"move {what} to the trash"
    if op == "move":
        return f"move {what} to {place}"
    if op == "archive":
        return f"pack {what} into {place if len(places) == 1 else 'archives'}"
    return f"write {what}" if op == "write" else f"{op} {what}"


def _less(step: PlanStep, exclude: frozenset[str]) -> PlanStep:
    raw = [file for file in _sequence(step.raw.get("files")) if _mapping(file).get("path") not in exclude]
    smaller = replace(step, raw={**step.raw, "files": raw}, exclude=tuple(sorted(exclude)))
    return replace(
        smaller, total_files=len(smaller.files), total_bytes=sum(file.size for file in smaller.files), newest=None
    )


def read_proposal(value: Mapping[str, JSON], *, editable: bool) -> PlanProposal:
    """From either payload; what is missing or odd becomes empty."""
    steps = tuple(_step(step, number) for number, step in enumerate(_sequence(value.get("steps")), 1))
    totals, model = _mapping(value.get("totals")), _mapping(value.get("model"))
    plan = value.get("plan")
    previous = value.get("previous")
    revision = value.get("revision")
    return PlanProposal(
        task=_text(value.get("task")),
        original_task=_text(value.get("original_task")) or None,
        clarified=tuple(_pair(item) for item in _sequence(value.get("clarified"))),
        summary=_text(value.get("summary")),
        sentences=(plan,) if isinstance(plan, str) else _texts(plan),
        steps=steps,
        files=_whole(totals.get("files")),
        size=_whole(totals.get("bytes")),
        workspace=_text(value.get("workspace")),
        reversible=editable and value.get("reversible") is True and all(step.op in REVERSIBLE for step in steps),
        revision=_whole(revision) or 1,
        instruction=_text(value.get("instruction")) or None,
        previous=_texts(previous) if isinstance(previous, list) else None,
        refused=tuple(_refusal(item) for item in _sequence(value.get("refused"))),
        notes=_texts(value.get("notes")),
        problem=_text(value.get("problem")) or None,
        model_label=_text(model.get("label")),
        offline=model.get("offline") is True,
        editable=editable,
    )


def _step(step: JSON, number: int) -> PlanStep:
    raw = _mapping(step)
    newest = _mapping(raw.get("newest"))
    return PlanStep(
        number=number,
        op=_text(raw.get("op")),
        why=_text(raw.get("why")),
        sentence=_text(raw.get("sentence")),
        total_files=_whole(raw.get("total_files")),
        total_bytes=_whole(raw.get("total_bytes")),
        notes=_texts(raw.get("notes")),
        exclude=_texts(raw.get("exclude")),
        newest=(_text(newest["path"]), _whole(newest.get("mtime_ns"))) if newest.get("path") else None,
        raw=raw,
    )


def _file(raw: Mapping[str, JSON]) -> PlanFile:
    mtime = raw.get("mtime_ns")
    replaces = _mapping(raw.get("replaces"))
    return PlanFile(
        path=_text(raw.get("path")),
        size=_whole(raw.get("size")),
        mtime_ns=mtime if isinstance(mtime, int) and not isinstance(mtime, bool) else None,
        sha256=_text(raw.get("sha256")) or None,
        to=_text(raw.get("to")) or None,
        replaces=_whole(replaces.get("size")) if replaces else None,
    )


def _pair(item: JSON) -> tuple[str, str | None]:
    question, answer = (*_sequence(item), None, None)[:2]
    return _text(question), _text(answer) or None


def _refusal(item: JSON) -> tuple[str, str]:
    raw = _mapping(item)
    return (_text(raw.get("path")), _text(raw.get("why"))) if raw else (_text(item), "")


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: JSON) -> Sequence[JSON]:
    return value if isinstance(value, list | tuple) else ()


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ("" if value is None else str(value))


def _texts(value: JSON) -> tuple[str, ...]:
    return tuple(_text(item) for item in _sequence(value) if item is not None)


def _whole(value: JSON) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
