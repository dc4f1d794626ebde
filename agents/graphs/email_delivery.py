"""Sending one approved mail at most once: journal, recovery, patience.

Every try is journalled before and after, with the way out that it takes. A
key that was begun and not settled is asked of the mailer that began it (an
outbox can tell) and otherwise left to a person. A server that takes some
recipients and puts others off gets a second mail for the others only, under
a key of its own. Nothing is begun by another way than the one approved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

from agents.adapters.mail import Delivery, DeliveryUnknown, Mailer
from agents.domain import JSON
from agents.effects import Effect, EffectStatus
from agents.errors import MailRejected, MailTemporary

WAITS = (5.0, 15.0)  # seconds between three tries: long enough for a hiccup, short for a person who waits


class EffectJournal(Protocol):
    """The part of `agents.effects.Journal` that acting needs."""

    def get(self, key: str) -> Effect | None: ...
    def begin(self, key: str, kind: str, *, thread_id: str, request: JSON) -> Effect: ...
    def finish(self, key: str, result: JSON) -> None: ...
    def fail(self, key: str, reason: str) -> None: ...
    def doubt(self, key: str, reason: str, known: Mapping[str, JSON] | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Post:
    """One approved mail. `key` is its journal key, `recipients` who is still to get it.

    changed: why nothing new may be begun for it here, as a sentence.
    """

    key: str
    thread_id: str
    subject: str
    message: EmailMessage
    recipients: tuple[str, ...]
    changed: str | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A try that may or may not have gone out to `recipients`. `why` is a sentence.

    refused, deferred: address -> the server's words; they did not get it for certain.
    """

    key: str
    recipients: tuple[str, ...]
    why: str
    refused: Mapping[str, str] = field(default_factory=dict)
    deferred: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """Who got it and who did not, with the server's words. `problem`: why it stopped before all had it.

    said: the server's words of every try after which there was another.
    """

    accepted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    doubt: Doubt | None = None
    place: str | None = None
    said: list[str] = field(default_factory=list)


class Postman:
    """Delivers a post with patience. `say` takes progress lines, `sleep` seconds."""

    def __init__(
        self,
        journal: EffectJournal,
        mailer: Mailer,
        *,
        sleep: Callable[[float], None],
        say: Callable[[str], None],
        waits: Sequence[float] = WAITS,
    ) -> None:
        self._journal = journal
        self._mailer = mailer
        self._sleep = sleep
        self._say = say
        self._waits = waits

    def deliver(self, post: Post) -> Report:
        """Send to everybody in the post, or say exactly who was left out and why. Raises no mail error."""
        report = Report()
        left, part, waits = post.recipients, 0, list(self._waits)
        while left:
            key = post.key if part == 0 else f"{post.key}:{part}"
            try:
                delivery = self._once(key, post, left, report.said)
            except DeliveryUnknown as error:
                return self._doubted(report, key, left, error)
            except MailRejected as error:
                return _stopped(report, left, str(error))
            except MailTemporary as error:
                words = str(error)
            else:
                part += 1
                left = _take(report, delivery, left)
                words = _words(delivery.deferred)
            if left and not self._wait(words, waits):
                return _stopped(report, left, words)
            if left:
                report.said.append(words)
        return report

    def _doubted(self, report: Report, key: str, left: tuple[str, ...], error: DeliveryUnknown) -> Report:
        """Only whom the server had taken the mail for is in doubt; the others got nothing, for certain."""
        known = error.known or Delivery(accepted=left)
        refused, deferred = dict(known.refused), dict(known.deferred)
        self._journal.doubt(
            key, str(error), {"unknown": list(known.accepted), "refused": refused, "deferred": deferred}
        )
        report.refused |= refused
        report.doubt = Doubt(key, known.accepted, str(error), refused, deferred)
        return report

    def _wait(self, words: str, waits: list[float]) -> bool:
        if not waits:
            return False
        seconds, tries = waits.pop(0), len(self._waits) + 1
        end = "" if words.endswith((".", "?", "!")) else "."
        self._say(f"{words}{end} Trying again in {seconds:g} s ({tries - len(waits)} of {tries}).")
        self._sleep(seconds)
        return True

    def _once(self, key: str, post: Post, recipients: tuple[str, ...], said: list[str]) -> Delivery:
        """One try. `said` is what earlier ones were answered; a run after a crash reads it back."""
        known = self._journal.get(key)
        failed = known is not None and known.status is EffectStatus.FAILED
        if post.changed and (known is None or failed):
            raise MailRejected(post.changed)
        if known is not None and not failed and _of_another(known, post):
            raise MailRejected(_other_mail(known))
        if known is not None and not said:
            said += _earlier(known)
        effect = self._journal.begin(key, "mail", thread_id=post.thread_id, request=self._request(post, recipients))
        if effect.status is EffectStatus.DONE:
            return _from_result(effect, recipients)
        if not effect.fresh and not self._may_repeat(effect, post):
            raise DeliveryUnknown(_why(effect), _known(effect, recipients))
        self._say(f"Sending the mail to {', '.join(recipients)}.")
        try:
            delivery = self._mailer.send(post.message, recipients)
        except (MailRejected, MailTemporary) as error:
            self._journal.fail(key, str(error))
            raise
        self._journal.finish(key, {**_as_result(delivery), "earlier": list(said)})
        return delivery

    def _request(self, post: Post, recipients: tuple[str, ...]) -> dict[str, JSON]:
        return {
            "recipients": list(recipients),
            "subject": post.subject,
            "message_id": str(post.message["Message-ID"]),
            "route": self._mailer.route,
        }

    def _may_repeat(self, effect: Effect, post: Post) -> bool:
        """A mailer that can tell leaves one mail for one Message-ID, but only of the tries that it made itself."""
        own = effect.request.get("route") == self._mailer.route and post.changed is None
        return own and self._mailer.delivered(str(post.message["Message-ID"])) is not None


def _take(report: Report, delivery: Delivery, left: tuple[str, ...]) -> tuple[str, ...]:
    """Book what a try achieved; returns who is still to get the mail."""
    report.accepted += delivery.accepted
    report.refused |= delivery.refused
    report.place = delivery.place or report.place
    return tuple(address for address in left if address in delivery.deferred)


def _stopped(report: Report, left: tuple[str, ...], words: str) -> Report:
    report.problem = words
    if report.accepted:
        report.refused |= dict.fromkeys(left, words)
    return report


def _words(deferred: Mapping[str, str]) -> str:
    said = "; ".join(f"{address}: {words}" for address, words in deferred.items())
    return f"The mail server said: {said}"


def _of_another(known: Effect, post: Post) -> bool:
    """Was this key used for another mail? Then the thread went back to before that approval, as after a restore of its file."""
    return known.request.get("message_id") not in (None, str(post.message["Message-ID"]))


def _other_mail(known: Effect) -> str:
    happened = "was sent" if known.status is EffectStatus.DONE else "may have been sent"
    to = ", ".join(known.request.get("recipients") or ())
    return (
        f"The thread's file went back to before an earlier approval: then “{known.request.get('subject')}” {happened} to {to}. "
        "Nothing new was sent. Approve once more if this mail shall go out, too."
    )


def _why(effect: Effect) -> str:
    error = _result(effect).get("error")
    if effect.status is EffectStatus.IN_DOUBT and error:
        return str(error)
    return "Signoff was stopped while this mail was being sent, so nobody here knows how far it got."


def _result(effect: Effect) -> Mapping[str, JSON]:
    return effect.result if isinstance(effect.result, Mapping) else {}


def _earlier(effect: Effect) -> list[str]:
    """What the tries before a crash were answered, as far as the journal has it."""
    if effect.status is EffectStatus.FAILED:
        return [str(_result(effect).get("error", ""))]
    return [str(words) for words in _result(effect).get("earlier", [])]


def _known(effect: Effect, recipients: tuple[str, ...]) -> Delivery:
    """What is certain about a try in doubt. `accepted` are those in doubt."""
    result = _result(effect)
    return Delivery(
        accepted=tuple(result.get("unknown", recipients)),
        refused=dict(result.get("refused", {})),
        deferred=dict(result.get("deferred", {})),
    )


def _as_result(delivery: Delivery) -> dict[str, JSON]:
    return {
        "accepted": list(delivery.accepted),
        "refused": dict(delivery.refused),
        "deferred": dict(delivery.deferred),
        "place": delivery.place,
    }


def _from_result(effect: Effect, recipients: tuple[str, ...]) -> Delivery:
    """What the journal tells a node that runs again."""
    result = _result(effect)
    return Delivery(
        accepted=tuple(result.get("accepted", recipients)),
        refused=dict(result.get("refused", {})),
        deferred=dict(result.get("deferred", {})),
        place=result.get("place"),
    )
