"""What a mail says and to whom, and what may be answered about it: checked, pure, no I/O.

The same two readers serve the codec (before a decision is accepted) and the
graph (whoever resumed it), so that neither takes what the other would refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from agents.addresses import FIELD_NAMES, Mailbox, read_mailbox, refuse_breaks
from agents.domain import JSON, DecisionType
from agents.errors import InvalidDecision

SUBJECT_MAX = 900
RECIPIENTS_MAX = 100
_LISTS = ("to", "cc", "bcc")
_FIELDS = (*_LISTS, "reply_to", "subject", "body")
_WORDS = {
    "send": DecisionType.APPROVE,
    "approve": DecisionType.APPROVE,
    "cancel": DecisionType.REJECT,
    "reject": DecisionType.REJECT,
}
_NEXT = 'Answer {"type": "approve" | "edit" | "respond" | "reject"}, or "send", "cancel" or new instructions.'


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. Addresses are text as a person wrote them ("Ann <ann@x.org>"), each checked and named once."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: str | None
    subject: str
    body: str

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        """Everybody who gets a copy, in the order To, Cc, Bcc."""
        return tuple(read_mailbox(text, name) for name in _LISTS for text in getattr(self, name))

    def as_json(self) -> dict[str, JSON]:
        """Plain data that `read_letter` takes back unchanged."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a resume value says. `letter` and `notes` only for an edit."""

    type: DecisionType
    message: str | None = None
    letter: Letter | None = None
    notes: tuple[str, ...] = ()


def read_answer(value: JSON) -> Answer:
    """Understand a resume value of `email_approval`.

    {"type": "approve"} | {"type": "edit", "args": {...}} | {"type": "respond", "message": ...}
    | {"type": "reject", "message": ...}, or as text "send", "cancel", anything
    else = new instructions. Raises InvalidDecision(message, field).
    """
    if isinstance(value, str):
        return _read_words(value)
    if not isinstance(value, Mapping):
        raise InvalidDecision(f"The answer is neither text nor an object. {_NEXT}", "value")
    kind = value.get("type")
    extra = set(value) - {"type", "message", "args"}
    if extra:
        raise InvalidDecision(f"The answer has the unknown field {sorted(extra)[0]!r}. {_NEXT}", "value")
    if kind == "approve":
        return Answer(DecisionType.APPROVE)
    if kind == "edit":
        letter, notes = read_letter(value.get("args"))
        return Answer(DecisionType.EDIT, letter=letter, notes=notes)
    if kind == "respond":
        return Answer(DecisionType.RESPOND, message=read_message(value.get("message"), needed=True))
    if kind == "reject":
        return Answer(DecisionType.REJECT, message=read_message(value.get("message"), needed=False))
    raise InvalidDecision(f"The answer has no type that is known here. {_NEXT}", "type")


def read_message(message: JSON, *, needed: bool) -> str | None:
    """The text that goes with a decision. Raises InvalidDecision where it is needed and missing."""
    if message is not None and not isinstance(message, str):
        raise InvalidDecision("The message must be text.", "message")
    text = (message or "").strip()
    if needed and not text:
        raise InvalidDecision("Say what the new draft should do differently.", "message")
    return text or None


def read_letter(fields: JSON) -> tuple[Letter, tuple[str, ...]]:
    """A whole letter (not a patch) from plain fields, and notes on what was tidied.

    to: one address or a list; cc, bcc: likewise, may be missing; reply_to: one
    address or null; subject, body: text. An address that stands twice is kept
    where it stood first, and a note says so. Raises InvalidDecision(field=...).
    """
    if not isinstance(fields, Mapping):
        raise InvalidDecision("An edit needs args: the whole mail with to, subject and body.", "args")
    unknown = sorted(str(name) for name in fields if name not in _FIELDS)
    if unknown:
        raise InvalidDecision(
            f"The mail has no field {unknown[0]!r}. Known are to, cc, bcc, reply_to, subject and body.", unknown[0]
        )
    lists, notes = _without_repeats({name: read_list(fields.get(name), name) for name in _LISTS})
    if not lists["to"]:
        raise InvalidDecision("To: give at least one address.", "to")
    if sum(map(len, lists.values())) > RECIPIENTS_MAX:
        raise InvalidDecision(f"To: more than {RECIPIENTS_MAX} recipients in one mail; send it in parts.", "to")
    reply_to = _read_text(fields.get("reply_to") or "", "reply_to").strip()
    letter = Letter(
        to=lists["to"],
        cc=lists["cc"],
        bcc=lists["bcc"],
        reply_to=read_mailbox(reply_to, "reply_to").text if reply_to else None,
        subject=read_subject(fields.get("subject")),
        body=_read_body(fields.get("body")),
    )
    return letter, notes


def checked_fields(fields: JSON) -> dict[str, JSON]:
    """The plain fields of `read_letter`, checked and tidied like there, but with repeated addresses left in.

    For what is sent to a graph: it is the graph that says in its outcome that one got a single copy.
    Raises InvalidDecision(field=...).
    """
    letter, _ = read_letter(fields)
    return {**letter.as_json(), **{name: list(read_list(fields.get(name), name)) for name in _LISTS}}


def read_list(value: JSON, field: str) -> tuple[str, ...]:
    """Addresses of one field; blank entries are dropped. A string is one address, never a list."""
    entries = [value] if isinstance(value, str) else ([] if value is None else value)
    if not isinstance(entries, list | tuple):
        raise InvalidDecision(f"{FIELD_NAMES[field]}: expected an address or a list of addresses.", field)
    texts = [_read_text(entry, field) for entry in entries]
    return tuple(read_mailbox(text, field).text for text in texts if text.strip())


def read_subject(value: JSON) -> str:
    text = _read_text(value, "subject")
    refuse_breaks(text, "subject", what="the subject")
    if len(text) > SUBJECT_MAX:
        raise InvalidDecision(f"Subject: {len(text)} letters are too many; {SUBJECT_MAX} are the most.", "subject")
    return text.strip()


def note_repeated(mailbox: Mailbox) -> str:
    return f"{mailbox.address} stood there more than once and gets one copy."


def _read_words(text: str) -> Answer:
    word = text.strip().lower()
    if word in _WORDS:
        return Answer(_WORDS[word])
    if not word:
        raise InvalidDecision(f"The answer is empty. {_NEXT}", "message")
    return Answer(DecisionType.RESPOND, message=text.strip())


def _read_text(value: JSON, field: str) -> str:
    if not isinstance(value, str):
        what = "it is missing" if value is None else "expected text, and it is something else"
        raise InvalidDecision(f"{FIELD_NAMES[field]}: {what}.", field)
    return value


def _read_body(value: JSON) -> str:
    text = _read_text(value, "body")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise InvalidDecision("Body: it holds a NUL letter, which no mail can carry. Remove it.", "body")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidDecision("Body: it holds half a letter (a broken copy). Type that place again.", "body") from None
    return text


def _without_repeats(lists: Mapping[str, Iterable[str]]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    seen: set[str] = set()
    kept: dict[str, tuple[str, ...]] = {}
    notes: dict[str, None] = {}
    for field, texts in lists.items():
        mine = []
        for text in texts:
            mailbox = read_mailbox(text, field)
            if mailbox.key in seen:
                notes[note_repeated(mailbox)] = None
            else:
                seen.add(mailbox.key)
                mine.append(text)
        kept[field] = tuple(mine)
    return kept, tuple(notes)
