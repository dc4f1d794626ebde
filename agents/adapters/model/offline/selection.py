"""Which files a clause means: kinds, names, globs and folders, as patterns for steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agents.adapters.model.offline.conditions import Conditions, take_conditions, year_window
from agents.adapters.model.offline.names import Name, nouns
from agents.adapters.model.offline.naming import read_names
from agents.adapters.model.offline.narrowing import common, covers, folded
from agents.adapters.model.offline.phrases import marking, split_phrase
from agents.adapters.model.offline.places import World, take_folders
from agents.adapters.model.offline.reader import Quotes, Reader
from agents.adapters.model.offline.words import VAGUE
from agents.adapters.workspace.matching import left_out
from agents.errors import ModelError

_AGED = "|".join(word for word, question in VAGUE.items() if "days" in question)
_SIZED = "|".join(word for word, question in VAGUE.items() if "KB" in question or "MB" in question)


@dataclass(frozen=True, slots=True)
class Selection:
    """Patterns, what they have in common, and the paths and globs left out of them. notes: how unclear things were read."""

    patterns: tuple[str, ...] = ()
    conditions: Conditions = field(default_factory=Conditions)
    exclude: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    about: str = ""
    """A word for the files, for the name of an archive: "logs", "report"."""


def read_each(text: str, quotes: Quotes, world: World, before: Selection | None = None) -> list[Selection]:
    """The selections that a noun phrase without exceptions names. before: what "them" stands for.

    Raises ModelError that names the words that were not understood; a phrase
    is never widened by passing over a part of it.
    """
    reader = marking(text, quotes, world.listing, world.today)
    take_folders(reader, quotes, world)
    phrases = split_phrase(text, reader, quotes) or [text]
    return [_read(phrase, quotes, world, before) for phrase in phrases]


def _read(text: str, quotes: Quotes, world: World, before: Selection | None) -> Selection:
    reader = Reader(text)
    named = read_names(reader, quotes, world.listing)
    conditions = take_conditions(reader, world.today)
    if conditions.older_than_days is not None or conditions.newer_than_days is not None:
        reader.take_all(_AGED)
    if conditions.larger_than_bytes is not None or conditions.smaller_than_bytes is not None:
        reader.take_all(_SIZED)
    folders, flat = take_folders(reader, quotes, world)
    them = before is not None and bool(reader.take(r"(?:all of\s+)?(?:them|those|these|it)"))
    noun = nouns(reader.rest, quotes, world.listing, world.folders)
    conditions_on_name = [*named, noun] if noun else named
    if them and conditions_on_name:
        raise ModelError(f"“{quotes.shown(text).strip()}” can be read in two ways. Name the files, or say only “them”.")
    if not conditions_on_name:
        return _without_names(reader, text, quotes, conditions, (folders, flat), before)
    notes: list[str] = []
    if conditions.year is not None:
        names, conditions, notes = _read_year(noun if not named else [], conditions, folders, world)
        conditions_on_name = [names] if names else conditions_on_name
    names = [name for each in conditions_on_name for name in each]
    tails, exclude = _tails(conditions_on_name, names, world)
    if not tails:
        raise ModelError(
            f"No file name fits all of “{quotes.shown(text).strip()}”. Say it in two sentences, or name one."
        )
    patterns = _placed(tails, folders, flat)
    exclude = [each for each in exclude if any(common(pattern.lower(), each.lower()) for pattern in patterns)]
    _check_literals(names, exclude, world)
    notes += [f"No file here fits {pattern}." for pattern in patterns if world.listing and not world.matching(pattern)]
    return Selection(patterns, conditions, tuple(dict.fromkeys(exclude)), tuple(notes), (noun or names)[0].about)


def _tails(conditions: list[list[Name]], names: list[Name], world: World) -> tuple[list[str], list[str]]:
    """Patterns of what fulfils every condition on the name, and what they are not to take."""
    unmeant = [glob for name in names for glob in name.not_meant()]
    tails = Name.tails(conditions[0], world.listing)
    for more in conditions[1:]:
        others = Name.tails(more, world.listing)
        both = [each for one in tails for other in others for each in _both(one, other)]
        tails = folded(each for each in dict.fromkeys(both) if not _all_unmeant(each, unmeant))
    return tails, unmeant


def _both(one: str, other: str) -> list[str]:
    if "/" not in one and "/" not in other:
        return common(one, other)
    found = common(*(each.removeprefix("./") if "/" in each else f"**/{each}" for each in (one, other)))
    return [each if "/" in each else f"./{each}" for each in found]


def _all_unmeant(tail: str, unmeant: list[str]) -> bool:
    return any(covers(glob.lower(), (tail if "/" in tail else f"**/{tail}").lower()) for glob in unmeant)


def _check_literals(names: list[Name], exclude: list[str], world: World) -> None:
    """What is left out for one name must not be what another one asks for."""
    literal = _placed(Name.tails([name for name in names if name.literal], world.listing), [], False)
    is_out = left_out(exclude)
    lost = [path for pattern in literal for path in world.matching(pattern) if is_out(path)]
    if lost:
        raise ModelError(f"It is not clear whether {lost[0]} is meant. Name these files in two sentences.")


def _without_names(
    reader: Reader,
    text: str,
    quotes: Quotes,
    conditions: Conditions,
    place: tuple[list[str], bool],
    before: Selection | None,
) -> Selection:
    """No kind and no name was said: "them", "files older than a year", "everything in cache/"."""
    folders, flat = place
    pronoun = re.search(r"\b(them|those|these|it|ones?|both)\b", text, re.IGNORECASE)
    if pronoun and before is not None and not folders and not flat:
        return replace(before, conditions=before.conditions.both(conditions))
    everything = re.search(r"\b(all|every|everything|anything|whole|entire|contents?)\b", text, re.IGNORECASE)
    bounded = conditions and re.search(r"\b(files?|ones|anything|everything|all)\b", text, re.IGNORECASE)
    if not (everything or bounded):
        said = quotes.shown(text).strip()
        what = f"“{said}” does not say" if said else "The task does not say"
        raise ModelError(f"{what} which files. Name a kind, a name or a folder, or say “all files”.")
    if conditions.year is not None:
        raise ModelError("Say which files from that year, or say “before” or “since” and the year.")
    inside = "*" if flat else "**/*"
    patterns = tuple(f"{folder}/{inside}" for folder in folders) or (inside,)
    return Selection(patterns, conditions, about=folders[0].rsplit("/", 1)[-1] if folders else "files")


def _read_year(
    names: list[Name], conditions: Conditions, folders: list[str], world: World
) -> tuple[list[Name], Conditions, list[str]]:
    """ "invoices from 2024": by their names where those carry the year, else by their last change."""
    year = conditions.year
    assert year is not None
    without = replace(conditions, year=None)
    dated = [each.also(str(year)) for each in names if not each.literal and not each.stem]
    if dated and any(world.matching(pattern) for pattern in _placed(Name.tails(dated, world.listing), folders, False)):
        return dated, without, [f"“{year}” was read as a part of the names."]
    return names, without.both(year_window(year, world.today)), [f"“{year}” was read as the year of the last change."]


def _placed(tails: list[str], folders: list[str], flat: bool) -> tuple[str, ...]:
    found: list[str] = []
    for tail in tails:
        if not folders:
            # "*" as typed means what a shell means by it: not every file in every folder.
            here = flat or "/" in tail or not re.search(r"\w", tail)
            found.append(tail.removeprefix("./") if here else f"**/{tail}")
        for folder in folders:
            inner = tail.removeprefix("./").removeprefix("**/")
            if inner.startswith(f"{folder}/"):
                found.append(inner)
            else:
                found.append(f"{folder}/{inner}" if flat or "/" in inner else f"{folder}/**/{inner}")
    return tuple(dict.fromkeys(found))
