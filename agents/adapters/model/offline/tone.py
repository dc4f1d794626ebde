"""The tone of a mail: the same things said more formally, more warmly, in fewer words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agents.adapters.model.offline.letters import Letter

_FORMAL = (
    (r"\b([Ii])['’]m\b", r"\1 am"),
    (r"\b([Ii])['’]d\b", r"\1 would"),
    (r"\b(\w+)['’]ll\b", r"\1 will"),
    (r"\b(\w+)['’]ve\b", r"\1 have"),
    (r"\b(\w+)['’]re\b", r"\1 are"),
    (r"\bcan['’]t\b", "cannot"),
    (r"\bwon['’]t\b", "will not"),
    (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n['’]t\b", r"\1 not"),
    (r"\b([Ii])t['’]s\b", r"\1t is"),
    (r"\bThanks\b(?! to)", "Thank you"),
    (r"\bSorry\b", "I apologise"),
    (r"\bASAP\b", "as soon as possible"),
    (r"^Can you\b", "Could you please"),
    (r"^Please let me know\b", "I would be grateful if you could let me know"),
    (r"!(?=\s|$)", "."),
)
_FRIENDLY = (
    (r"\bI am\b", "I'm"),
    (r"\bI would\b", "I'd"),
    (r"\bI will\b", "I'll"),
    (r"\bI apologise (for|that)\b", r"I'm sorry \1"),
    (r"^Thank you\b(.*)\.$", r"Thank you so much\1!"),
    (r"^Could you please\b", "Could you"),
    (r"^I would be grateful if you could let me know\b", "Please let me know"),
)
_SHORT = (
    (r"^Could you (?:please )?tell me whether you can\b", "Can you"),
    (r"^Could you tell me whether you are\b", "Are you"),
    (r"^Could you please\b(.*)\?$", r"Please\1."),
    (r"^I(?: would|['’]d) like to offer you\b", "I can offer you"),
    (r"^I(?: would|['’]d) like to ask (?:about|for)\b(.*)\.$", r"What about\1?"),
    (r"^I(?: would|['’]d) like to suggest\b", "I suggest"),
    (r"^I(?: would|['’]d) like to confirm\b", "I confirm"),
    (r"^I(?: would|['’]d) like to mention\b", "Please note"),
    (r"^I(?: would|['’]d) like to (?:thank you)\b", "Thank you"),
    (r"^I(?: would|['’]d) like to tell you about\b", "This is about"),
    (r"^This is a reminder (?:that|about)\b", "Reminder:"),
    (r"^I(?: am|['’]m) writing to you about\b", "This is about"),
    (r"\b(?:very|really|quite|just|actually|basically)\s", ""),
    (r"\bso much\b", ""),
    (r"\bin order to\b", "to"),
    (r"\bas soon as possible\b", "soon"),
)
_COURTESY = re.compile(
    r"(?:please (?:do not hesitate|let me know if you have any questions)|i hope (?:this|you)|i would be grateful if you could let me know"
    r"|i look forward|thank you (?:in advance|for your (?:time|understanding|patience)))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"^(?:hi|hello|hey|dear|good \w+)\s*(?P<name>[^,!]*)[,!]?$", re.IGNORECASE)


def formal(letter: Letter) -> Letter:
    name = _name(letter)
    greeting = f"Dear {name}," if name else "Dear Sir or Madam,"
    return replace(_reworded(letter, _FORMAL), greeting=greeting, closing="Yours sincerely,")


def friendly(letter: Letter) -> Letter:
    name = _name(letter)
    name = "" if name.lower() in {"sir or madam", "madam or sir"} else name
    warm = replace(_reworded(letter, _FRIENDLY), greeting=f"Hi {name},".replace(" ,", ","), closing="Warm wishes,")
    if any("hope you are" in sentence for sentences in warm.paragraphs for sentence in sentences):
        return warm
    first, *rest = warm.paragraphs or ((),)
    return replace(warm, paragraphs=(("I hope you are well.", *first), *rest))


def shorter(letter: Letter) -> Letter:
    """The same points in fewer words; only when there is nothing left to tighten does the last statement go."""
    brief = _reworded(letter, _SHORT)
    kept = [[each for each in sentences if not _COURTESY.match(each)] for sentences in brief.paragraphs]
    if any(kept):
        brief = brief.with_sentences(kept)
    if sum(map(len, brief.paragraphs)) <= 4 and not any("\n" in each for part in brief.paragraphs for each in part):
        brief = replace(brief, paragraphs=(tuple(each for part in brief.paragraphs for each in part),))
    name = _name(brief)
    brief = replace(brief, greeting=f"Hi {name}," if name else "Hi,", closing="Best,")
    return brief if brief != letter else _without_last_statement(brief)


def longer(letter: Letter) -> Letter:
    """Courtesies only: no rule may invent what the mail should say more of."""
    polite = letter.saying("Please let me know if you have any questions.", own_paragraph=True)
    if polite != letter:
        return polite
    return letter.saying("I look forward to your reply.")


def _without_last_statement(letter: Letter) -> Letter:
    paragraphs = [list(sentences) for sentences in letter.paragraphs]
    for sentences in reversed(paragraphs):
        for at in range(len(sentences) - 1, -1, -1):
            if not sentences[at].endswith("?") and sum(map(len, paragraphs)) > 1:
                del sentences[at]
                return letter.with_sentences(paragraphs)
    return letter


def _reworded(letter: Letter, rules: tuple[tuple[str, str], ...]) -> Letter:
    return letter.with_sentences([[_apply(each, rules) for each in sentences] for sentences in letter.paragraphs])


def _apply(sentence: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, new in rules:
        sentence = re.sub(pattern, new, sentence)
    sentence = re.sub(r" {2,}", " ", sentence).replace(" .", ".").replace(" !", "!").replace(" ?", "?")
    return sentence[:1].upper() + sentence[1:]


def _name(letter: Letter) -> str:
    match = _NAME.match(letter.greeting)
    return match["name"].strip() if match else ""


TONES: dict[str, Callable[[Letter], Letter]] = {
    **dict.fromkeys(("formal", "polite", "professional", "respectful"), formal),
    **dict.fromkeys(
        ("friendly", "friendlier", "warm", "warmer", "casual", "informal", "relaxed", "kind", "kinder", "nicer"),
        friendly,
    ),
}
