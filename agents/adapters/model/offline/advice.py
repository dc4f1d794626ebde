"""What a reviewer says about a batch, as rules: "refund requests belong to billing, even with an error message".

A sentence says which items (words to look for) and what they are (a
category, a priority). A sentence that cannot be read so gives no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from agents.adapters.model.offline.choices import Choices
from agents.adapters.model.offline.lexicon import ALIKE, STOP
from agents.adapters.model.offline.terms import found, pattern, words_like
from agents.adapters.model.offline.words import word_set

_DO = "filed|put|classified|labell?ed|marked|treated|counted|sorted|routed|sent|moved|categori[sz]ed|considered"
_BE = (
    r"(?:(?:should|must|ought to|needs? to|have to|has to|shall|will|can|do|does)\s+)?(?P<no>(?:not|never)\s+)?"
    rf"(?:(?:always|all|also|only|really)\s+)*(?:be\s+(?:{_DO})\s+(?:as|in|into|to|under)|(?:be|belongs?)\s+(?:to|in|into|under|with)|be|is|are|belongs?|"
    r"(?:goes|go)\s+(?:to|in|into|under)|counts?\s+as|falls?\s+(?:under|into)|means?|gets?|have|has)"
)
_IT = r"(?:it|this|that|they|these|those|the (?:category|priority|ticket|item)s?)"
_PUT = r"(?:put|file|classify|label|mark|treat|move|categori[sz]e|count|sort|tag|send|assign|route|consider|set|make)"
_USE = r"(?:use|choose|pick|take|prefer|set|say|give)"

_VERB = re.compile(rf"\s+{_BE}\s+|\s*(?:→|->|=>|=|:)\s*")
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"{_USE}\s+(?P<what>.+?)\s+(?:for|to|when|if|whenever|where)\s+(?P<which>.+)",
        rf"(?P<no>do not|never)\s+{_PUT}\s+(?P<which>.+)\s+(?:as|in|into|to|under|with)\s+(?P<what>.+)",
        rf"{_PUT}\s+(?P<which>.+)\s+(?:as|in|into|to|under|with)\s+(?P<what>.+)",
        r"(?:make|give|mark)\s+(?P<which>.+?)\s+(?P<what>(?:an?\s+)?(?:high|low|normal|urgent|medium)\b.*)",
        rf"(?:if|when|whenever|where)\s+(?P<which>.+?)(?:,\s*(?:then\s+)?|\s+then\s+)(?:{_USE}\s+|make it\s+|{_IT}\s+)?(?P<what>.+)",
        r"(?P<what>.+?)\s+(?:includes?|covers?|contains?|(?:is|are) (?:for|about|where|when)|for|if|when)\s+(?P<which>.+)",
    )
)
_EVEN = re.compile(
    r",?\s*\b(?:even|also|and even|regardless|no matter|although|though)\s+(?:if|when|with|though|where|of|whether|what|they|it)\b[^,]*,?|,?\s*\b(?:whatever|regardless|no matter)\b.*$"
)
_UNLESS = re.compile(
    r",?\s*\b(?:unless|except(?:\s+(?:when|if|for|that|those))?|but not(?:\s+(?:when|if))?|if not)\b(?P<rest>.+)$"
)
_NOT = re.compile(r"[,;]?\s*\b(?:and\s+|but\s+)?(?:not|never|instead of|rather than|and no|no longer)\b.*$")
_LONGEST = 400
"""Letters of a sentence that is read; nobody says in more which tickets belong where."""

_CONTEXT = re.compile(rf"(?:{_IT}|here)(?:\s+(?:one|item|ticket|here|case))?")
_KIND = re.compile(
    r"(?:the\s+|all\s+|any\s+)*(?P<kind>.+?)\s+(?:tickets?|items?|ones|requests?|mails?|messages?)\b\s*(?P<rest>.*)"
)
_LEAD = re.compile(
    r"^(?:please|note that|remember(?: that)?|actually|no|wrong|wrong|in fact|i think|we decided(?: that)?|from now on|always|and|but|so)[,:]?\s+"
)
_VAGUE = STOP | word_set(
    "ticket tickets item items mail mails email emails e-mail message messages request requests question questions customer customers people "
    "person someone somebody user users case cases issue issues problem problems topic topics matter matters thing things stuff anything "
    "everything whatever whoever those regarding concerning mention mentions mentioned mentioning contain contains say says saying ask asks "
    "asking asked wanting wants talk talks talking word words each every about them something kind kinds type row rows related text wrong wrongly incorrect here note notes code codes"
)  # fmt: skip
_FILLER = word_set(
    "a an the category priority categories issue issues topic topics matter matters question questions ticket tickets request requests problem "
    "problems team always clearly should must please too also as well really be is are of it they case cases with and in to"
)


Line: TypeAlias = tuple[tuple[str, ...], ...]
"""Terms that must all be in a text, each with those that mean the same."""

Lines: TypeAlias = tuple[Line, ...]
"""Of several lines any one will do."""


@dataclass(frozen=True, slots=True)
class Target:
    """What items are said to be; avoid: a category that they are said not to be."""

    category: str | None = None
    priority: str | None = None
    avoid: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """which: any of these lines; none for "this one". within: only items of this category."""

    target: Target
    which: Lines = ()
    unless: Lines = ()
    within: str | None = None

    @property
    def points_somewhere(self) -> bool:
        """Whether it says which items it is about, without an example."""
        return bool(self.which) or self.within is not None

    def matches(self, text: str, category: str) -> tuple[str, ...] | None:
        """The words that make the rule hold for a text, none where its category does; None where it does not hold."""
        if any(_all_of(line, text) for line in self.unless):
            return None
        if self.within is not None and (category != self.within or not self.which):
            return () if category == self.within else None
        return next((words for line in self.which if (words := _all_of(line, text))), None)


def _all_of(line: Line, text: str) -> tuple[str, ...]:
    words = [found(terms, text)[:1] for terms in line]
    return tuple(word for each in words for word in each) if all(words) else ()


@lru_cache(maxsize=256)
def read_advice(text: str, categories: tuple[str, ...], priorities: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules in what a person wrote; none where no rule can follow it."""
    reader = _Reader(Choices.of(categories), Choices.of(priorities))
    plain = re.sub(r"(?<=[a-z])n't\b", " not", text.casefold().replace("’", "'"))
    plain = re.sub(r"\b(it|that|this)'s\b", r"\1 is", plain)
    clauses = [" ".join(each.split()).strip(" ,") for each in re.split(r"[.;!?](?:\s+|$)|\n", plain)]
    return tuple(rule for clause in clauses if 0 < len(clause) <= _LONGEST for rule in reader.rules(clause))


@dataclass(frozen=True, slots=True)
class _Reader:
    categories: Choices
    priorities: Choices

    def rules(self, clause: str) -> list[Rule]:
        """A clause may hold two: "refunds are billing and outages are high priority"."""
        for joint in re.finditer(r",?\s+(?:and|but|while)\s+|,\s+", clause):
            left = self.rule(clause[: joint.start()])
            right = self.rules(clause[joint.end() :]) if left is not None and left.points_somewhere else []
            if left is not None and right and all(each.points_somewhere for each in right):
                return [left, *right]
        whole = self.rule(clause)
        return [] if whole is None else [whole]

    def rule(self, clause: str) -> Rule | None:
        clause = _LEAD.sub("", _EVEN.sub(" ", clause)).strip(" ,")
        unless = _UNLESS.search(clause)
        lines = _lines(unless["rest"]) if unless else ()
        if unless and not lines:
            return None
        clause = clause[: unless.start()] if unless else clause
        return next((rule for rule in self._readings(clause, lines) if rule), None)

    def _readings(self, clause: str, unless: Lines) -> Iterator[Rule | None]:
        for which, what, no in _parts(clause):
            target = self._target(what, denied=no)
            if target is not None:
                yield self._about(which, target, unless)
        target = self._target(re.sub(rf"^(?:{_IT}\s+)?{_BE}\s+", "", clause))
        if target is not None:
            yield Rule(target, unless=unless)

    def _about(self, which: str, target: Target, unless: Lines) -> Rule | None:
        which = which.strip(" ,:")
        if _CONTEXT.fullmatch(which):
            return Rule(target, unless=unless)
        kind = _KIND.fullmatch(which)
        within = self.categories.exactly(kind["kind"] if kind else which, _VAGUE)
        if within is not None and within != target.category:
            return Rule(target, _lines(kind["rest"]) if kind else (), unless, within)
        lines = _lines(which)
        return Rule(target, lines, unless) if lines else None

    def _target(self, what: str, *, denied: bool = False) -> Target | None:
        if what.startswith(("not ", "never ")):
            denied, what = not denied, what.partition(" ")[2]
        if denied and " but " in what:
            return self._target(what.partition(" but ")[2])
        words = re.findall(r"[\w'+#-]+", _NOT.sub("", what))
        category, words = self.categories.named_in(words)
        priority, words = self.priorities.level_in(words)
        if (category is None and priority is None) or any(word not in _FILLER for word in words):
            return None
        if denied:
            return Target(avoid=category) if category else None
        return Target(category, priority)


def _parts(clause: str) -> Iterator[tuple[str, str, bool]]:
    """(which items, what they are, whether that is denied), for every way to read a sentence."""
    for shape in _SHAPES[:-1]:
        if match := shape.fullmatch(clause):
            yield match["which"], match["what"], bool(match.groupdict().get("no"))
    for verb in _VERB.finditer(clause):
        yield clause[: verb.start()], clause[verb.end() :], bool(verb["no"])
    before, colon, after = clause.partition(":")
    if colon:
        yield after, before, False
    if match := _SHAPES[-1].fullmatch(clause):
        yield match["which"], match["what"], False


def _lines(which: str) -> Lines:
    """ "refunds or money back, with an error" -> [[refund*, money back ...]], each with its likes."""
    parts = re.split(r"\s*(?:,|/|\bor\b|\band\b|&)\s*", _kept_phrases(which))
    return tuple(line for line in map(_line, parts) if line)


def _kept_phrases(text: str) -> str:
    """Inside quotes nothing splits."""
    return re.sub(r"[“\"„]([^”\"“]+)[”\"“]", lambda match: "“" + re.sub(r"[\s,/]+", "_", match[1].strip()) + "”", text)


def _line(part: str) -> Line:
    terms: list[tuple[str, ...]] = [(phrase.replace("_", " "),) for phrase in re.findall(r"“([^”]+)”", part)]
    part = re.sub(r"“[^”]+”", " ", part)
    for alike in ALIKE:
        part, count = pattern(alike).subn(" ", part)
        terms += [alike] if count else []
    words = [word for word in re.findall(r"[^\W_][\w'-]*", part) if word not in _VAGUE]
    return (*terms, *((words_like(word),) for word in words))
