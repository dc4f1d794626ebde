"""One run of one step: which files are settled already, what became of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agents.adapters.workspace.folder import Folder
from agents.adapters.workspace.names import Parts
from agents.adapters.workspace.steps import BoundFile, Replaced, Step
from agents.adapters.workspace.taking import InDoubt, LeftAlone, take
from agents.adapters.workspace.trash import BEGUN, DONE, LEFT, RESTORED, UNSURE, Log, Place
from agents.errors import OutsideWorkspace
from agents.wording import count

Answer: TypeAlias = Literal["done", "again"]
Tell: TypeAlias = Callable[[str], None]

SETTLED = frozenset({DONE, LEFT, RESTORED})
_PROGRESS = {
    "delete": "Moved {} to the trash",
    "move": "Moved {}",
    "write": "Wrote {}",
    "archive": "Packed {}",
}


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was left alone (or is in doubt), by shown path, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step really did. done: files; size: their bytes."""

    done: int
    size: int
    left: tuple[Left, ...]
    doubt: tuple[Left, ...]


@dataclass
class StepRun:
    """One run of one step over an open workspace."""

    folder: Folder
    place: Place
    step: Step
    log: Log
    tell: Tell
    answer: Answer | None
    doubt: list[Left] = field(default_factory=list)
    touched: set[Parts] = field(default_factory=set)

    @property
    def unsure(self) -> bool:
        """An earlier run may have acted, and its notes are gone from the trash."""
        return UNSURE in self.log.steps

    def begun(self, word: str | None) -> bool:
        return (word == BEGUN or (word is None and self.unsure)) and self.answer != "again"

    def settle(self, index: int, act: Callable[[BoundFile, bool], None]) -> None:
        """Do one file, unless its last word says that it is settled."""
        word, file = self.log.word(index), self.step.files[index]
        if word not in SETTLED:
            self.log.file(index, BEGUN)
            try:
                act(file, self.begun(word))
                self.log.file(index, DONE)
            except (LeftAlone, OutsideWorkspace) as error:
                self.log.file(index, LEFT, str(error))
            except InDoubt as error:
                self._doubt(index, str(error))
        self._progress(index)

    def _doubt(self, index: int, why: str) -> None:
        if self.answer == "done":
            self.log.file(index, DONE, "a person said so")
        else:
            self.doubt.append(Left(self.step.files[index].path, why))

    def _progress(self, index: int) -> None:
        number, total = index + 1, len(self.step.files)
        if number == total or number % max(1, total // 20) == 0:
            self.tell(_PROGRESS[self.step.draft.op].format(f"{number:,} of {count(total, 'file')}"))

    def take(self, source: Parts, bound: BoundFile | Replaced, begun: bool) -> None:
        kept = self.place.kept(source)
        self.touched |= {source[:-1], kept[:-1]}
        take(self.folder, source, kept, bound, begun=begun)

    def result(self) -> StepResult:
        words = [self.log.word(index) for index in range(len(self.step.files))]
        done = [file for file, word in zip(self.step.files, words, strict=True) if word in {DONE, RESTORED}]
        left = [
            Left(file.path, self.log.state[index].get("why") or "it was left alone")
            for index, file in enumerate(self.step.files)
            if words[index] == LEFT
        ]
        return StepResult(len(done), sum(file.size for file in done), tuple(left), tuple(self.doubt))
