"""How the buttons of a review speak where two must agree; plainly where one decides."""

from __future__ import annotations

from dataclasses import dataclass

from agents.decisions import Council, Mode, Opinion
from agents.decisions.opinions import answer_of
from agents.domain import JSON, DecisionType, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads import encode
from agents.people import Act
from agents.wording import would
from pages.components.session import allowed

VERBS = ("Answer", "Approve", "Ask", "Cancel", "Close", "Continue", "Decide", "Reject", "Report", "Run", "Send", "Stop")
WAITS = "You have said this already. It waits for a second person."
A_LEAD = "Two people differ on this. A lead settles it."


@dataclass(frozen=True, slots=True)
class Eyes:
    """What has been said to a review so far, and what it makes of a button."""

    council: Council
    review: Review

    @property
    def on(self) -> bool:
        return self.council.mode is not Mode.ONE

    def words(self, said: Said | None, type_: DecisionType, plain: str) -> str:
        """What a button does that says this; plain: what it would do if one person decided."""
        if not self.on:
            return plain
        what = would(self.review.kind, type_)
        agreeing = self.agreeing(said)
        if agreeing is not None and self.council.differ:
            return f"Settle it as {agreeing.actor} said: {what}"
        if agreeing is not None:
            return agree_words(plain)
        if self.council.differ:
            return f"Start over: record that you would {what}"
        if self.council.mode is Mode.BLIND:
            return f"Give your answer: {what}"
        return f"Record that you would {what}{' instead' if self.council.others else ''}"

    def agreeing(self, said: Said | None) -> Opinion | None:
        """The other person's opinion that says just this."""
        return next((each for each in self.council.others if says(each, self.review, said)), None)

    def problem(self, said: Said | None) -> str:
        """Why it would be of no use to say this; "" when it is of some."""
        mine = self.council.mine
        if mine is not None and says(mine, self.review, said) and self.agreeing(said) is None:
            return A_LEAD if self.council.differ else WAITS
        return A_LEAD if self.council.differ and not self._may_settle(said) else ""

    def apart(self, said: Said | None) -> tuple[Opinion, ...]:
        """The opinions that can be agreed with, and that the card's own button does not say."""
        if self.council.mode is Mode.BLIND and not self.council.differ:
            return ()
        found: dict[bytes, Opinion] = {each.answer: each for each in reversed(self.council.others)}
        return tuple(
            each
            for each in reversed(found.values())
            if not says(each, self.review, said)
            and (not self.council.differ or self._may_settle(each.said(self.pause)))
        )

    @property
    def pause(self) -> Pause:
        return self.review.pause

    def _may_settle(self, said: Said | None) -> bool:
        given = self.council.opinions
        rejects = {each.type for each in given} == {DecisionType.REJECT} and self.council.mine is not None
        if rejects and self.agreeing(said) is not None:
            return True
        return allowed(Act.ADJUDICATE, graph_id=self.pause.graph_id, kind=self.review.kind)


def says(given: Opinion, review: Review, said: Said | None) -> bool:
    """Is it the same answer, down to the last character of what the graph would get?"""
    if said is None:
        return False
    try:
        value: JSON = None if said.type is DecisionType.IGNORE else encode(review.pause, said)
    except InvalidDecision:
        return False
    return given.answer == answer_of(said.type, said.args, value)


def agree_words(plain: str) -> str:
    """ "Send to ann" -> "Agree and send to ann"; "Good: go on" -> "Agree: Good: go on"."""
    if plain.split(" ")[0].rstrip(",:") in VERBS:
        return f"Agree and {plain[:1].lower()}{plain[1:]}"
    return f"Agree: {plain}"
