"""Numbers, times and kinds in the words that stand on screen. Pure functions."""

from __future__ import annotations

import html
import re
from datetime import datetime

from agents.domain import DecisionType, Kind
from agents.wording import count
from agents.wording import did as did

LABEL = 110
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
NAMED = 32
KINDS = {
    Kind.PLAN: "Plan",
    Kind.EMAIL: "Email",
    Kind.QUESTION: "Question",
    Kind.SAMPLE: "Sample",
    Kind.TOOL: "Tool call",
    Kind.GENERIC: "Other",
}
COLOURS = {
    Kind.PLAN: "violet",
    Kind.EMAIL: "blue",
    Kind.QUESTION: "green",
    Kind.SAMPLE: "green",
    Kind.TOOL: "orange",
    Kind.GENERIC: "gray",
}


def passing(kind: str, type_: DecisionType, seconds: int) -> str:
    """What happens when the time to undo is over; only a mail that was approved goes out."""
    if kind == Kind.EMAIL and type_ in (DecisionType.APPROVE, DecisionType.EDIT):
        return f"The mail goes out in {seconds} s."
    if type_ is DecisionType.IGNORE:
        return f"The thread is closed in {seconds} s. The workflow gets no answer."
    nothing = " Nothing is sent." if kind == Kind.EMAIL and type_ is DecisionType.REJECT else ""
    return f"Passed on to the workflow in {seconds} s.{nothing}"


def age(moment: datetime, now: datetime) -> str:
    """How long ago: "just now", "5 minutes ago", "3 days ago", "on 4 March 2024"."""
    seconds = (now - moment).total_seconds()
    if seconds < 45:
        return "just now"
    if seconds < 45 * 60:
        return f"{count(max(1, round(seconds / 60)), 'minute')} ago"
    if seconds < 22 * 3600:
        return f"{count(max(1, round(seconds / 3600)), 'hour')} ago"
    if seconds < 400 * 86400:
        return f"{count(max(1, round(seconds / 86400)), 'day')} ago"
    return f"on {moment.day} {moment:%B %Y}"


def clock_time(moment: datetime) -> str:
    """A moment in the server's time zone, to the second: "4 Mar 2024, 14:03:22"."""
    here = moment.astimezone()
    return f"{here.day} {here:%b %Y, %H:%M:%S}"


def by_clock(moment: datetime, now: datetime) -> str:
    """A moment that comes, in the server's time zone, to the minute: "14:03" for today, else "4 Mar, 14:03"."""
    here, today = moment.astimezone(), now.astimezone()
    day = "" if here.date() == today.date() else f"{here.day} {here:%b}, "
    return f"{day}{here:%H:%M}"


def thread_words(thread_id: str) -> str:
    """ "thread 3f2a91c0" for an id that a machine made; a person's own id whole, as far as there is room."""
    if re.fullmatch(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", thread_id, re.IGNORECASE):
        return f"thread {thread_id[:8]}"
    return f"thread {thread_id if len(thread_id) <= NAMED else f'{thread_id[: NAMED - 1]}…'}"


def label(text: str) -> str:
    """Text that may stand in a Streamlit label, where Markdown would be drawn: what could be markup is dropped."""
    plain = re.sub(r":(?!\s)|[^\w\s:,./'’“”…()%+@–-]", " ", text)
    words = " ".join(plain.split())
    short = words if len(words) <= LABEL else f"{words[: LABEL - 1].rstrip()}…"
    return short.replace("_", "\\_")


def unlinked(text: str) -> str:
    """label() where a label may hold links: Streamlit makes one of a mail address and of what begins with www."""
    return re.sub(r"(@|\bwww\.)(?=\w)", "\\1\u2060", label(text), flags=re.IGNORECASE)


def words_of(name: str) -> str:
    """A field's name as a label: "older_than_days" -> "Older than days"."""
    spaced = label(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]", " ", name)).lower()
    return spaced[:1].upper() + spaced[1:]


def escaped(text: object) -> str:
    """Text for st.html: every character that could be markup, escaped; what would hide or turn text around is named."""
    return html.escape(visible(str(text)), quote=True)


def visible(text: str) -> str:
    """Control characters as their signs, and marks that turn the direction of text around by their number."""
    return _UNSEEN.sub(lambda found: _sign(ord(found[0])), text)


def _sign(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return f"⟨U+{code:04X}⟩"
