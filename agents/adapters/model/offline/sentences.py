"""From what a mail should do to what it says: "ask whether she can come" -> "Could you tell me whether you can come?"."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.adapters.model.offline.words import word_set

_WHO = (
    r"(?P<who>her|him|them|the (?:team|customer|client|recipient|reader|user|supplier|candidate|colleagues?)|everyone|everybody"
    r"|(?-i:[A-Z][\w'’-]+))"
)
_TO_WHO = rf"(?:\s+(?:to\s+)?{_WHO})?"
_QUESTION = r"(?P<x>(?:when|what|where|how|who|why|which)\b.+)"

_AGREE = {
    "is": "are",
    "was": "were",
    "has": "have",
    "does": "do",
    "isn't": "aren't",
    "wasn't": "weren't",
    "hasn't": "haven't",
    "doesn't": "don't",
}
_PRONOUNS = {
    "her": ("she", "her", "her", "hers"),
    "him": ("he", "him", "his", "his"),
    "them": ("they", "them", "their", "theirs"),
}
_NOT_OWNED = word_set(
    "to that if whether when about for by on in at with and or but as from today tomorrow now soon again know "
    "too also better best well most instead either then there here"
)  # fmt: skip

# Each rule: what the person wrote -> what the mail says; {x} is the rest, told to the recipient.
_RULES: tuple[tuple[str, str], ...] = (
    (rf"(?:ask|enquire|inquire|find out){_TO_WHO}\s+(?:whether|if)\s+(?P<x>.+)", "Could you tell me whether {x}?"),
    (rf"(?:ask|enquire|inquire|find out){_TO_WHO}\s+{_QUESTION}", "Could you tell me {x}?"),
    (rf"ask{_TO_WHO}\s+to\s+(?P<x>.+)", "Could you please {x}?"),
    (rf"tell\s+{_WHO}\s+to\s+(?P<x>.+)", "Please {x}."),
    (rf"ask{_TO_WHO}\s+(?:about|for)\s+(?P<x>.+)", "I would like to ask {how} {x}."),
    (r"request\s+that\s+(?P<x>.+)", "I would like to request that {x}."),
    (r"(?:request|demand)\s+(?P<x>.+)", "I would like to request {x}."),
    (rf"(?:remind){_TO_WHO}\s+to\s+(?P<x>.+)", "Please remember to {x}."),
    (rf"(?:remind){_TO_WHO}\s+(?:about|of)\s+(?P<x>.+)", "This is a reminder about {x}."),
    (rf"(?:remind){_TO_WHO}\s+(?:that\s+)?(?P<x>.+)", "This is a reminder that {x}."),
    (rf"(?:apologi[sz]e|say (?:that )?(?:i am|we are|i'm|we're)? ?sorry){_TO_WHO}\s+(?P<x>(?:for|that|about|because)\b.+)", "I apologise {x}."),
    (rf"(?:apologi[sz]e|say sorry){_TO_WHO}", "I apologise."),
    (rf"(?:thank|say (?:thanks|thank you)){_TO_WHO}\s+(?P<x>(?:again\s+)?for\b.+)", "Thank you {x}."),
    (rf"(?:thank|say (?:thanks|thank you)){_TO_WHO}", "Thank you."),
    (rf"congratulate{_TO_WHO}\s+(?P<x>(?:on|for)\b.+)", "Congratulations {x}."),
    (rf"wish{_TO_WHO}\s+(?P<x>.+)", "I wish you {x}."),
    (rf"welcome{_TO_WHO}\s+(?P<x>to\b.+)", "Welcome {x}."),
    (rf"offer{_TO_WHO}\s+to\s+(?P<x>.+)", "I would be happy to {x}."),
    (rf"offer{_TO_WHO}\s+(?P<x>.+)", "I would like to offer you {x}."),
    (rf"invite{_TO_WHO}\s+(?P<x>(?:to|for)\b.+)", "I would like to invite you {x}."),
    (rf"(?:propose|suggest|recommend){_TO_WHO}\s+that\s+(?P<x>.+)", "I suggest that {x}."),
    (rf"(?:propose|suggest|recommend){_TO_WHO}\s+(?P<x>.+)", "I would like to suggest {x}."),
    (rf"confirm{_TO_WHO}\s+that\s+(?P<x>.+)", "I confirm that {x}."),
    (rf"confirm{_TO_WHO}\s+(?P<x>.+)", "I would like to confirm {x}."),
    (r"(?:decline|turn down)\s+(?P<x>.+)", "I have to decline {x}."),
    (r"accept\s+(?P<x>.+)", "I am happy to accept {x}."),
    (r"(?:follow up|following up)\s+(?P<x>on\b.+)", "I am following up {x}."),
    (r"(?P<verb>cancel|reschedule|postpone|schedule|arrange|set up|introduce|announce|book|order|discuss|return)\s+(?P<x>.+)", "I would like to {verb} {x}."),
    (r"(?:attach|enclose)\s+(?P<x>.+)", "Please find attached {x}."),
    (rf"(?:tell|inform|notify|update|let|advise|write(?: to)?|assure|warn){_TO_WHO}\s+(?:know\s+)?(?P<x>(?:about|of|on)\b.+)", "I would like to tell you {x}."),
    (rf"(?:tell|inform|notify|let|advise|write(?: to)?|assure|warn)\s+{_WHO}\s+(?:know\s+)?(?:that\s+)?(?P<x>.+)", "{x}."),
    (rf"(?:say|write|mention|explain|note|point out|state|add|stress|make clear|announce|report|include){_TO_WHO}\s+that\s+(?P<x>.+)", "{x}."),
    (r"(?:tell|inform|notify|advise)\s+(?:that\s+)?(?P<x>.+)", "{x}."),
    (r"(?:mention|include|refer to|bring up|note|add)\s+(?P<x>(?:the|our|my|his|her|their|a|an|\w+ number|invoice|order)\b.+)", "I would like to mention {x}."),
    (r"(?:mention|refer to|bring up)\s+(?P<x>.+)", "I would like to mention {x}."),
    (r"(?:explain|describe)\s+(?P<x>.+)", "I would like to explain {x}."),
    (r"(?:say|write|add|state|include)\s*:?\s+(?P<x>.+)", "{x}."),
)  # fmt: skip

VERBS = (
    "ask|enquire|inquire|find out|request|remind|apologi[sz]e|thank|congratulate|wish|welcome|offer|invite|propose|suggest|"
    "recommend|confirm|decline|turn down|accept|follow up|cancel|reschedule|postpone|schedule|arrange|introduce|announce|attach|"
    "tell|inform|notify|let (?:her|him|them)|advise|assure|warn|say|mention|explain|point out|stress|make clear|include|add"
)
"""Words that begin an order to the writer."""


def as_sentence(order: str) -> str:
    """One order to the writer as a sentence to the recipient; other text is kept as a sentence of its own."""
    order = re.sub(r"^(?:please|also|then|and|but|finally|first|just|maybe)[\s,]+", "", order.strip(), flags=re.I)
    order = order.strip().rstrip(".;,")
    for pattern, shape in _RULES:
        match = re.fullmatch(pattern, order, re.IGNORECASE | re.DOTALL)
        if match:
            return _fill(match, shape)
    return finished(order)


def _fill(match: re.Match[str], shape: str) -> str:
    groups = match.groupdict()
    rest = to_recipient(groups.get("x") or "", groups.get("who"), asks="?" in shape)
    how = re.search(r"\b(about|for)\s", match.group())
    text = shape.format(x=rest.rstrip("."), verb=(groups.get("verb") or "").lower(), how=how.group(1) if how else "")
    return finished(text)


def to_recipient(text: str, who: str | None, *, asks: bool = False) -> str:
    """The text with the recipient as "you": told about "her", she is you.

    asks: in a question without a name, "she" and "he" are the recipient as well.
    """
    known = _PRONOUNS.get((who or "").lower())
    named = list(_PRONOUNS.values()) if who and not known else []
    sets = [known] if known else named or ([_PRONOUNS["her"], _PRONOUNS["him"]] if asks else [])
    for subject, other, own, owned in sets:
        text = re.sub(rf"\b{subject}\s+([\w'’]+)", _agreed, text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{subject}\b", "you", text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{own}(?=\s+(?P<next>[\w'’-]+))", _owner(own == other), text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{other}\b", "you", text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{owned}\b", "yours", text, flags=re.IGNORECASE)
    return text


def _agreed(match: re.Match[str]) -> str:
    verb = match.group(1)
    lower = verb.lower().replace("’", "'")
    if lower in _AGREE:
        return f"you {_AGREE[lower]}"
    if lower.endswith("s") and len(lower) > 3 and not lower.endswith(("ss", "us", "ways", "sometimes")):
        verb = (
            verb[:-3] + "y"
            if lower.endswith("ies")
            else verb[:-2]
            if re.search("(?:o|x|s|ch|sh)es$", lower)
            else verb[:-1]
        )
    return f"you {verb}"


def _owner(ambiguous: bool) -> Callable[[re.Match[str]], str]:
    """ "her order" is your order, "tell her today" is you: "her" alone says both."""
    return lambda match: "you" if ambiguous and match["next"].lower() in _NOT_OWNED else "your"


def finished(text: str) -> str:
    """With a capital and a full stop."""
    text = re.sub(r"[ \t]+", " ", text).strip()
    text = re.sub(r"\bi\b(?=\s|['’]|$)", "I", text)
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in '.!?…:"”)' else f"{text}."


def split_sentences(text: str) -> list[str]:
    """Sentences of a paragraph; an abbreviation or a number with a point does not end one."""
    pieces = re.split(
        r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bDr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bNo\.)\s+(?=\S)",
        text,
    )
    return [piece for piece in pieces if piece.strip()]
