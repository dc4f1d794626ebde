"""A noun phrase cut into selections: "log files in a and csv files in b" are two, "pdf and csv files in a" is one.

What belongs to which part is read from the order of the words; where the
order leaves a doubt, it is refused, since a wrong guess takes other files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agents.adapters.model.offline.conditions import gather_conditions
from agents.adapters.model.offline.naming import read_names
from agents.adapters.model.offline.reader import Quotes, Reader
from agents.adapters.model.offline.words import FILLER, word_set
from agents.errors import ModelError

_MARK = re.compile("\ue002([NCF])(\\d+)\ue003")
_JOINTS = re.compile(r"(\s*(?:,\s*(?:(?:and|or)\b)?|;|&|\+|\b(?:and|or|plus|as well as)\b)\s*)", re.IGNORECASE)
_ANY = word_set("file files everything anything items")
_EMPTY_WORDS = (FILLER | word_set("them it themselves also only but")) - _ANY


class Marking(Reader):
    """A reader that leaves a mark where it cut: N a name, C an age or a size, F a folder."""

    kind = "N"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.taken: list[str] = []

    def take(self, pattern: str) -> re.Match[str] | None:
        before = self._text
        match = super().take(pattern)
        if match:
            mark = f" \ue002{self.kind}{len(self.taken)}\ue003 "
            self._text = before[: match.start()] + mark + before[match.end() :]
            self.taken.append(match.group())
        return match

    def restored(self, text: str) -> str:
        while _MARK.search(text):
            text = _MARK.sub(lambda match: self.taken[int(match.group(2))], text)
        return text


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two joints. kinds: its marks in order, as "CF"."""

    joint: str
    text: str
    kinds: str
    specific: bool
    generic: bool

    @property
    def noun(self) -> bool:
        return self.specific or self.generic

    @property
    def is_choice(self) -> bool:
        return "or" in self.joint.lower()


def split_phrase(text: str, reader: Marking, quotes: Quotes) -> list[str]:
    """The selections that a phrase names, each with all that is said of it. `reader` has the folders marked.

    Raises ModelError where it is in doubt what belongs to what.
    """
    pieces = _pieces(reader.rest)
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if groups and (not piece.noun or not any(each.kinds for each in groups[-1])):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    doubt = ModelError(
        f"“{quotes.shown(text).strip()}” can be read in two ways: it is not clear what belongs to which files. "
        "Say it in two sentences, for example “delete log files in app/. Delete csv files older than 30 days.”"
    )
    if any(_mixed(group) or _alternates(group) is None for group in groups):
        raise doubt
    shared = _shared(groups)
    if shared is None:
        raise doubt
    return [
        reader.restored(f"{variant} {extra}") for group, extra in zip(groups, shared, strict=True)
        for variant in _alternates(group) or ()
    ]  # fmt: skip


def marking(text: str, quotes: Quotes, listing: Sequence[str], today: date) -> Marking:
    """The phrase with its names, ages and sizes marked; the next that is taken is a folder."""
    reader = Marking(text)
    read_names(reader, quotes, listing)
    reader.kind = "C"
    gather_conditions(reader, today)
    reader.kind = "F"
    return reader


def _pieces(structure: str) -> list[_Piece]:
    found: list[_Piece] = []
    parts = ["", *_JOINTS.split(structure)]
    joint = ""
    for at in range(0, len(parts), 2):
        joint += parts[at]
        text = parts[at + 1].strip()
        if not text:
            continue
        words = {word.lower().strip("()!?:") for word in _MARK.sub(" ", text).split()} - {""}
        kinds = "".join(match.group(1) for match in _MARK.finditer(text))
        found.append(_Piece(joint, text, kinds, bool(words - _EMPTY_WORDS - _ANY), bool(words & _ANY)))
        joint = ""
    return found


def _mixed(group: Sequence[_Piece]) -> bool:
    """ "logs and everything in a": all of a, or the logs in it?"""
    named = [piece for piece in group if piece.noun]
    return len(named) > 1 and any(not piece.specific for piece in named)


def _shared(groups: Sequence[Sequence[_Piece]]) -> list[str] | None:
    """What each group gets from a last "older than 30 days" that is said of all; None in doubt."""
    extra = [""] * len(groups)
    for kind in "NCF":
        has = [any(kind in piece.kinds for piece in group) for group in groups]
        if all(has) or not any(has):
            continue
        last = groups[-1][-1]
        if kind != "C" or any(has[:-1]) or _alternates(groups[-1]) != [_joined(groups[-1])]:
            return None
        mark = list(_MARK.finditer(last.text))[-1:]
        if sum(piece.kinds.count("C") for piece in groups[-1]) != 1 or not last.kinds.endswith("C"):
            return None
        extra = [mark[0].group() if at < len(groups) - 1 else "" for at in range(len(groups))]
    return extra


def _alternates(group: Sequence[_Piece]) -> list[str] | None:
    """The group's readings: two for "logs older than a year or larger than 1 MB"; None in doubt."""
    choices = [at for at, piece in enumerate(group) if at and piece.is_choice and not piece.noun]
    folders = [at for at in choices if group[at].kinds == "F" and group[at - 1].kinds.endswith("F")]
    if choices == folders:
        return [_joined(group)]
    tail = list(range(choices[0], len(group)))
    ages = sum(piece.kinds.count("C") for piece in group)
    head = group[choices[0] - 1]
    if choices != tail or any(group[at].kinds != "C" for at in tail) or not head.kinds.endswith("C"):
        return None
    if ages != len(tail) + 1:
        return None
    base, mark = _joined(group[: choices[0]]), list(_MARK.finditer(head.text))[-1].group()
    return [base, *(base.replace(mark, group[at].text) for at in tail)]


def _joined(group: Sequence[_Piece]) -> str:
    return "".join(f"{piece.joint if at else ''} {piece.text}" for at, piece in enumerate(group))
