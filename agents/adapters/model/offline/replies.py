"""A person's answers to the rules' questions: which files, what should happen to them, how old."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agents.adapters.model.offline.conditions import gather_conditions
from agents.adapters.model.offline.plans import TO_TRASH, take_target
from agents.adapters.model.offline.questions import HINTS, LIMITING, Ask
from agents.adapters.model.offline.reader import Quotes, Reader
from agents.adapters.model.offline.unclear import LOOSE_VERB, NOWHERE, phrase_of
from agents.adapters.model.offline.words import NUMBER, SIZE, UNIT, VERBS, word_set
from agents.adapters.model.schema import Operation
from agents.errors import ModelError, NotUnderstood

_OPEN = re.compile(
    r"(?:i\s+)?(?:don['’]?t\s+know|do\s+not\s+know|not\s+sure|no\s+idea|unsure|unknown|you\s+decide|whatever\s+you\s+think|skip)[.!]?|[\W_]*",
    re.IGNORECASE,
)
_ANY = re.compile(
    r"(?:any|all|every|no)(?:\s+(?:ages?|sizes?|limits?|of them|files?|times?))*|whatever|irrelevant|"
    r"(?:it\s+)?(?:doesn['’]?t|does\s+not|don['’]?t)\s+(?:matter|care)|(?:i\s+)?(?:don['’]?t|do\s+not)\s+(?:mind|care)|no matter(?: how \w+)?",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:no(?:thing|ne)?|nope|n/?a|not really|no, (?:thanks|nothing))(?:\s+(?:else|at all))?[.!]?", re.IGNORECASE
)
_KEEP = re.compile(
    r"^(?:yes,?\s+)?(?:please\s+)?(?:keep|except(?:\s+for)?|leave|spare|(?:don['’]?t|do not|never)\s+(?:touch|delete|move|remove))\s+"
    r"|\s+(?:alone|untouched|as (?:it is|they are))$",
    re.IGNORECASE,
)
_POLITE = re.compile(r"^(?:(?:please|just|only|simply|then|to|i mean|i would|i['’]d|yes,?)\s+)+", re.IGNORECASE)
_ONLY_LOOK = re.compile(
    r"(?:do\s+)?nothing(?:\s+yet)?|(?:leave|keep)\s+(?:them|it|everything)(?:\s+(?:alone|there|as (?:it is|they are)))?"
    r"|(?:take\s+a\s+)?look(?:\s+at\s+(?:them|it))?|(?:list|show|find|count|see)(?:\s+me)?(?:\s+(?:them|it|all of them))?",
    re.IGNORECASE,
)
_BIN = re.compile(r"(?:the\s+)?(?:trash|bin|recycle bin|rubbish)(?:\s+can)?\b", re.IGNORECASE)
_PRONOUNS = word_set("them it these those all of the files file ones everything and up")
_AROUND = word_set("that which are is old they should be")
_OLD = re.compile(
    rf"(?:over|more than|at least|after|>=?|from)?\s*(?P<n>{NUMBER})[\s-]*(?P<unit>{UNIT})?\s*(?:old|ago|\+|(?:or|and)\s+(?:older|more))?",
    re.IGNORECASE,
)
_FILES_IN = re.compile(r"^(?:the\s+|my\s+)?files?(?=\s+(?:in|inside|from|under|below)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Which:
    """Files as an answer names them. op: of a verb that stood before them. kept: what is left alone."""

    words: str
    op: Operation | None
    limited: bool
    placed: bool
    kept: str


@dataclass(frozen=True, slots=True)
class Done:
    """What should happen. limits: ages and sizes that were said along with it."""

    op: Operation
    target: str | None = None
    limits: str = ""


def is_open(answer: str) -> bool:
    """Nothing was said, or "I don't know"."""
    return _OPEN.fullmatch(answer.strip()) is not None


def read_which(answer: str) -> Which:
    """Never raises: whether the words name files is for the plan to find out."""
    text = _POLITE.sub("", answer.strip(" .!"))
    op: Operation | None = None
    loose = LOOSE_VERB.match(text)
    verb = loose or re.match(rf"(?:{'|'.join(VERBS.values())})(?=\s)", text, re.IGNORECASE)
    if verb:
        op = None if loose else next(op for op, verbs in VERBS.items() if re.fullmatch(verbs, verb.group(), re.I))
        text = text[verb.end() :].strip()
    phrase = phrase_of(text)
    words = phrase.head
    if re.fullmatch(r"[\w.@+-]*/[\w./@+-]*/|[\w.@+-]+/", words):
        words = f"all files in {words}"
    words = _FILES_IN.sub("all files", words)
    return Which(words, op, bool(phrase.limits), bool(phrase.places) or "/" in phrase.noun, phrase.kept)


def read_what(answer: str) -> Done:
    """Raises ModelError for an answer that is none of trash, move, archive and list."""
    quotes = Quotes()
    text = _POLITE.sub("", quotes.protect(answer.strip(" .!")))
    text = re.sub(r"^throw\s+(?:\w+\s+)?away", "delete", text, flags=re.IGNORECASE)
    if _ONLY_LOOK.fullmatch(text):
        return Done("find")
    for op in ("delete", "move", "archive", "find"):
        verb = re.match(rf"(?:{VERBS[op]})(?=\s|$)", text, re.IGNORECASE)
        if verb and not LOOSE_VERB.match(text):
            return _with_verb(op, text[verb.end() :].strip(), answer, quotes)
    if _BIN.search(text):
        return _done("delete", re.sub(r"\b(?:in ?to|to|in)\s*$", "", _BIN.sub("", text).strip()), None, answer, quotes)
    place = re.fullmatch(
        r"(?:(?:in ?to|to|in)\s+)?(?:the\s+)?(?:folder\s+)?(\S+/|\S+/\S+|\S+\.zip)", text, re.IGNORECASE
    )
    if place:
        return Done("archive" if place[1].lower().endswith(".zip") else "move", quotes.quoted(place[1]))
    raise misunderstood(answer, Ask.WHAT)


def _with_verb(op: Operation, rest: str, answer: str, quotes: Quotes) -> Done:
    if op == "delete" or (op == "move" and TO_TRASH.search(rest)):
        return _done("delete", TO_TRASH.sub("", rest), None, answer, quotes)
    words, target = take_target(op, rest, quotes) if op in {"move", "archive"} else (rest, None)
    return _done(op, words, target, answer, quotes)


def _done(op: Operation, rest: str, target: str | None, answer: str, quotes: Quotes) -> Done:
    """`rest` may say "them" and how old they are, and no more."""
    phrase = phrase_of(quotes.quoted(rest))
    if set(phrase.noun.lower().split()) - _PRONOUNS or phrase.kept or phrase.places or phrase.names:
        raise misunderstood(answer, Ask.WHAT)
    return Done(op, target, phrase.limits)


def read_where(answer: str) -> str:
    """The folder, as it stands after "to"."""
    bare = _POLITE.sub("", answer.strip())
    return re.sub(
        r"^(?:(?:move|put)\s+(?:them|it|these|those)\s+)?(?:in ?to|to|in|under)\s+", "", bare, flags=re.IGNORECASE
    )


def read_limits(answer: str, ask: Ask) -> str:
    """An age or a size as the rules read it, "" for any. Raises ModelError for another answer."""
    text = _POLITE.sub("", answer.strip(" .!"))
    if _ANY.fullmatch(text):
        return ""
    size = re.fullmatch(SIZE, text, re.IGNORECASE)
    if size and ask in {Ask.LARGE, Ask.SMALL}:
        return f"{'larger' if ask is Ask.LARGE else 'smaller'} than {text}"
    old = _OLD.fullmatch(text)
    if old and (old["unit"] or re.fullmatch(r"\d{1,3}", old["n"])) and ask in {Ask.AGE, Ask.LIMITS}:
        return f"older than {old['n']} {old['unit'] or 'days'}"
    for said in (text, f"older than {text}"):
        if _is_limit(said):
            return said
    raise misunderstood(answer, ask)


def _is_limit(text: str) -> bool:
    reader = Reader(text)
    found = gather_conditions(reader, NOWHERE.today)
    rest = set(re.sub(r"[,.]", " ", reader.rest.lower()).split())
    return bool(found) and not rest - _PRONOUNS - _AROUND


def read_kept(answer: str) -> str:
    """What is to be left alone; "" for nothing."""
    text = answer.strip(" !")
    return "" if _NONE.fullmatch(text) else _KEEP.sub("", text).strip()


def free_answers(text: str, asks: Collection[Ask]) -> Mapping[Ask, str]:
    """The answers in one text, each piece to the question that it fits. Raises ModelError for a piece that fits none."""
    quotes = Quotes()
    found: dict[Ask, str] = {}
    which: list[str] = []
    for piece in (quotes.quoted(each).strip() for each in re.split(r"[;,\n]|\.\s", quotes.protect(text))):
        ask = _fitting(piece, [each for each in asks if each not in found]) if piece else None
        if ask is not None:
            found[ask] = piece
        elif piece:
            which.append(piece)
    if which and Ask.WHICH not in asks:
        raise misunderstood(which[0], next(iter(asks)))
    return {**found, **({Ask.WHICH: ", ".join(which)} if which else {})}


def _fitting(piece: str, asks: Collection[Ask]) -> Ask | None:
    if _KEEP.match(piece):
        return Ask.SPARE if Ask.SPARE in asks else Ask.KEEP
    for ask in asks:
        try:
            if ask in LIMITING and not piece.isdigit():
                read_limits(piece, ask)
                return ask
            if ask is Ask.WHAT:
                read_what(piece)
                return ask
        except ModelError:
            continue
    return next((ask for ask in asks if ask in {Ask.WHERE, Ask.TEXT, Ask.FILE}), None)


def misunderstood(answer: str, ask: Ask) -> NotUnderstood:
    shown = answer if len(answer) <= 120 else f"{answer[:119]}…"
    return NotUnderstood(
        f"The offline rules do not understand “{shown}” as an answer to “{ask}”. "
        f"Start again, and say for example “{HINTS[ask]}”."
    )
