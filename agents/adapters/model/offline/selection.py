"""Which files a clause means: kinds, names, globs and folders, as patterns for steps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from agents.adapters.model.offline.conditions import Conditions, take_conditions, year_window
from agents.adapters.model.offline.names import Name, escape, nouns, read_names
from agents.adapters.model.offline.reader import MARK, Quotes, Reader
from agents.adapters.model.offline.words import VAGUE
from agents.adapters.workspace.patterns import matcher
from agents.errors import ModelError, OutsideWorkspace

_PATH = rf"(?:{MARK}|[\w.*?{{}}\[\]~@+-]*/[\w./*?{{}}\[\]~@+ -]*?/?(?=[\s,]|$)|[\w.@+-]+)"
_FOLDER = r"(?:sub)?(?:folder|director(?:y|ie)|dir)s?"
_THE = r"(?:the\s+|my\s+|our\s+|a\s+|any\s+|all\s+|every\s+)*"
_IN = r"(?:anywhere\s+)?(?:(?:directly\s+)?in|inside|under|below|within)"
_EXCEPT = (
    r"\s*(?:,\s*)?(?:\b(?:but\s+|and\s+)?(?:except(?:ing)?(?:\s+for)?|excluding|apart from|other than|leaving out|leave out)\b"
    r"|\bbut\s+(?:not|keep|leave)\b|,\s*(?:not|keep|leave|don['’]t touch|do not touch)\b|\band\s+(?:not|keep)\b|\bwithout touching\b)\s+(?P<left>.+?)(?:\s+(?:alone|untouched|as they are|as it is|out))?$"
)
_FLAT = rf"(?:,\s*)?(?:but\s+)?(?:not|without)\s+(?:in\s+|its\s+)?(?:the\s+|its\s+|any\s+)?sub-?{_FOLDER}"
_AGED = "|".join(word for word, question in VAGUE.items() if "days" in question)
_SIZED = "|".join(word for word, question in VAGUE.items() if "KB" in question or "MB" in question)


@dataclass(frozen=True, slots=True)
class World:
    """What the rules know besides the sentence: the day, and the paths that are there."""

    today: date
    listing: tuple[str, ...] = ()
    folders: frozenset[str] = frozenset()

    @classmethod
    def of(cls, today: date, listing: Iterable[str]) -> World:
        paths = tuple(listing)
        folders = {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}
        return cls(today, paths, frozenset(folders))

    def folder(self, name: str) -> str | None:
        """The folder that a word means: its path, or the only one that ends in that name."""
        name = name.strip("/").lower()
        exact = [each for each in self.folders if each.lower() == name]
        ends = sorted(each for each in self.folders if each.lower().endswith(f"/{name}"))
        if exact:
            return exact[0]
        return ends[0] if len(ends) == 1 else None

    def matching(self, pattern: str) -> list[str]:
        try:
            test = matcher(pattern)
        except OutsideWorkspace:
            return []
        return [path for path in self.listing if test(path)]


@dataclass(frozen=True, slots=True)
class Selection:
    """Patterns, what they have in common, and the exact paths left out of them. notes: how unclear things were read."""

    patterns: tuple[str, ...] = ()
    conditions: Conditions = field(default_factory=Conditions)
    exclude: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    about: str = ""
    """A word for the files, for the name of an archive: "logs", "report"."""


def read_selection(text: str, quotes: Quotes, world: World, before: Selection | None = None) -> Selection:
    """The files that a noun phrase means. before: what "them" stands for.

    Raises ModelError that names the words that were not understood; a phrase
    is never widened by passing over a part of it.
    """
    text = re.sub(_FLAT, " directly-only ", text, flags=re.IGNORECASE)
    kept = re.search(_EXCEPT, text, re.IGNORECASE)
    main = text[: kept.start()] if kept else text
    found = _read(main, quotes, world, before)
    if kept is None:
        return found
    return leave_out(found, kept["left"], quotes, world)


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
    names = [*named, *nouns(reader.rest, quotes, world.listing, world.folders)]
    if them and names:
        raise ModelError(f"“{quotes.shown(text).strip()}” can be read in two ways. Name the files, or say only “them”.")
    if not names:
        return _without_names(reader, text, quotes, conditions, folders, before)
    notes: list[str] = []
    if conditions.year is not None:
        names, conditions, notes = _read_year(names, conditions, folders, world)
    patterns = _patterns(names, folders, flat, world)
    notes += [f"No file here fits {pattern}." for pattern in patterns if world.listing and not world.matching(pattern)]
    return Selection(patterns, conditions, (), tuple(notes), names[0].about)


def _without_names(
    reader: Reader, text: str, quotes: Quotes, conditions: Conditions, folders: list[str], before: Selection | None
) -> Selection:
    """No kind and no name was said: "them", "files older than a year", "everything in cache/"."""
    pronoun = re.search(r"\b(them|those|these|it|ones?|both)\b", text, re.IGNORECASE)
    if pronoun and before is not None and not folders:
        return replace(before, conditions=before.conditions.both(conditions))
    everything = re.search(r"\b(all|every|everything|anything|whole|entire|contents?)\b", text, re.IGNORECASE)
    bounded = conditions and re.search(r"\b(files?|ones|anything|everything|all)\b", text, re.IGNORECASE)
    if not (everything or bounded):
        said = quotes.shown(text).strip()
        what = f"“{said}” does not say" if said else "The task does not say"
        raise ModelError(f"{what} which files. Name a kind, a name or a folder, or say “all files”.")
    if conditions.year is not None:
        raise ModelError("Say which files from that year, or say “before” or “since” and the year.")
    patterns = tuple(f"{folder}/**/*" for folder in folders) or ("**/*",)
    return Selection(patterns, conditions, about=folders[0].rsplit("/", 1)[-1] if folders else "files")


def take_folders(reader: Reader, quotes: Quotes, world: World) -> tuple[list[str], bool]:
    """The folders that were named, and whether only the files directly in them are meant."""
    flat = bool(reader.take("directly-only"))
    flat = bool(reader.take(rf"{_IN}\s+the\s+(?:top|root|main)(?:[- ]level)?(?:\s+{_FOLDER})?")) or flat
    reader.take(
        rf"(?:,?\s*(?:and|or|including|also in)\s+)?(?:{_IN}\s+)?(?:all\s+|any\s+)*(?:its|their|the)?\s*sub-?{_FOLDER}"
    )
    reader.take(
        rf"(?:{_IN}|from|of)\s+(?:the\s+|my\s+|this\s+|our\s+)?(?:whole\s+|entire\s+)?"
        rf"(?:workspace|project|everywhere|all {_FOLDER}|any {_FOLDER}|(?:this|the current|my) {_FOLDER})"
    )
    found: list[str] = []
    known = "|".join(re.escape(name) for name in _folder_names(world)) or r"[^\s\S]"
    item = rf"(?:in\s+)?{_THE}(?:[\w.@+-]*/[\w./@+-]*|(?:{known})(?!\s+{_FOLDER})(?![\w./]))"
    more = rf"(?P<b>(?:\s*(?:,\s*and|,\s*or|and|or|,)\s*{item})*)"
    forms = (
        rf"(?:{_IN}|from|of)\s+{_THE}{_FOLDER}\s+(?:named\s+|called\s+)?(?P<a>{_PATH}){more}",
        rf"(?:{_IN}|from|of)\s+{_THE}(?P<a>{_PATH})(?:\s*(?:and|or|,)\s*{_THE}(?P<b>{_PATH}))?\s+{_FOLDER}",
        rf"(?:{_IN}|from|of)\s+{_THE}(?P<a>[\w.@+-]*/[\w./@+-]*){more}",
        rf"(?P<direct>directly\s+)?(?:in|inside|under|below|within)\s+{_THE}(?P<a>{_PATH}){more}",
    )
    for form in forms:
        for match in reader.take_all(form):
            flat = flat or "directly" in match.group().lower()
            found += [_folder(each, quotes, world) for each in (match["a"], *_listed(match["b"]))]
    found += [_folder(match["a"], quotes, world) for match in _known_from(reader, quotes, world)]
    return found, flat


def _known_from(reader: Reader, quotes: Quotes, world: World) -> list[re.Match[str]]:
    """ "from logs" is a folder only if there is one: "invoices from Acme" is a name."""
    names = "|".join(re.escape(name) for name in _folder_names(world))
    if not names:
        return []
    return reader.take_all(rf"(?:from|of)\s+{_THE}(?P<a>{names})")


def _listed(text: str | None) -> list[str]:
    """ " and cache, docs/" -> ["cache", "docs/"]."""
    pieces = re.split(r"\s*(?:,|\band\b|\bor\b)\s*", text or "", flags=re.IGNORECASE)
    return [re.sub(rf"^(?:in\s+)?{_THE}", "", piece, flags=re.IGNORECASE) for piece in pieces if piece.strip()]


def _folder_names(world: World) -> list[str]:
    return sorted(
        {each.rsplit("/", 1)[-1] for each in world.folders} | set(world.folders), key=lambda name: (-len(name), name)
    )


def _folder(text: str, quotes: Quotes, world: World) -> str:
    name = quotes.plain(text).strip().removeprefix("./")
    return world.folder(name) or name.rstrip("/") or name


def _read_year(
    names: list[Name], conditions: Conditions, folders: list[str], world: World
) -> tuple[list[Name], Conditions, list[str]]:
    """ "invoices from 2024": by their names where those carry the year, else by their last change."""
    year = conditions.year
    assert year is not None
    without = replace(conditions, year=None)
    dated = [each.also(str(year)) for each in names if not each.literal]
    if dated and any(world.matching(pattern) for pattern in _patterns(dated, folders, False, world)):
        return dated, without, [f"“{year}” was read as a part of the names."]
    return names, without.both(year_window(year, world.today)), [f"“{year}” was read as the year of the last change."]


def _patterns(names: list[Name], folders: list[str], flat: bool, world: World) -> tuple[str, ...]:
    found: list[str] = []
    for tail in Name.tails(names, world.listing):
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


def leave_out(selection: Selection, text: str, quotes: Quotes, world: World) -> Selection:
    """The selection without what the text names: an age, a size, names or kinds."""
    text = re.sub(
        rf"^(?:for\s+|the\s+)?(?:ones?|those|files?|anything)\s+(?={_IN}\s|from\s|newer|older|larger|smaller|bigger)",
        "",
        text,
    )
    reader = Reader(text)
    conditions = take_conditions(reader, world.today)
    plain = re.sub(r"\b(the|those|ones?|files?|from|any|all|anything)\b", "", reader.rest, flags=re.IGNORECASE).strip()
    if conditions and not plain:
        return replace(selection, conditions=selection.conditions.both(_opposite(conditions)))
    patterns = _patterns_of(text, quotes, world)
    mine = {path for pattern in selection.patterns for path in world.matching(pattern)}
    left = {path for pattern in patterns for path in world.matching(pattern)} & mine
    said = quotes.shown(text).strip()
    note = (
        f"Left out: {said} ({_files(len(left))} of those seen)."
        if left
        else f"Nothing that fits “{said}” was seen here."
    )
    exclude = tuple(dict.fromkeys([*selection.exclude, *patterns]))
    return replace(selection, exclude=exclude, notes=(*selection.notes, note))


def _opposite(conditions: Conditions) -> Conditions:
    said = conditions.as_fields()
    if len(said) != 1:
        raise ModelError("An exception can have one age or one size. Say it as two sentences.")
    (name, value) = next(iter(said.items()))
    return {
        "older_than_days": Conditions(newer_than_days=value),
        "newer_than_days": Conditions(older_than_days=value),
        "larger_than_bytes": Conditions(smaller_than_bytes=int(value) + 1),
        "smaller_than_bytes": Conditions(larger_than_bytes=max(int(value) - 1, 0)),
    }[name]


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"


def _patterns_of(text: str, quotes: Quotes, world: World) -> list[str]:
    """What an exception names: globs that hold wherever the files are, exact paths as they are."""
    folder = re.fullmatch(
        rf"\s*(?:(?:{_IN}|from)\s+)?{_THE}(?:{_FOLDER}\s+)?(?P<a>{_PATH})(?:\s+{_FOLDER})?\s*", text, re.IGNORECASE
    )
    if folder:
        known = world.folder(quotes.plain(folder["a"]))
        if known:
            return [f"{known}/**/*"]
    names = [quotes.plain(each) for each in re.split(r"\s*(?:,|\band\b|\bor\b)\s*", text) if each]
    if all(re.fullmatch(r"[^/*?\s]+\.\w+", name) for name in names):
        return [f"**/{escape(name)}" for name in names]
    found = _read(text, quotes, world, None)
    if found.conditions:
        raise ModelError(
            f"The offline rules cannot leave out “{quotes.shown(text).strip()}”. Name files, kinds of files, or one age or size."
        )
    return [
        each
        for pattern in found.patterns
        for each in ([pattern] if "*" in pattern else world.matching(pattern) or [pattern])
    ]
