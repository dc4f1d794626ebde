"""Orders about a mail that no rule can follow: said to be so, never pasted into the letter as its text."""

from __future__ import annotations

import re

from agents.adapters.model.offline.sentences import VERBS
from agents.errors import ModelError

_MAIL = r"(?:it|this|that|them|(?:the|this|my|a|an)\s+(?:[\w-]+\s+){0,2}(?:e-?mail|mail|message|letter|text|draft|reply|answer|body))"
_ADDRESS = r"\S+@\S+"
_COUNTED = r"(?:sentences?|words?|lines?|paragraphs?|characters?|letters?|pages?|points?|bullets?)"
_COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|a few|a couple of|several|some|fewer|less|more)"
_ORNAMENT = (
    r"(?:jokes?|puns?|poems?|rhymes?|verses?|emojis?|smileys?|tables?|lists?|bullets?|bullet\s+points?|headings?|headers?|footers?|pictures?|"
    r"images?|photos?|gifs?|logos?|links?|signatures?|attachments?|ps|p\.s\.|quotes?|anecdotes?|stor(?:y|ies)|haikus?|limericks?|"
    r"e-?mails?|mails?|messages?|letters?|paragraphs?|sentences?|greetings?|introductions?|summar(?:y|ies)|translations?|exclamation\s+marks?)"
)
_LANGUAGE = (
    r"(?:german|french|spanish|italian|dutch|portuguese|polish|russian|chinese|japanese|korean|hindi|turkish|swedish|danish|norwegian|finnish|"
    r"greek|hebrew|hungarian|romanian|arabic|ukrainian|czech|latin|plain english|simple english|capitals|upper ?case|lower ?case|verse|rhyme|bold|italics)"
)
_RECIPIENT = re.compile(
    rf"(?:(?:change|set|replace|switch|update|edit|correct|make|use|remove|drop|add)\b.*\b(?:recipients?|addressees?|receivers?|to[ -](?:field|line|address)|(?:e-?mail\s+)?address)\b"
    rf"|(?:recipients?|addressee|to)\s*(?:[:=]|\bis\b|\bshould be\b|\bto\b)\s*\S"
    rf"|(?:the\s+)?recipients?\s+(?:is|are|should|must)\b"
    rf"|(?:(?:please\s+)?(?:don['’]?t|do not|never)\s+)?(?:send|resend|forward|address|mail|e-?mail|deliver|direct)\b(?:\s+{_MAIL})?\s+(?:to|instead)\b"
    rf"|(?:send|forward|address|mail|e-?mail|write|reply|answer)\b.*{_ADDRESS}"
    rf"|(?:to|for|add|include|use|remove|drop|replace|swap|not|instead of|change)\s+(?:to\s+)?{_ADDRESS}.*)",
    re.IGNORECASE,
)
_WRITER = re.compile(
    rf"(?:(?:send|resend|forward|deliver|schedule|delay|postpone|hold|cancel|stop|copy|print|check|proofread|spell-?check|undo|revert|repeat|shorten|"
    rf"lengthen|expand|translate|rewrite|rephrase|reword|rework|revise|redo|improve|polish|simplify|clarify|format|style|fix|change|edit|modify|adjust|"
    rf"correct|make|keep|turn|convert|put|write|compose|draft|read|sign|start|begin|open|end|finish|close|leave|move|delete|remove|drop|wait with|send off)\s+{_MAIL}\b"
    rf"|(?:send|resend|forward)(?:$|\s+(?:now|later|again|tomorrow|today|tonight|at|on|next|in|by|as|without|only)\b)"
    rf"|(?:rewrite|rephrase|reword|rework|redo|shorten|lengthen|elaborate|proofread|translate|summari[sz]e|capitali[sz]e|underline|highlight|emphasi[sz]e|"
    rf"format|simplify|bold|italici[sz]e|rhyme|avoid|ensure|make\s+sure|try|use|apply|adopt|insert|limit|shift|change|replace|swap|correct|set|switch|rename|edit|modify|adjust|improve|"
    rf"sound|be|stay|don['’]?t\s+(?!forget|hesitate|worry|miss)|do\s+not\s+(?!forget|hesitate|worry|miss)|never)\b"
    rf"|make\b(?!\s+sense)|(?:it|this|the\s+(?:mail|e-?mail|message|letter|text|tone|greeting|closing|subject|draft))\s+(?:should|must|needs?\s+to|has\s+to|ought\s+to)\s+(?:be|sound|have|rhyme|contain|read|say|start|end|look|feel|use)\b"
    rf"|(?:max(?:imum)?\.?|min(?:imum)?\.?|at\s+most|at\s+least|no\s+more\s+than|not\s+more\s+than|up\s+to|under|less\s+than|fewer\s+than|within|exactly|about|around|only|in|use|with|just)?\s*{_COUNT}\s+(?:[\w-]+\s+)?{_COUNTED}(?:$|\W|\s+(?:at\s+most|max|only|long|or))"
    rf"|(?:all\s+)?in\s+(?:\w+\s+)?{_LANGUAGE}\b|(?:as|like)\s+an?\s+\w+(?:\s+\w+)?$|as\s+bullet|(?:bullet|numbered)\b"
    rf"|(?:with|without|no|more|less|fewer|some)\s+(?:an?\s+|any\s+|the\s+|some\s+|more\s+|fewer\s+|less\s+)?(?:[\w-]+\s+){{0,2}}{_ORNAMENT}\b"
    rf"|(?:no|without|less|more|fewer)\s+[\w-]+(?:\s+[\w-]+)?$"
    rf"|(?:write|compose|draft|create|tell|give|add|include|put|insert|attach|append|prepend|say|end|start|begin|finish)\s+(?:\w+\s+)?(?:with\s+)?(?:an?|the|some|one|another|{_COUNT})\s+(?:[\w-]+\s+){{0,2}}{_ORNAMENT}\b"
    rf"|(?:write|compose|draft|add|include|put|say|use)\s+(?:something|anything|more|less|nothing)\b"
    rf"|(?:write|compose|draft|put|say)\s+(?:in|as|like|more|less)\b)",
    re.IGNORECASE,
)
_HOW = re.compile(rf"\bin\s+(?:at\s+most\s+)?{_COUNT}\s+(?:[\w-]+\s+)?{_COUNTED}\b", re.IGNORECASE)
_ORDERED_IN = re.compile(rf"(?:{VERBS})\b.*\bin\s+{_LANGUAGE}$", re.IGNORECASE)
_LEFT_AS_ORDER = re.compile(rf"(?:{VERBS}|write(?: to)?)\s+(?:to\s+)?(?:her|him|them)\b", re.IGNORECASE)


def refuse_order_to_writer(order: str, shown: str) -> None:
    """Raises ModelError for an order that is about the mail, not what the mail should say. order: quotes protected."""
    if _RECIPIENT.match(order):
        raise ModelError(
            f"The offline rules do not change who gets the mail (“{shown}”). Start a new mail, or edit To in the review."
        )
    pieces = [order, *(piece.strip() for piece in order.split(",")[1:])]
    if any(map(_WRITER.match, pieces)) or _HOW.search(order) or _ORDERED_IN.match(order):
        raise _cannot_follow(shown)


def refuse_if_left_as_it_was(sentence: str, shown: str) -> None:
    """Raises ModelError for "thank her in style": an order about the recipient that no rule made into a sentence."""
    if _LEFT_AS_ORDER.match(sentence):
        raise _cannot_follow(shown)


def _cannot_follow(shown: str) -> ModelError:
    return ModelError(
        f"The offline rules cannot follow “{shown}”. They follow for example “shorter”, “more formal”, “sign as Bob”, “cc bob@example.org” or "
        "“ask whether Tuesday suits her”. If these words belong in the mail, put them in quotes after “say”."
    )
