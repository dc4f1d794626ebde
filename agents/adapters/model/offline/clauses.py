"""A task in sentences, cut into clauses of one verb each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agents.adapters.model.offline.reader import Quotes
from agents.adapters.model.offline.words import ANY_VERB, CANNOT, VERBS
from agents.adapters.model.schema import Operation
from agents.errors import ModelError

EXAMPLES = (
    "Say for example: “delete all log files older than 30 days”, “move the pdf files in inbox/ to archive/2024”, "
    "“archive reports older than 1 year into old-reports.zip”, “find files larger than 5 MB”, or "
    "“write notes/todo.txt saying 'call Bob'”."
)

_POLITE = re.compile(
    r"^(?:please|kindly|can you|could you|would you|will you|i(?:'d| would) like (?:you )?to|i want (?:you )?to|i need (?:you )?to|"
    r"we (?:need|want) to|let's|help me(?: to)?|go ahead and|now|first(?:ly)?|second(?:ly)?|third(?:ly)?|just|also|and|then|so|"
    r"hey|hi|hello|ok(?:ay)?|next|finally|lastly|afterwards|in addition|additionally|\d+[.)]|[-*•])(?:[\s,]+|$)",
    re.IGNORECASE,
)
_THANKS = re.compile(r"[\s,]*(?:please|thanks|thank you|for me|too|as well)?[\s.!?]*$", re.IGNORECASE)
_SPLIT = re.compile(
    rf"\s*[;\n]\s*|[.!?]\s+(?=\S)|\s*,?\s*\b(?:and\s+)?(?:then|after that|afterwards|finally|lastly)\b,?\s*"
    rf"|\s*,?\s+(?:and|but)\s+(?:also\s+)?(?=(?:{ANY_VERB})\s)|\s*,\s*(?=(?:{ANY_VERB})\s)",
    re.IGNORECASE,
)
_KEEP = re.compile(
    r"(?:but\s+)?(?:keep|leave|(?:don['’]?t|do not|never) (?:delete|touch|move|remove))\s+(?P<x>.+)", re.IGNORECASE
)
_QUESTION = re.compile(
    r"^(?:which|what|how many)\s+(?P<what>.+?\bfiles?\b|files?)?\s*(?:are there|are|do (?:i|we) have|is there)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """op and the words after its verb; said: the clause as the person wrote it."""

    op: Operation
    rest: str
    said: str


def split_clauses(text: str, quotes: Quotes) -> list[Clause]:
    """The clauses of a protected text. Raises ModelError for one that asks for something else than file operations."""
    clauses: list[Clause] = []
    for piece in _SPLIT.split(text):
        bare = trim(re.sub(r"\b(\w+)-(?=files?\b)", r"\1 ", piece))
        kept = _KEEP.match(bare)
        if kept and clauses and clauses[-1].op != "write":
            last = clauses[-1]
            clauses[-1] = replace(
                last, rest=f"{last.rest}, keep {kept['x']}", said=f"{last.said}, {quotes.shown(bare)}"
            )
        elif bare:
            clauses.append(_clause(bare, quotes))
    return clauses


def split_pieces(text: str) -> list[str]:
    """The clauses of a protected text as written, whether or not the rules understand them."""
    pieces: list[str] = []
    for piece in _SPLIT.split(text):
        bare = trim(piece)
        if pieces and _KEEP.match(bare):
            pieces[-1] = f"{pieces[-1]}, {bare}"
        elif bare:
            pieces.append(bare)
    return pieces


def trim(text: str) -> str:
    """Without the words of politeness and order around it."""
    text = text.strip(" \t,:.!?") if not text.strip().endswith("..") else text.strip()
    before = None
    while before != text:
        before = text
        text = _POLITE.sub("", text).strip()
    return _THANKS.sub("", text).strip() if not text.endswith("..") else text


def _clause(text: str, quotes: Quotes) -> Clause:
    for op, verbs in VERBS.items():
        match = re.match(rf"(?:{verbs})(?=\s|$)", text, re.IGNORECASE)
        if match:
            return Clause(op, text[match.end() :].strip(), quotes.shown(text))
    question = _QUESTION.match(text)
    if question:
        rest = f"{question['what'] or 'files'} {text[question.end() :]}"
        return Clause("find", rest.strip(), quotes.shown(text))
    raise ModelError(_not_understood(text, quotes))


def _not_understood(text: str, quotes: Quotes) -> str:
    shown = quotes.shown(text)
    if len(shown) > 120:
        shown = shown[:119] + "…"
    cannot = CANNOT.match(text)
    if cannot:
        return f"The offline rules cannot do “{shown}”: they find, delete, move and archive files and write text files. {EXAMPLES}"
    return f"The offline rules do not understand “{shown}”. {EXAMPLES}"
