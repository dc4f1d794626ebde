"""What a selection leaves out: "except debug.log", "keep the last 7 days", "not in app/"."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.adapters.model.offline.conditions import Conditions, take_conditions
from agents.adapters.model.offline.names import escape
from agents.adapters.model.offline.narrowing import unfolded
from agents.adapters.model.offline.places import FOLDER, IN, PATH, THE, World
from agents.adapters.model.offline.reader import Quotes, Reader
from agents.adapters.model.offline.selection import Selection, read_each
from agents.adapters.model.offline.words import FILLER
from agents.adapters.workspace.matching import left_out
from agents.errors import ModelError

EXCEPT = re.compile(
    r"\s*(?:,\s*)?(?:\b(?:but\s+|and\s+)?(?:except(?:ing)?(?:\s+for)?|excluding|apart from|other than|leaving out|leave out)\b"
    r"|\bbut\s+(?:not|keep|leave)\b|,\s*(?:not|keep|leave|don['’]t touch|do not touch)\b|\band\s+(?:not|keep)\b|\bwithout touching\b)\s+(?P<left>.+?)(?:\s+(?:alone|untouched|as they are|as it is|out))?$",
    re.IGNORECASE,
)
_FLAT = rf"(?:,\s*)?(?:but\s+)?(?:not|without)\s+(?:in\s+|its\s+)?(?:the\s+|its\s+|any\s+)?sub-?{FOLDER}"
_ORIGINALS = re.compile(
    rf"{THE}(?:originals?|source|sources|original files?|source files?|copies|a copy)", re.IGNORECASE
)


def read_selections(text: str, quotes: Quotes, world: World, before: Selection | None = None) -> list[Selection]:
    """The files that a noun phrase means, exceptions and all. before: what "them" stands for."""
    text = re.sub(_FLAT, " directly-only ", text, flags=re.IGNORECASE)
    kept = EXCEPT.search(text)
    found = read_each(text[: kept.start()] if kept else text, quotes, world, before)
    return [leave_out(each, kept["left"], quotes, world) for each in found] if kept else found


def leave_out(selection: Selection, text: str, quotes: Quotes, world: World) -> Selection:
    """The selection without what the text names: an age, a size, names or kinds."""
    if _ORIGINALS.fullmatch(text.strip()):
        raise ModelError(
            "The originals cannot be kept: an archive moves them to the trash, and a move takes them along. "
            "The offline rules cannot copy files. Restore them from the trash later, or take the step out."
        )
    text = re.sub(
        rf"^(?:for\s+|the\s+)?(?:ones?|those|files?|anything)\s+(?={IN}\s|from\s|newer|older|larger|smaller|bigger)",
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
    left = set(filter(left_out(patterns), mine))
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
    """What an exception names: globs that hold wherever the files are, exact paths as they are.

    A word that can be a folder or a kind of file is both: in doubt a file stays.
    """
    folder = re.fullmatch(
        rf"\s*(?P<in>(?:{IN}|from)\s+)?{THE}(?P<what>{FOLDER}\s+)?(?P<a>{PATH})(?P<then>\s+{FOLDER})?\s*",
        text,
        re.IGNORECASE,
    )
    if folder:
        name = quotes.plain(folder["a"]).strip("/")
        explicit = any(folder[each] for each in ("in", "what", "then")) or "/" in folder["a"]
        known = world.folder(name)
        if explicit and known:
            return [f"{escape(known)}/**/*" if known.lower() == name.lower() else f"**/{escape(name)}/**/*"]
        if folder["what"] or folder["then"] or folder["a"].endswith("/"):
            return [f"{escape(name)}/**/*" if "/" in name else f"**/{escape(name)}/**/*"]
    names = [quotes.plain(each) for each in re.split(r"\s*(?:,|\band\b|\bor\b)\s*", text) if each]
    if all(re.fullmatch(r"[^/*?\s]+\.\w+", name) for name in names):
        return [f"**/{escape(name)}" for name in names]
    as_folders = [name for name in map(_word, names) if name]
    try:
        found = _named(text, quotes, world)
    except ModelError:
        if len(as_folders) != len(names) or not all(map(world.folder, as_folders)):
            raise
        found = []
    either = [f"**/{escape(name)}{rest}" for name in as_folders for rest in ("/**/*", "", ".*")]
    return list(dict.fromkeys([*found, *(each for each in either if each)]))


def _word(text: str) -> str | None:
    """The word that is all of the text, and may be the name of a folder."""
    word = re.sub(rf"^{THE}", "", text.strip(), flags=re.IGNORECASE)
    return word if re.fullmatch(r"[\w-]+", word) and word.lower() not in FILLER else None


def _named(text: str, quotes: Quotes, world: World) -> list[str]:
    found = read_each(text, quotes, world)
    if any(each.conditions for each in found):
        raise ModelError(
            f"The offline rules cannot leave out “{quotes.shown(text).strip()}”. Name files, kinds of files, or one age or size."
        )
    patterns = [pattern for each in found for pattern in each.patterns]
    rotated = [f"{each}.*" for pattern in patterns for each in unfolded(pattern) if each.endswith("*.log")]
    return [
        each
        for pattern in (*patterns, *rotated)
        for each in ([pattern] if "*" in pattern else world.matching(pattern) or [pattern])
    ]
