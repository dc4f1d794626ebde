"""Names and kinds of files in a noun phrase: "*.tmp", "the pdf invoices", "files named report*"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from agents.adapters.model.offline.narrowing import either
from agents.adapters.model.offline.reader import MARK, Quotes
from agents.adapters.model.offline.words import ENDINGS, FILLER, KINDS, SENTENCE_WORDS, VAGUE, singular, word_set
from agents.errors import ModelError

_ARTICLES = word_set("the my our your this that a an all any every")
# Braces and commas would be read as alternatives; a class that holds them without naming them is not.
_ESCAPED = {"{": "[z-|]", "}": "[|-~]", ",": "[+--]"}


@dataclass(frozen=True, slots=True)
class Name:
    """One alternative of what files are called.

    literal: a glob or path as the person wrote it. stem: the file's whole name,
    or all of it before its ending. Otherwise the file's name holds all of
    `parts` as words and has one of `endings` (any, if empty).
    """

    literal: str | None = None
    stem: str | None = None
    parts: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    headless: bool = False
    """An ending without a noun, as "pdf" in "the pdf and csv reports"."""

    @property
    def about(self) -> str:
        word = self.stem or self.parts[0] if self.stem or self.parts else self.endings[0] if self.endings else "files"
        return re.sub(r"[^\w-]", "", word) or "files"

    def also(self, part: str) -> Name:
        return replace(self, parts=(*self.parts, part))

    def not_meant(self) -> list[str]:
        """What the pattern would take and the words do not mean: `*report*` is not to take "reporter.txt"."""
        if self.stem is not None:
            return [f"**/{escape(self.stem)}.*.*"] if not self.endings else []
        words = [escape(part) for part in self.parts if re.fullmatch(r"[^\W\d_]+", part)]
        return [f"**/{glob}" for word in words for glob in (f"*[a-z]{word}*", f"*{word}[a-rt-z]*", f"*{word}s[a-z]*")]

    @staticmethod
    def tails(names: Iterable[Name], listing: Collection[str]) -> list[str]:
        """Patterns for the alternatives, without folders. Endings of plain kinds share one pattern."""
        endings: list[str] = []
        tails: list[str] = []
        for name in names:
            if name.literal is not None:
                tails.append(name.literal)
            elif name.stem is not None:
                tails.append(_with_stem(name.stem, name.endings, listing))
            elif name.parts:
                tails += _with_parts(name, listing)
            else:
                endings += _cased(name.endings, listing)
                tails.append("")
        plain = f"*.{either(endings)}" if endings else ""
        tails = [tail or plain for tail in tails]
        return list(dict.fromkeys(tails))


def _with_stem(stem: str, endings: Collection[str], listing: Collection[str]) -> str:
    names = {path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for path in listing}
    spelled = sorted(escape(each) for each in names if each.lower() == stem.lower()) or [escape(stem)]
    if endings:
        return f"{either(spelled)}.{either(_cased(endings, listing))}"
    return either([name for each in spelled for name in (each, f"{each}.*")])


def _with_parts(name: Name, listing: Collection[str]) -> list[str]:
    ends = f".{either(_cased(name.endings, listing))}" if name.endings else ""
    cased = [either(_part_cases(part, listing)) for part in name.parts]
    orders = [cased] if len(cased) < 2 else [cased, cased[::-1]]
    middle = [f"*{'*'.join(order)}*{ends}" for order in orders]
    return [either(middle)] if len(middle) > 1 else middle


def _cased(endings: Iterable[str], listing: Collection[str]) -> list[str]:
    """The endings, also as they are spelled in the listing: "log", "LOG"."""
    there = {path.rsplit("/", 1)[-1].rsplit(".", 1)[-1] for path in listing if "." in path.rsplit("/", 1)[-1]}
    found: list[str] = []
    for ending in endings:
        found += [ending, *sorted(each for each in there if each != ending and each.lower() == ending)]
    if "log" in found and any(re.search(r"\.log\.[\w.-]+$", path) for path in listing):
        found.append("log.*")
    return found


def _part_cases(part: str, listing: Collection[str]) -> list[str]:
    escaped = escape(part)
    spelled = {
        match.group() for path in listing for match in re.finditer(re.escape(part), path.rsplit("/", 1)[-1], re.I)
    }
    there = sorted(escape(each) for each in spelled)
    return there if there else [escaped]


def escape(name: str) -> str:
    """A name as a pattern that means just that name."""
    return re.sub(r"[*?\[{},]", lambda match: _ESCAPED.get(match.group(), f"[{match.group()}]"), name)


def nouns(text: str, quotes: Quotes, listing: Collection[str], folders: Collection[str]) -> list[Name]:
    """What the rest of a phrase names, alternative by alternative.

    Raises ModelError for words that are vague, or that belong to a sentence
    which the rules did not read.
    """
    found: list[Name] = []
    text = re.sub(rf"\b(?:from|for|of|by|about)\s+(?={MARK}|[A-Z])", "", text)
    pieces = [
        piece for piece in re.split(r"\s*(?:,|;|&|\+|\b(?:and|or|plus|as well as)\b)\s*", text, flags=re.I) if piece
    ]
    for piece in pieces:
        found += _alternative(piece, quotes, listing, folders)
    return _share_noun(found)


def _share_noun(names: list[Name]) -> list[Name]:
    """ "the pdf and csv reports" are pdf reports and csv reports, not all pdf files."""
    last = names[-1] if names else None
    if last is None or not last.parts or not last.endings:
        return names
    return [replace(each, parts=last.parts) if each.headless else each for each in names]


@dataclass
class _Piece:
    """One alternative while its words are read."""

    endings: list[str] | None = None
    parts: list[str] = field(default_factory=list)
    literals: list[Name] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)
    plural: bool = False
    headless: bool = False
    kind_word: str = ""

    def add_kind(self, word: str, kind: tuple[str, ...]) -> None:
        """ "png images" is what both words allow; "log archives" are archives with "log" in the name."""
        if self.endings is None:
            self.endings, self.kind_word = list(kind), word
            return
        both = [ending for ending in self.endings if ending in kind]
        if not both:
            self.parts.append(singular(self.kind_word))
        self.endings, self.kind_word = both or list(kind), word


def _alternative(piece: str, quotes: Quotes, listing: Collection[str], folders: Collection[str]) -> list[Name]:
    inside = re.fullmatch(rf"(?:\w+ )*?(?P<name>{MARK}|[\w@+.-]+) (?:folder|directory|dir)s?", piece, re.IGNORECASE)
    if inside:
        return _in_folder(quotes.plain(inside["name"]), folders)
    read = _Piece()
    words = piece.split()
    for word in words:
        _read_word(read, word, piece, quotes, listing, folders)
    last = words[-1].lower().strip("()!?:")
    read.headless = _kind(last) is not None and singular(last) == last
    exact = len(read.literals) + len(read.stems)
    if exact > 1 or (exact and read.parts) or (read.literals and read.endings):
        raise ModelError(f"“{quotes.shown(piece)}” names files in two ways at once. Say one of the two.")
    if read.literals:
        return read.literals
    if read.stems:
        return [Name(stem=read.stems[0], endings=tuple(read.endings or ()))]
    return _named_folder(read, folders) or _plain_name(read)


def _read_word(
    read: _Piece, word: str, piece: str, quotes: Quotes, listing: Collection[str], folders: Collection[str]
) -> None:
    plain = quotes.plain(word)
    lower = plain.lower().strip("()!?:")
    kind = _kind(lower)
    if word != plain and not _looks_like_path(plain):
        _quoted(read, plain, listing)
    elif word == plain and lower in VAGUE:
        raise ModelError(f"The offline rules cannot tell {VAGUE[lower]}.")
    elif word == plain and kind is not None:
        read.add_kind(lower, kind)
    elif _looks_like_path(plain) or _is_listed(plain, listing):
        read.literals += _literal(plain, listing, folders)
    elif lower and lower not in FILLER:
        part = _keyword(lower, piece, quotes)
        read.plural = read.plural or part != lower or re.search(r"\bfiles?\b", piece, re.I) is not None
        alone = all(each.lower() == lower or each.lower() in _ARTICLES for each in piece.split())
        (read.stems if alone and part == lower and not _in_folder_named(lower, folders) else read.parts).append(part)


def _quoted(read: _Piece, name: str, listing: Collection[str]) -> None:
    """A quoted name is exactly that name; without an ending it may have any one."""
    if _is_listed(name, listing):
        read.literals += _literal(name, listing, ())
    elif "." in name.strip("."):
        read.literals.append(Name(literal=escape(name)))
    elif name.strip():
        read.stems.append(name)


def _in_folder(name: str, folders: Collection[str]) -> list[Name]:
    known = sorted(each for each in folders if each.rsplit("/", 1)[-1].lower() == name.lower())
    return [Name(literal=f"{escape(each)}/**/*") for each in known or [name]]


def _in_folder_named(word: str, folders: Collection[str]) -> list[str]:
    return sorted(each for each in folders if each.rsplit("/", 1)[-1].lower() == word)


def _plain_name(read: _Piece) -> list[Name]:
    if not read.parts and read.endings is None:
        return []
    endings = tuple(read.endings or ())
    return [Name(parts=tuple(read.parts), endings=endings, headless=read.headless and not read.parts)]


def _named_folder(read: _Piece, folders: Collection[str]) -> list[Name]:
    """ "reports" where a folder of that name is there: what it holds, and files of that name elsewhere."""
    if read.endings is not None or len(read.parts) != 1:
        return []
    word = read.parts[0].lower()
    if not read.plural:
        return [Name(literal=f"{escape(each)}/**/*") for each in _in_folder_named(word, folders)]
    known = sorted(each for each in folders if each.rsplit("/", 1)[-1].lower() in {word, f"{word}s"})
    if not known:
        return []
    return [*(Name(literal=f"{escape(each)}/**/*") for each in known), Name(parts=tuple(read.parts))]


def _keyword(word: str, piece: str, quotes: Quotes) -> str:
    if word in SENTENCE_WORDS or word.startswith("non-") or not re.fullmatch(r"[^\W\d_][\w'’-]*|\d{4}", word):
        raise ModelError(
            f"The offline rules do not understand “{quotes.shown(piece)}”. Name a kind, a name or a folder, "
            "for example “log files in app/ older than 30 days”."
        )
    return singular(word)


def _kind(word: str) -> tuple[str, ...] | None:
    """The endings that a word stands for: "logs", "pdf", "images"; ".jpg" is just that one."""
    if word.startswith("."):
        return (word[1:],) if re.fullmatch(r"\.\w{1,8}", word) else None
    for each in (word, singular(word)):
        if each in KINDS:
            return KINDS[each]
        if each in ENDINGS and len(each) > 1:
            return (each,)
    return None


def _looks_like_path(word: str) -> bool:
    return bool(
        re.search(r"[/*?\[]", word)
        or re.fullmatch(r"[\w@+~-][\w@+~.-]*\.[A-Za-z]\w{0,7}", word)
        or word.startswith("~")
    )


def _is_listed(word: str, listing: Collection[str]) -> bool:
    return any(path == word or path.rsplit("/", 1)[-1] == word for path in listing)


def _literal(word: str, listing: Collection[str], folders: Collection[str]) -> list[Name]:
    """A glob as it is; a name as the listed paths that carry it, or anywhere."""
    there = [path for path in listing if path.rsplit("/", 1)[-1] == word]
    if there:
        exact = word if word in there else there[0] if len(there) == 1 else None
        return [Name(literal=f"./{escape(exact)}" if exact else escape(word))]
    if word.endswith("/") or word in folders:
        return [Name(literal=f"{escape(word.rstrip('/'))}/**/*")]
    if re.search(r"[*?\[]", word):
        return [Name(literal=word)]
    if "/" in word:
        return [Name(literal=escape(word.removeprefix("./")))]
    return [Name(literal=escape(word))]
