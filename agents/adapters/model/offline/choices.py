"""The allowed values of a field, and how people call them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from agents.adapters.model.offline.lexicon import LEVELS, REST, TOPICS, Topic
from agents.adapters.model.offline.terms import stem

_STRONG, _PLAIN, _WEAK = 4, 3, 1
_DECISIVE = 6
"""For the words of a name where another choice is about the same topic: they tell "Refunds" from "Invoices"."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value. roots: its words without endings; own: their weight. rest: takes what fits nowhere else."""

    name: str
    roots: tuple[str, ...]
    topics: tuple[Topic, ...]
    rest: bool
    own: int = _STRONG

    @property
    def terms(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """(weight, terms), for every kind of term that speaks for it."""
        own = () if self.rest else tuple(f"{root}*" if len(root) > 4 else root for root in self.roots)
        kinds = [(self.own, own)]
        for topic in self.topics:
            kinds += [(_STRONG, topic.strong), (_PLAIN, topic.plain), (_WEAK, topic.weak)]
        return tuple((weight, terms) for weight, terms in kinds if terms)


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of one field."""

    all: tuple[Choice, ...]

    @staticmethod
    @lru_cache(maxsize=64)
    def of(names: tuple[str, ...]) -> Choices:
        choices = [_choice(name) for name in names]
        shared = Counter(topic.names for each in choices for topic in each.topics)
        return Choices(tuple(replace(each, own=_own(each, shared)) for each in choices))

    def exactly(self, text: str, vague: Collection[str]) -> str | None:
        """The choice whose name is all that the text says."""
        roots = tuple(stem(word) for word in _words(text) if word not in vague)
        return next((each.name for each in self.all if each.roots == roots), None) if roots else None

    def named_in(self, words: list[str]) -> tuple[str | None, list[str]]:
        """The choice that the words name, by its own name or as its topic is called, and the words that are left."""
        for choice in sorted(self.all, key=lambda each: len(each.roots), reverse=True):
            at = _position([stem(word) for word in words], choice.roots)
            if at is not None:
                return choice.name, words[:at] + words[at + len(choice.roots) :]
        for at, word in enumerate(words):
            meant = [each.name for each in self.all if any(word in topic.names for topic in each.topics)]
            if len(meant) == 1:
                return meant[0], words[:at] + words[at + 1 :]
        return None, words

    def level_in(self, words: list[str]) -> tuple[str | None, list[str]]:
        """Likewise for a priority: "high priority", "urgent"."""
        name, left = self.named_in(words)
        if name is not None:
            return name, left
        levels = self.levels()
        for level, names in LEVELS.items():
            at = next((at for at, word in enumerate(words) if word in names), None)
            if at is not None and level in levels:
                return levels[level], words[:at] + words[at + 1 :]
        return None, words

    def levels(self) -> dict[str, str]:
        """high, normal and low -> the choice that means it; choices with other names count from the top."""
        named = {
            level: each.name for level, words in LEVELS.items() for each in self.all if each.name.casefold() in words
        }
        if named or not self.all:
            return named
        return {"high": self.all[0].name, "normal": self.all[len(self.all) // 2].name, "low": self.all[-1].name}

    def remainder(self) -> str:
        """The choice for what no term speaks for: the one that says so, else the last."""
        return next((each.name for each in self.all if each.rest), self.all[-1].name)


def _choice(name: str) -> Choice:
    words = _words(name)
    topics = tuple(topic for topic in TOPICS if topic.names & set(words))
    rest = bool(words) and set(words) <= REST | {"something", "anything", "category", "question"}
    return Choice(name, tuple(map(stem, words)), () if rest else topics, rest)


def _own(choice: Choice, shared: Mapping[frozenset[str], int]) -> int:
    if any(shared[topic.names] > 1 for topic in choice.topics):
        return _DECISIVE
    return _PLAIN if choice.topics else _STRONG


def _words(text: str) -> list[str]:
    """Also of "bug_report" and "BugReport"."""
    return re.findall(r"[^\W_]+", re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", text).casefold())


def _position(roots: list[str], wanted: tuple[str, ...]) -> int | None:
    span = len(wanted)
    return next((at for at in range(len(roots) - span + 1) if span and tuple(roots[at : at + span]) == wanted), None)
