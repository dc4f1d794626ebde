"""Carrying out an approved plan step by step, each one in the effect journal, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from agents.adapters.workspace import ACTING, Answer, Left, Place, Step, StepResult, Workspace
from agents.clock import Clock, to_text
from agents.domain import JSON
from agents.effects import Effect, EffectStatus
from agents.wording import count, size

LISTED = 1000
"""At most so many files are named in an outcome; how many there are is always said."""

NAMED = 5
"""So many of them in its sentence."""


_ANSWERS: dict[str, Answer] = {"done": "done", "again": "again"}


class EffectJournal(Protocol):
    """The part of agents.effects.Journal that carrying out a plan needs."""

    def get(self, key: str) -> Effect | None: ...
    def begin(self, key: str, kind: str, *, thread_id: str, request: JSON) -> Effect: ...
    def finish(self, key: str, result: JSON) -> None: ...
    def doubt(self, key: str, reason: str) -> None: ...


@dataclass
class _Done:
    """Counts over all steps so far, and a report per step."""

    files: int = 0
    size: int = 0
    wanted: int = 0
    left: list[dict[str, str]] = field(default_factory=list)
    left_count: int = 0
    steps: list[dict[str, JSON]] = field(default_factory=list)


@dataclass(frozen=True)
class Executor:
    """Does exactly the proposal's files. Raises SignoffError, having lost nothing, when the workspace cannot be used."""

    workspace: Workspace
    journal: EffectJournal
    clock: Clock
    tell: Callable[[str], None]

    def run(self, proposal: Mapping[str, Any], thread_id: str, answers: Mapping[str, str]) -> dict[str, JSON]:
        """The state's update: `outcome`, or `doubt` with the question for a person. Safe to run again."""
        done = _Done()
        for data in proposal["steps"]:
            step = Step.of(data)
            if step.draft.op not in ACTING:
                done.steps.append(_found(step))
                continue
            if not step.files:
                continue
            place = Place(thread_id, proposal["plan_id"], data["number"])
            report, doubt = self._step(step, place, answers, proposal.get("workspace_id"))
            if doubt:
                return {"doubt": doubt}
            _add(done, step, report)
        return {"outcome": _outcome(done, thread_id, bool(proposal["refused"])), "doubt": None}

    def _step(
        self, step: Step, place: Place, answers: Mapping[str, str], identity: str | None
    ) -> tuple[dict[str, JSON], dict[str, JSON] | None]:
        key = effect_key(place)
        effect = self.journal.begin(key, "file", thread_id=place.thread_id, request=_request(step, place))
        if effect.status is EffectStatus.DONE:
            return effect.result, None
        result = self.workspace.run_step(
            step,
            place,
            at=to_text(self.clock()),
            tell=self.tell,
            resumed=not effect.fresh,
            answer=_ANSWERS.get(answers.get(key, "")),
            identity=identity,
        )
        if result.doubt:
            self.journal.doubt(key, _why(result.doubt))
            return {}, _question(step, key, result.doubt)
        report = _report(step, result)
        self.journal.finish(key, report)
        return report, None


def effect_key(place: Place) -> str:
    return f"{place.thread_id}:{place.plan_id}:{place.number}"


def _request(step: Step, place: Place) -> dict[str, JSON]:
    draft = step.draft
    return {
        "op": draft.op,
        "path": draft.path or draft.pattern,
        "to": draft.destination,
        "files": len(step.files),
        "bytes": step.size,
        "sentence": step.sentence,
        "trash": "/".join(place.root),
    }


def _report(step: Step, result: StepResult) -> dict[str, JSON]:
    return {
        "sentence": step.sentence,
        "op": step.draft.op,
        "done": result.done,
        "bytes": result.size,
        "wanted": len(step.files),
        "left": [asdict(left) for left in result.left[:LISTED]],
        "left_count": len(result.left),
    }


def _found(step: Step) -> dict[str, JSON]:
    """A find's result: what the dry run found, which is what the reviewer saw."""
    return {
        "sentence": step.sentence,
        "op": "find",
        "done": len(step.files),
        "bytes": step.size,
        "files": [{"path": file.path, "size": file.size, "mtime_ns": file.mtime_ns} for file in step.files[:LISTED]],
        "files_count": len(step.files),
    }


def _add(done: _Done, step: Step, report: Mapping[str, JSON]) -> None:
    done.files += report["done"]
    done.size += report["bytes"]
    done.wanted += len(step.files)
    done.left += report["left"][: LISTED - len(done.left)]
    done.left_count += report["left_count"]
    done.steps.append(dict(report))


def _outcome(done: _Done, thread_id: str, refused: bool) -> dict[str, JSON]:
    status = "done" if done.files == done.wanted else "partly"
    details: dict[str, JSON] = {
        "steps": done.steps,
        "files": done.files,
        "bytes": done.size,
        "left": done.left,
        "left_count": done.left_count,
        "restorable": done.files > 0,
        "thread_id": thread_id,
    }
    return {"status": status, "text": _text(done, refused), "details": details}


def _text(done: _Done, refused: bool) -> str:
    acts = [_act_text(step) for step in done.steps if step["done"] or step["op"] == "find"]
    sentences = ["; ".join(acts) + "." if acts else "Nothing was changed."]
    if done.left_count:
        sentences.append(_left_text(done))
    elif not done.wanted and all(step["op"] != "find" for step in done.steps):
        sentences = ["Nothing was changed: the plan matched no files."]
    if refused:
        sentences.append("What had been refused was not done.")
    return " ".join(sentences)


def _left_text(done: _Done) -> str:
    named = done.left[:NAMED]
    if done.left_count == 1:
        return f"{named[0]['path']} was left alone: {named[0]['why']}."
    names = ", ".join(f"{left['path']} ({left['why']})" for left in named)
    rest = done.left_count - len(named)
    more = f" and {rest:,} more" if rest else ""
    return f"{count(done.left_count, 'file')} were left alone: {names}{more}."


def _act_text(step: Mapping[str, Any]) -> str:
    what = f"{count(step['done'], 'file')} ({size(step['bytes'])})"
    words = {
        "find": f"Found {what}",
        "delete": f"Moved {what} to the trash",
        "move": f"Moved {what}",
        "write": f"Wrote {what}",
        "archive": f"Packed {what} and moved the originals to the trash",
    }
    return words[step["op"]]


def _why(doubt: Sequence[Left]) -> str:
    return f"{doubt[0].path}: {doubt[0].why}" + (f" (and {len(doubt) - 1:,} more)" if len(doubt) > 1 else "")


def _question(step: Step, key: str, doubt: Sequence[Left]) -> dict[str, JSON]:
    return {
        "type": "in_doubt",
        "question": "Was this done?",
        "what": f"{step.sentence}. In doubt: {count(len(doubt), 'file')}.",
        "why": f"The run was interrupted, and the disk does not tell what became of {_why(doubt)}.",
        "files": [asdict(left) for left in doubt[:LISTED]],
        "effect_key": key,
        "options": ["mark as done", "do it again"],
        "problem": None,
    }
