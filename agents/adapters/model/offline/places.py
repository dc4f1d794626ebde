"""Where files are: the folders that exist, and those that a clause names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agents.adapters.model.offline.names import escape
from agents.adapters.model.offline.reader import MARK, Quotes, Reader
from agents.adapters.workspace.patterns import matcher
from agents.errors import OutsideWorkspace

PATH = rf"(?:{MARK}|[\w.*?{{}}\[\]~@+-]*/[\w./*?{{}}\[\]~@+ -]*?/?(?=[\s,]|$)|[\w.@+-]+)"
FOLDER = r"(?:sub)?(?:folder|director(?:y|ie)|dir)s?"
THE = r"(?:the\s+|my\s+|our\s+|a\s+|any\s+|all\s+|every\s+)*"
IN = r"(?:anywhere\s+)?(?:(?:directly\s+)?in|inside|under|below|within)"


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


def take_folders(reader: Reader, quotes: Quotes, world: World) -> tuple[list[str], bool]:
    """The folders that were named, and whether only the files directly in them are meant."""
    flat = bool(reader.take("directly-only"))
    flat = bool(reader.take(rf"{IN}\s+the\s+(?:top|root|main)(?:[- ]level)?(?:\s+{FOLDER})?")) or flat
    reader.take(
        rf"(?:,?\s*(?:and|or|including|also in)\s+)?(?:{IN}\s+)?(?:all\s+|any\s+)*(?:its|their|the)?\s*sub-?{FOLDER}"
    )
    reader.take(
        rf"(?:{IN}|from|of)\s+(?:the\s+|my\s+|this\s+|our\s+)?(?:whole\s+|entire\s+)?"
        rf"(?:workspace|project|everywhere|all {FOLDER}|any {FOLDER}|(?:this|the current|my) {FOLDER})"
    )
    found: list[str] = []
    known = "|".join(re.escape(name) for name in _folder_names(world)) or r"[^\s\S]"
    item = rf"(?:in\s+)?{THE}(?:[\w.@+-]*/[\w./@+-]*|(?:{known})(?!\s+(?:{FOLDER}|files?)\b)(?![\w./]))"
    more = rf"(?P<b>(?:\s*(?:,\s*and|,\s*or|and|or|,)\s*{item})*)"
    forms = (
        rf"(?:{IN}|from|of)\s+{THE}{FOLDER}\s+(?:named\s+|called\s+)?(?P<a>{PATH}){more}",
        rf"(?:{IN}|from|of)\s+{THE}(?P<a>{PATH})(?:\s*(?:and|or|,)\s*{THE}(?P<b>{PATH}))?\s+{FOLDER}",
        rf"(?:{IN}|from|of)\s+{THE}(?P<a>[\w.@+-]*/[\w./@+-]*){more}",
        rf"(?P<direct>directly\s+)?(?:in|inside|under|below|within)\s+{THE}(?P<a>{PATH}){more}",
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
    return reader.take_all(rf"(?:from|of)\s+{THE}(?P<a>{names})")


def _listed(text: str | None) -> list[str]:
    """ " and cache, docs/" -> ["cache", "docs/"]."""
    pieces = re.split(r"\s*(?:,|\band\b|\bor\b)\s*", text or "", flags=re.IGNORECASE)
    return [re.sub(rf"^(?:in\s+)?{THE}", "", piece, flags=re.IGNORECASE) for piece in pieces if piece.strip()]


def _folder_names(world: World) -> list[str]:
    return sorted(
        {each.rsplit("/", 1)[-1] for each in world.folders} | set(world.folders), key=lambda name: (-len(name), name)
    )


def _folder(text: str, quotes: Quotes, world: World) -> str:
    name = quotes.plain(text).strip().removeprefix("./")
    known = world.folder(name)
    return escape(known) if known else name.rstrip("/") or name
