"""Sorting an item into a category by the words in it, and by what reviewers said about earlier items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from agents.adapters.model.offline.advice import Rule, read_advice
from agents.adapters.model.offline.choices import Choice, Choices
from agents.adapters.model.offline.lexicon import HIGH, LOW
from agents.adapters.model.offline.terms import found, quoted, stems, text_of
from agents.adapters.model.schema import ItemInstruction, ItemRequest

_ALIKE = 0.4
"""The share of words that two items must have in common where no word speaks for the new category."""

_SHARED = 2
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Sorted:
    """notes: why, as sentences; they make up the reason that a reviewer reads."""

    category: str
    priority: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    data: Mapping[str, str]
    text: str
    scores: Mapping[str, int]
    words: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(data: Mapping[str, str], categories: Choices) -> _Item:
        text = text_of(data)
        hits = {each.name: _hits(each, text) for each in categories.all}
        scores = {name: sum(weight for _, weight in each) for name, each in hits.items()}
        words = {name: tuple(word for word, _ in each) for name, each in hits.items()}
        return _Item(data, text, scores, words)

    def best(self, categories: Choices, avoiding: str | None = None) -> str:
        """The category that most terms speak for; the first of equals. A single weak word does not decide."""
        allowed = [name for name, score in self.scores.items() if score >= _LEAST and name != avoiding]
        return max(allowed, key=lambda name: self.scores[name], default=categories.remainder())


def _hits(choice: Choice, text: str) -> list[tuple[str, int]]:
    """(word, weight): each word once, the weightiest first."""
    hits: dict[str, int] = {}
    for weight, terms in choice.terms:
        for word in found(terms, text):
            if not any(word in stronger for stronger in hits):
                hits[word] = weight
    return sorted(hits.items(), key=lambda hit: -hit[1])


class Sorter:
    """Sorts by the allowed values of two fields; either may be empty."""

    def __init__(self, categories: tuple[str, ...], priorities: tuple[str, ...]) -> None:
        self._names = categories, priorities
        self._categories = Choices.of(categories)
        self._levels = Choices.of(priorities).levels()

    def sort(self, request: ItemRequest) -> Sorted:
        """Instructions are followed in their order, so the newest has the last word."""
        item = self._item(request.data)
        result = self._by_words(item)
        for instruction in request.instructions:
            result = self._told(result, item, instruction)
        return result

    def _item(self, data: Mapping[str, str]) -> _Item:
        return _Item.of(data, self._categories)

    def _by_words(self, item: _Item) -> Sorted:
        if not self._categories.all:
            return self._with_priority(Sorted("", "", ()), item)
        category = item.best(self._categories)
        words = item.words[category]
        clear = item.scores[category] >= _LEAST
        note = f"Found {quoted(words)}." if clear else "Found no word that points to a category."
        return self._with_priority(Sorted(category, "", (note,)), item)

    def _with_priority(self, result: Sorted, item: _Item) -> Sorted:
        high, low = found(HIGH, item.text), found(LOW, item.text)
        level = "high" if high else "low" if low else "normal"
        words = (f"{level.capitalize()} priority for {quoted(high or low, 2)}.",) if high or low else ()
        return replace(result, priority=self._levels.get(level, level), notes=(*result.notes, *words))

    def _told(self, result: Sorted, item: _Item, instruction: ItemInstruction) -> Sorted:
        rules = read_advice(instruction.text, *self._names)
        example = self._example(instruction)
        if not example and not any(rule.points_somewhere for rule in rules):
            note = (
                f"The offline rules cannot follow “{_short(instruction.text)}”; a corrected item as an example helps."
            )
            return replace(result, notes=(*result.notes, note))
        for rule in rules:
            result = self._by_rule(result, item, rule, instruction.text)
        return self._by_example(result, item, instruction, example, rules)

    def _by_rule(self, result: Sorted, item: _Item, rule: Rule, text: str) -> Sorted:
        words = rule.matches(item.text, result.category)
        if words is None:
            return result
        target = rule.target
        category = target.category or result.category
        if target.avoid == result.category:
            category = item.best(self._categories, avoiding=target.avoid)
        because = f": found {quoted(words)}" if words else ""
        note = f"By the instruction “{_short(text)}”{because}."
        return self._changed(result, category, target.priority or result.priority, note)

    def _changed(self, result: Sorted, category: str, priority: str, note: str) -> Sorted:
        """The words found speak for the category before, so they go where that changes."""
        if (category, priority) == (result.category, result.priority):
            return result
        kept = result.notes if category == result.category else ()
        return Sorted(category, priority, (note, *kept))

    def _example(self, instruction: ItemInstruction) -> Sorted | None:
        """What the corrected item was made into; from the words of the instruction where it says only "this is billing"."""
        if instruction.input is None:
            return None
        said = dict(instruction.output or {})
        targets = [rule.target for rule in read_advice(instruction.text, *self._names) if not rule.points_somewhere]
        values = [*said.values(), *(value for each in targets for value in (each.category, each.priority) if value)]
        category = next((value for value in values if value in self._names[0]), "")
        priority = next((value for value in values if value in self._names[1]), "")
        return Sorted(category, priority, ()) if category or priority else None

    def _by_example(
        self, result: Sorted, item: _Item, instruction: ItemInstruction, example: Sorted | None, rules: tuple[Rule, ...]
    ) -> Sorted:
        """Only what was wrong about the example is changed, and only in items that were wrong in the same way."""
        if example is None or instruction.input is None:
            return result
        model = self._item(instruction.input)
        same = model.data == item.data
        before = self._by_words(model)
        category = example.category if example.category not in {"", before.category} else ""
        priority = example.priority if example.priority not in {"", before.priority} else ""
        if same:
            return self._changed(
                result, example.category or result.category, example.priority or result.priority, _LIKE
            )
        mistaken = self._by_words(item)
        alike = self._alike(model, item, category or before.category) if mistaken.category == before.category else ()
        if not alike or any(rule.points_somewhere for rule in rules):
            return result
        note = f"Like an item that a person corrected: {quoted(alike)}."
        return self._changed(result, category or result.category, priority or result.priority, note)

    def _alike(self, model: _Item, item: _Item, category: str) -> tuple[str, ...]:
        """What two items share: the words that speak for the category, else so many that they are about the same thing."""
        speaking = [word for word in model.words.get(category, ()) if word in item.words.get(category, ())]
        mine, theirs = stems(item.text), stems(model.text)
        shared = sorted(mine & theirs, key=lambda word: (-len(word), word))
        if model.words.get(category):
            return tuple(speaking) if speaking and len(shared) > _SHARED else ()
        smaller = min(len(mine), len(theirs)) or 1
        return tuple(shared) if len(shared) > _SHARED and len(shared) / smaller >= _ALIKE else ()


_LIKE = "A person corrected this item."


@lru_cache(maxsize=32)
def sorter(categories: tuple[str, ...], priorities: tuple[str, ...]) -> Sorter:
    return Sorter(categories, priorities)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
