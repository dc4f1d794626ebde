"""What the rules can tell of a clause that they cannot carry out: its verb, and the words about files that still hold.

Nothing here guesses: what is neither a verb, a place, an age, a size nor an
exception is the noun, and whether the noun names files is asked of the same
rules that make plans.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from agents.adapters.model.offline.clauses import split_pieces, trim
from agents.adapters.model.offline.exceptions import EXCEPT, read_selections
from agents.adapters.model.offline.phrases import marking
from agents.adapters.model.offline.places import THE, World, take_folders
from agents.adapters.model.offline.plans import TO_TRASH, read_task, take_target
from agents.adapters.model.offline.reader import Quotes
from agents.adapters.model.offline.words import CANNOT, VAGUE, VERBS
from agents.adapters.model.schema import Operation
from agents.errors import ModelError

NOWHERE = World(date(9999, 1, 1))
"""A world without files, for what has to be read before anybody looks: every date lies in its past."""

_AGED = "|".join(word for word, question in VAGUE.items() if "days" in question)
_LARGE = "|".join(word for word, question in VAGUE.items() if "MB" in question)
_SMALL = "|".join(word for word, question in VAGUE.items() if "KB" in question)
_LOOSE = (
    r"clean(?:\s+up|\s+out)?|tidy(?:\s+up)?|organi[sz]e|sort(?:\s+out)?|declutter|deal\s+with|take\s+care\s+of|"
    r"do\s+something\s+(?:about|with)|handle|reduce"
)
LOOSE_VERB = re.compile(rf"(?:{_LOOSE})(?=\s|$)", re.IGNORECASE)
_ANYWHERE = re.compile(
    rf"^{THE}(?:this\s+|whole\s+|entire\s+)*(?:work\s?space|folders?|director(?:y|ies)|disk|drive|place|mess|space|room)$",
    re.IGNORECASE,
)
_FROM = r"(?:from|of)\s+(?:the\s+|my\s+)?[\w.@+/-]+(?:\s+(?:folder|directory))?"
_THEM = re.compile(r"\b(?:them|those|these|it)\b", re.IGNORECASE)
_DOCUMENT = re.compile(r"\b(?:note|file|memo|document|readme|list|text|saying|containing)\b", re.IGNORECASE)

_INTO_FILE = re.compile(r"^write\s.*\b(?:to|into|in)\s+\S+\.\w+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase in its parts, as the person wrote them: "the old stuff in cache/ except a.log".

    limits: ages and sizes. names: "named x*", "starting with x". noun: what
    is left when all of these and the exceptions are taken out; head: all but the exceptions.
    """

    noun: str
    head: str = ""
    places: str = ""
    limits: str = ""
    names: str = ""
    kept: str = ""


@dataclass(frozen=True)
class Unclear:
    """A clause that is not carried out as it stands. op: None where its verb does not say what happens to the files."""

    said: str
    op: Operation | None
    phrase: Phrase
    target: str | None

    @property
    def noun(self) -> str:
        """Without the words that only say "old" or "large"."""
        return without_vague(self.phrase.noun)

    @cached_property
    def names_files(self) -> bool:
        """Whether the noun says which files; "old files" does as soon as the age is known."""
        vague = self.aged or self.large or self.small
        return understood(f"{self.noun} older than 1 day" if vague and self.noun else self.noun)

    @cached_property
    def kept_is_clear(self) -> bool:
        """Whether the exception says what is left alone; "what matters" does not."""
        return not self.phrase.kept or planned(f"find all files except {self.phrase.kept}")

    @property
    def aged(self) -> bool:
        return _has(_AGED, self.phrase.noun)

    @property
    def large(self) -> bool:
        return _has(_LARGE, self.phrase.noun)

    @property
    def small(self) -> bool:
        return _has(_SMALL, self.phrase.noun)


def clauses_of(task: str) -> list[str]:
    """The clauses as written; [""] for a task that says nothing."""
    quotes = Quotes()
    return [quotes.quoted(piece) for piece in split_pieces(quotes.protect(task.strip()))] or [""]


def unclear_clauses(task: str, world: World) -> list[str]:
    """The clauses that a person has to explain.

    None where the rules can plan the task, and where they know already that they cannot do it.
    """
    pieces = clauses_of(task)
    if any(_cannot(piece) for piece in pieces):
        return []
    loose = [piece for piece in pieces if is_loose(piece, world)]
    if loose or planned(task, world):
        return loose
    found = [piece for piece in pieces if not planned(piece, world) and not _THEM.search(piece)]
    return found or pieces


def is_loose(piece: str, world: World) -> bool:
    """ "clean up the logs": understood, but not what should happen to which of them."""
    verb = LOOSE_VERB.match(piece)
    if verb is None:
        return False
    rest = phrase_of(piece[verb.end() :])
    return not rest.limits or not understood(without_vague(rest.noun), world)


def read_clause(piece: str) -> Unclear:
    """The parts of an unclear clause; the same for the same words, whatever files there are."""
    loose = LOOSE_VERB.match(piece)
    if loose:
        return Unclear(piece, None, phrase_of(piece[loose.end() :]), None)
    for op, verbs in VERBS.items():
        verb = re.match(rf"(?:{verbs})(?=\s|$)", piece, re.IGNORECASE)
        if verb and (op != "write" or _DOCUMENT.search(piece) or _INTO_FILE.search(piece)):
            return _with_verb(piece, op, piece[verb.end() :].strip())
    phrase = phrase_of(piece)
    return Unclear(piece, None, phrase if _names_a_kind(without_vague(phrase.noun)) else replace(phrase, noun=""), None)


def _with_verb(piece: str, op: Operation, rest: str) -> Unclear:
    quotes = Quotes()
    protected = quotes.protect(rest)
    if op == "move" and TO_TRASH.search(protected):
        return Unclear(piece, "delete", phrase_of(quotes.quoted(TO_TRASH.sub("", protected))), None)
    words, target = take_target(op, protected, quotes) if op in {"move", "archive"} else (protected, None)
    return Unclear(piece, op, phrase_of(quotes.quoted(words)), target)


def phrase_of(text: str) -> Phrase:
    """The parts of a noun phrase; one that the rules cannot take apart is a noun as a whole."""
    quotes = Quotes()
    protected = quotes.protect(text.strip())
    exception = EXCEPT.search(protected)
    head = protected[: exception.start()] if exception else protected
    kept = quotes.quoted(exception["left"]).strip() if exception else ""
    try:
        reader = marking(head, quotes, (), NOWHERE.today)
        take_folders(reader, quotes, NOWHERE)
    except ModelError:
        return Phrase(quotes.quoted(head).strip(), quotes.quoted(head).strip(), kept=kept)
    reader.take_all(_FROM)

    def taken(kind: str) -> str:
        found = [reader.taken[int(number)] for number in re.findall(f"\ue002{kind}(\\d+)\ue003", reader.rest)]
        return quotes.quoted(" ".join(reader.restored(each) for each in found))

    noun = trim(quotes.quoted(re.sub("\ue002[NCF]\\d+\ue003", " ", reader.rest)))
    return Phrase(" ".join(noun.split()), quotes.quoted(head).strip(), taken("F"), taken("C"), taken("N"), kept)


def without_vague(text: str) -> str:
    quotes = Quotes()
    bare = re.sub(rf"\b(?:{_AGED}|{_LARGE}|{_SMALL})\b", " ", quotes.protect(text), flags=re.IGNORECASE)
    return " ".join(quotes.quoted(bare).split())


def understood(noun: str, world: World = NOWHERE) -> bool:
    """Do these words name files?"""
    quotes = Quotes()
    protected = quotes.protect(noun)
    if not noun or _ANYWHERE.match(protected):
        return False
    try:
        return bool(read_selections(protected, quotes, world))
    except ModelError:
        return False


def _names_a_kind(noun: str) -> bool:
    """Do these words, without a verb before them, name files by their ending? Other words may say anything."""
    quotes = Quotes()
    try:
        found = read_selections(quotes.protect(noun), quotes, NOWHERE) if noun else []
    except ModelError:
        return False
    patterns = [pattern for each in found for pattern in each.patterns]
    return bool(patterns) and all(re.fullmatch(r"(?:\*\*/)?\*\.[\w{},]+", pattern) for pattern in patterns)


def planned(task: str, world: World = NOWHERE) -> bool:
    """Do the rules make a plan of it?"""
    try:
        return bool(read_task(task, world).steps)
    except (ModelError, ValueError):
        return False


def _cannot(piece: str) -> bool:
    return CANNOT.match(piece) is not None and LOOSE_VERB.match(piece) is None


def _has(words: str, text: str) -> bool:
    return re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) is not None
