"""Mails by rules: what to say and how, from the instructions and then from each piece of feedback."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agents.adapters.model.offline.letters import Letter, begin, parse
from agents.adapters.model.offline.reader import MARK, Quotes
from agents.adapters.model.offline.refusals import refuse_if_left_as_it_was, refuse_order_to_writer
from agents.adapters.model.offline.sentences import VERBS, as_sentence, finished
from agents.adapters.model.offline.tone import TONES, longer, shorter
from agents.adapters.model.offline.words import ORDINALS, SENTENCE_WORDS, singular
from agents.adapters.model.schema import EmailDraft, EmailRequest
from agents.errors import ModelError

_ADDRESS = r"[^\s,;:<>()“”\"']+@[^\s,;:<>()“”\"']*[^\s,;:<>()“”\"'.!?]"
_TONE_WORDS = (
    r"formal|polite|professional|respectful|friendly|friendlier|warm|warmer|casual|informal|relaxed|kind|kinder|nicer|"
    r"short|shorter|brief|briefer|concise|crisp|long|longer|detailed|details|detail"
)
_STYLE = re.compile(
    r"(?:please\s+)?(?:(?:make|keep|write|rewrite|phrase|put)\s+(?:it|this|the (?:mail|email|e-mail|message|text|tone))|be|sound|stay|use|in)?"
    r"\s*(?:sound\s+|be\s+)?(?:(?:a|an|the|bit|little|lot|much|more|very|far|slightly|somewhat|even|and|rather|quite)\s+)*?"
    rf"(?P<less>less\s+)?(?P<tone>{_TONE_WORDS})(?:\s+(?:in\s+)?(?:tone|style|language|wording|voice))?(?:\s+please)?",
    re.IGNORECASE,
)
_TOO = re.compile(
    rf"(?:it'?s|this is|it is|that is|the (?:mail|email|tone) is)?\s*(?:much |far |a bit )?too\s+(?P<tone>{_TONE_WORDS})",
    re.I,
)
_DIRECTIVE = (
    rf"{VERBS}|cc|bcc|copy|reply-to|reply to|sign|subject|change|replace|remove|delete|drop|leave out|omit|cut|don't|do not|never|"
    rf"make|keep|be|use|greet|address|close with|end with|start|write|sound|(?:a bit |more |less |much )?(?:{_TONE_WORDS})"
)
_SPLIT = re.compile(
    rf"\s*[;\n]+\s*|(?<=[.!?])(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bProf\.)\s+(?=\S)|\s*,?\s+(?:and|but)\s+(?:also\s+|then\s+|please\s+)?(?=(?:{_DIRECTIVE})\b)"
    rf"|\s*,\s*(?:then\s+|also\s+|please\s+)?(?=(?:{_DIRECTIVE})\b)",
    re.IGNORECASE,
)
_ABOUT = (
    r"(?:the\s+)?(?:(?P<which>first|second|third|fourth|fifth|last)\s+)?(?:(?:sentence|paragraph|part|line|bit|mention|passage|thing|section)s?\s*)?"
    r"(?:(?:about|with|on|regarding|of|that (?:says?|mentions?)|where|saying|mentioning)\s+)?(?P<x>.*)"
)


def write_email(request: EmailRequest) -> EmailDraft:
    """A mail for the request; with `previous`, that mail changed by the latest feedback.

    Raises ModelError for feedback that no rule can follow, such as another language.
    """
    if request.previous is not None:
        return _follow(parse(request.previous), request.feedback[-1] if request.feedback else "", request).draft()
    letter = _follow(begin(request), request.instructions or "", request)
    if not letter.paragraphs:
        about = " ".join(request.subject.split())
        opening = f"I am writing to you about “{about}”." if about else "I am writing to you."
        letter = replace(letter, paragraphs=((opening, "Please let me know if you have any questions."),))
    for feedback in request.feedback:
        letter = _follow(letter, feedback, request)
    return letter.draft()


def _follow(letter: Letter, text: str, request: EmailRequest) -> Letter:
    """The letter after every order in the text."""
    quotes = Quotes()
    again = re.match(
        r"\s*(?:start over|start again|rewrite it|begin again|forget (?:all )?(?:that|this))\s*[:,.-]?\s*", text, re.I
    )
    if again:
        letter, text = replace(begin(request), subject=letter.subject), text[again.end() :]
    for line in text.split("\n"):
        fresh_paragraph = bool(letter.paragraphs)
        for order in filter(None, (piece.strip() for piece in _SPLIT.split(quotes.protect(line)))):
            letter = _obey(letter, order.rstrip(".") if not order.endswith("..") else order, quotes, fresh_paragraph)
            fresh_paragraph = False
    return letter


def _obey(letter: Letter, order: str, quotes: Quotes, fresh: bool) -> Letter:
    bare = re.sub(
        r"^(?:please|also|and|then|but|maybe|just|could you|can you)[\s,]+", "", order, flags=re.IGNORECASE
    ).strip()
    for pattern, rule in _RULES:
        match = re.fullmatch(pattern, bare, re.IGNORECASE)
        if match:
            changed = rule(letter, match, quotes)
            if changed is not None:
                return changed
    styled = _styled(letter, bare)
    if styled is not None:
        return styled
    refuse_order_to_writer(bare, quotes.shown(bare))
    return _say(letter, bare, quotes, fresh)


def _say(letter: Letter, order: str, quotes: Quotes, fresh: bool) -> Letter:
    instead = re.search(r"[\s,]*\binstead\b[\s.]*$", order, re.IGNORECASE)
    sentence = as_sentence(quotes.plain(order[: instead.start()] if instead else order))
    if quotes.plain(order) == order:
        refuse_if_left_as_it_was(sentence, order)
    if instead:
        place = _closest(letter, sentence)
        if place is not None:
            return _with_sentence(letter, place, sentence)
    return letter.saying(sentence, own_paragraph=fresh)


def _styled(letter: Letter, order: str) -> Letter | None:
    match = _STYLE.fullmatch(order)
    if match:
        tone = match["tone"].lower()
        return _TONE_RULES[_opposite(tone) if match["less"] else tone](letter)
    match = _TOO.fullmatch(order)
    return _TONE_RULES[_opposite(match["tone"].lower())](letter) if match else None


def _opposite(tone: str) -> str:
    if tone.startswith(("short", "brief", "concise", "crisp")):
        return "longer"
    if tone.startswith(("long", "detailed")):
        return "shorter"
    return "friendly" if TONES.get(tone) is TONES["formal"] else "formal"


_TONE_RULES: dict[str, Callable[[Letter], Letter]] = {
    **TONES,
    **dict.fromkeys(("short", "shorter", "brief", "briefer", "concise", "crisp"), shorter),
    **dict.fromkeys(("long", "longer", "detailed", "details", "detail"), longer),
}


def _subject(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    text = " ".join(quotes.plain(match["x"]).split())
    return replace(letter, subject=text[:1].upper() + text[1:]) if text else letter


def _copies(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter | None:
    said = quotes.plain(match.group())
    addresses = re.findall(_ADDRESS, said)
    if not addresses:
        if re.match(r"copy\b", said, re.IGNORECASE):
            return None
        raise ModelError(f"“{said}” has no address. Say for example “cc bob@example.org”.")
    blind = bool(re.search(r"\bbcc\b|blind", said, re.IGNORECASE))
    there = letter.bcc if blind else letter.cc
    if re.match(r"(?:remove|drop|delete|take|no|don't|do not)\b", said, re.IGNORECASE):
        gone = {address.lower() for address in addresses}
        return _with_copies(letter, blind, [each for each in there if each.lower() not in gone])
    return _with_copies(letter, blind, [*there, *addresses])


def _with_copies(letter: Letter, blind: bool, addresses: list[str]) -> Letter:
    unique = tuple(dict.fromkeys(addresses))
    return replace(letter, bcc=unique) if blind else replace(letter, cc=unique)


def _no_copies(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    return _with_copies(letter, match["field"].lower() == "bcc", [])


def _reply_to(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    return replace(letter, reply_to=match["x"])


def _signature(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    return replace(letter, signature=quotes.plain(match["x"]).strip(), closing=letter.closing or "Best regards,")


def _greeting(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    text = quotes.plain(match["x"]).strip().rstrip(",")
    if re.match(r"(?:hi|hello|hey|dear|good|greetings|to whom)\b", text, re.IGNORECASE):
        return replace(letter, greeting=f"{text[:1].upper()}{text[1:]},")
    word = re.match(r"(?:hi|hello|hey|dear|good \w+)\b", letter.greeting, re.IGNORECASE)
    return replace(letter, greeting=f"{word.group() if word else 'Hello'} {text},")


def _closing(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    text = quotes.plain(match["x"]).strip().rstrip(",")
    return replace(letter, closing=f"{text[:1].upper()}{text[1:]},")


def _replace(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter | None:
    old, new = quotes.plain(match["x"]).strip(), quotes.plain(match["y"]).strip()
    if re.fullmatch(r"(?:the )?(?:tone|style|language|wording)", old, re.IGNORECASE):
        return _styled(letter, new)
    found = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)", re.IGNORECASE)
    paragraphs = [[finished(found.sub(lambda _: new, each)) for each in sentences] for sentences in letter.paragraphs]
    changed = replace(
        letter.with_sentences(paragraphs),
        subject=found.sub(lambda _: new, letter.subject),
        greeting=found.sub(lambda _: new, letter.greeting),
        closing=found.sub(lambda _: new, letter.closing),
        signature=found.sub(lambda _: new, letter.signature),
    )
    if changed == letter and "@" not in old and not re.search(r"\b(?:recipient|address|to)\b", old, re.IGNORECASE):
        raise ModelError(f"The mail does not say “{old}”. Name words that are in it, or edit it by hand.")
    return changed if changed != letter else None


def _remove(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter | None:
    """Without the sentences that speak of it; None where there are none, or where it says something else."""
    which, about = match["which"], quotes.plain(match["x"]).strip()
    flat = [(i, j) for i, sentences in enumerate(letter.paragraphs) for j in range(len(sentences))]
    if which and not about:
        at = -1 if which.lower() == "last" else ORDINALS.index(which.lower())
        gone = {flat[at]} if -len(flat) <= at < len(flat) else set()
    else:
        gone = {place for place in flat if _speaks_of(letter.paragraphs[place[0]][place[1]], about)}
    if not gone:
        raise ModelError(
            f"The mail has no sentence about “{about or which}”. Name words that are in it, or edit it by hand."
        )
    if len(gone) == len(flat):
        raise ModelError("That would remove the whole text of the mail. Say what it should say instead.")
    kept = [
        [each for j, each in enumerate(sentences) if (i, j) not in gone]
        for i, sentences in enumerate(letter.paragraphs)
    ]
    return letter.with_sentences(kept)


def _avoid(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    """ "Do not mention the price": nothing to do where the mail says nothing about it."""
    about = quotes.plain(match["x"])
    kept = [[each for each in sentences if not _speaks_of(each, about)] for sentences in letter.paragraphs]
    if letter.paragraphs and not any(kept):
        raise ModelError("That would remove the whole text of the mail. Say what it should say instead.")
    return letter.with_sentences(kept)


def _language(letter: Letter, match: re.Match[str], quotes: Quotes) -> Letter:
    raise ModelError(
        f"The offline rules write English only, not {match['x'].title()}. Edit the mail by hand, or set OPENAI_API_KEY to use a language model."
    )


def _speaks_of(sentence: str, about: str) -> bool:
    """Every word that matters is in the sentence, in the singular or the plural."""
    wanted = _matter(about) or {about.lower().strip()}
    return bool(about.strip()) and (about.lower() in sentence.lower() or wanted <= _matter(sentence))


def _matter(text: str) -> set[str]:
    words = re.findall(r"[\w'’@.-]*\w", text.lower())
    return {
        singular(word)
        for word in words
        if word not in SENTENCE_WORDS and word not in {"the", "a", "an", "my", "our", "your"}
    }


def _closest(letter: Letter, sentence: str) -> tuple[int, int] | None:
    """The sentence that shares most words that matter with a new one."""
    wanted = _matter(sentence) - {"would", "like", "please", "tell", "know"}
    best, place = 0, None
    for i, sentences in enumerate(letter.paragraphs):
        for j, each in enumerate(sentences):
            shared = len(wanted & _matter(each))
            if shared > best:
                best, place = shared, (i, j)
    return place


def _with_sentence(letter: Letter, place: tuple[int, int], sentence: str) -> Letter:
    paragraphs = [list(sentences) for sentences in letter.paragraphs]
    paragraphs[place[0]][place[1]] = sentence
    return letter.with_sentences(paragraphs)


_LANGUAGES = r"german|french|spanish|italian|dutch|portuguese|polish|russian|chinese|japanese|turkish|swedish|danish|arabic|ukrainian|czech"
_RULES: tuple[tuple[str, Callable[[Letter, re.Match[str], Quotes], Letter | None]], ...] = (
    (rf"(?:(?:translate|write|make|put|rewrite)\s+(?:it|this|the (?:mail|email))?\s*)?(?:in|into|to)\s+(?P<x>{_LANGUAGES})", _language),
    (r"(?:(?:change|set|make|use|rename)\s+)?(?:the\s+|a\s+)?subject(?:\s+line)?(?:\s*[:=]\s*|\s+(?:to|should be|should say|is|be|as)\s*:?\s+)(?P<x>.+)", _subject),
    (rf"(?:use|take)\s+(?P<x>{MARK}|.+)\s+as\s+(?:the\s+|a\s+)?subject(?:\s+line)?", _subject),
    (r"(?:no|drop|remove|without|clear)\s+(?:the\s+|any\s+|all\s+)?(?P<field>cc|bcc)s?", _no_copies),
    (r"(?:and\s+)?(?:cc|bcc|copy|blind copy)\s*:?\s+(?:to\s+)?.+", _copies),
    (r"(?:add|put|remove|drop|take|send a (?:blind )?copy to|include)\s+.+@.+\s+(?:to|in|into|on|from|out of|as)\s+(?:the\s+)?(?:a\s+)?(?:cc|bcc|copy|blind copy).*", _copies),
    (r"send a (?:blind )?copy to\s+.+@.+", _copies),
    (rf"(?:(?:set|use|make)\s+)?(?:the\s+)?(?:reply[- ]to|repl(?:y|ies)(?:\s+should)?\s+(?:go\s+)?to)(?:\s+address)?\s*(?:is|to|should be|[:=])?\s*(?P<x>{_ADDRESS})", _reply_to),
    (r"sign(?:\s+(?:it|the mail|this|off))?\s+(?:as|with|by)\s+(?P<x>.+)", _signature),
    (r"(?:the\s+)?(?:signature|sender name)\s*(?:is|should be|[:=])\s*(?P<x>.+)", _signature),
    (rf"(?:use|say|put|write)\s+(?P<x>{MARK}|.+?)\s+(?:in|as|for)\s+(?:the\s+)?(?:greeting|salutation)", _greeting),
    (r"(?:in|for|as)\s+the\s+(?:greeting|salutation)[\s,:]+(?:use|say|write|put)?\s*(?P<x>.+)", _greeting),
    (r"(?:the\s+)?(?:greeting|salutation)\s*(?:is|should be|to|[:=])\s*(?P<x>.+)", _greeting),
    (r"(?:change\s+the\s+greeting\s+to|greet\s+(?:her|him|them)\s+(?:as|with)|address\s+(?:her|him|them)\s+(?:as|with)|(?:start|begin|open)\s+(?:the mail\s+|it\s+)?with)\s+(?P<x>.+)", _greeting),
    (r"(?:close|end|finish)\s+(?:the mail\s+|it\s+)?with\s+(?P<x>.+)", _closing),
    (r"(?:change\s+)?(?:the\s+)?closing\s*(?:is|should be|to|[:=])\s*(?P<x>.+)", _closing),
    (r"(?:replace|swap)\s+(?P<x>.+?)\s+(?:with|by|for)\s+(?P<y>.+)", _replace),
    (r"(?:change|correct)\s+(?P<x>.+?)\s+(?:to|into)\s+(?P<y>.+)", _replace),
    (r"(?:say|write|use|make it|put)\s+(?P<y>.+?)\s+instead\s+of\s+(?P<x>.+)", _replace),
    (r"instead\s+of\s+(?P<x>.+?)[\s,]+(?:say|write|use|put)\s+(?P<y>.+)", _replace),
    (rf"(?:remove|delete|drop|leave out|omit|cut(?: out)?|take out|skip)\s+{_ABOUT}", _remove),
    (r"(?:don['’]?t|do not|never)\s+(?:mention|say|write|offer|include|ask|talk|speak|promise|suggest|thank|apologi[sz]e)\s*(?:about|for|whether|that|to|of)?\s*(?P<x>.*)", _avoid),
)  # fmt: skip
