"""What led to a question: the conversation and what the last steps changed. Read only when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from agents import reviews
from agents.checkpoints.context import Change, Passage
from agents.checkpoints.glimpse import Glimpse
from agents.checkpoints.transcript import Call, Message, Transcript
from agents.errors import SignoffError
from agents.reviews import Context
from agents.wording import count
from pages.components.heading import banner, prose, section
from pages.components.long_text import save_button
from pages.components.session import the_desk, watched
from pages.components.words import age, escaped, label

WHOLE = 200_000
"""Characters that are drawn of one value; the rest is in the download."""
ROLES = {"person": "Person", "agent": "Agent", "system": "Instructions", "tool": "Tool"}
FOLD = 140
"""Characters of a value that stand there unfolded."""


@watched
def led_here(
    thread_id: str, source_id: str, key: str, checkpoint_id: str | None = None, *, unfolded: bool = False
) -> None:
    """An expander. checkpoint_id: what was read stands as long as this is the thread's newest.

    unfolded: open from the beginning, where nothing else says what there is to judge.
    """
    icon = ":material/history:"
    with st.expander("What led here", icon=icon, key=f"led-{key}", on_change="rerun", expanded=unfolded) as opened:
        if not opened.open:
            return
        try:
            known = _known(thread_id, source_id, key, checkpoint_id)
        except SignoffError as error:
            banner(str(error), "orange")
            return
        _draw(known, thread_id, source_id, key)


def _known(thread_id: str, source_id: str, key: str, checkpoint_id: str | None) -> Context:
    """Read once for a card: each rerun would unpack the state again."""
    name = f"out-led-{key}"
    kept = st.session_state.get(name)
    if kept is not None and checkpoint_id is not None and kept[0] == checkpoint_id:
        return kept[1]  # type: ignore[no-any-return]
    found = reviews.led_here(the_desk(), thread_id, source_id)
    st.session_state[name] = (checkpoint_id, found)
    return found


def _draw(known: Context, thread_id: str, source_id: str, key: str) -> None:
    led, now = known.led, the_desk().clock()
    if not led.transcripts and not led.passages:
        prose("The file keeps no earlier steps of this thread.", "so-muted")
    for number, transcript in enumerate(led.transcripts):
        _conversation(transcript, thread_id, source_id, f"{number}-{key}", alone=len(led.transcripts) == 1)
    if led.passages:
        section("The last steps")
    if led.earlier:
        prose("Earlier steps are left out here.", "so-muted")
    for number, passage in enumerate(led.passages):
        _step(passage, known, now)
        _cut_fields(passage, thread_id, source_id, f"{number}-{key}")


def _conversation(transcript: Transcript, thread_id: str, source_id: str, key: str, *, alone: bool) -> None:
    section("The conversation" if alone else f"The conversation in {_where(transcript)}")
    if transcript.earlier:
        prose(f"{count(transcript.earlier, 'earlier message')} left out here.", "so-muted")
    block: list[Message] = []
    for message in transcript.messages:
        block.append(message)
        if _is_cut(message):
            _messages(block)
            block = []
            if st.checkbox(
                _all("this message", message.text.size if message.text.cut else 0),
                key=f"led-message-{message.index}-{key}",
            ):
                text = reviews.whole_message(the_desk(), thread_id, source_id, transcript, message.index)
                _whole(text, "message", f"message-{message.index}-{key}")
    _messages(block)


def _where(transcript: Transcript) -> str:
    return f"{transcript.place} › {transcript.channel}" if transcript.place else transcript.channel


def _is_cut(message: Message) -> bool:
    return message.text.cut or any(call.more or any(value.cut for _, value in call.arguments) for call in message.calls)


def _messages(messages: Sequence[Message]) -> None:
    if messages:
        st.html(f'<div class="so-talk">{"".join(_message(each) for each in messages)}</div>')


def _message(message: Message) -> str:
    role = message.role if message.role in ROLES else "other"
    who = ROLES.get(message.role, message.role)
    name = f" {message.name}" if message.name else ""
    failed = ' <span class="so-badge so-red">failed</span>' if message.status == "error" else ""
    text = f'<div class="so-said-text">{escaped(message.text.text)}</div>' if message.text.text else ""
    calls = "".join(f'<div class="so-said-call">{_call(call)}</div>' for call in message.calls)
    nothing = "" if text or calls else '<div class="so-said-text so-muted">(no text)</div>'
    return (
        f'<div class="so-said so-said-{role}"><div class="so-said-who">{escaped(who + name)}{failed}</div>'
        f"{text}{calls}{nothing}</div>"
    )


def _call(call: Call) -> str:
    """ "called send_email with to=…, subject=…" """
    pairs = ", ".join(f"{escaped(name)}={escaped(_argument(value))}" for name, value in call.arguments)
    more = f" and {call.more} more" if call.more else ""
    return f"called <strong>{escaped(call.name)}</strong>{f' with {pairs}' if pairs else ''}{more}"


def _argument(value: Glimpse) -> str:
    text = " ".join(value.text.split())
    return f"“{text}”" if not value.data and any(each in text for each in " ,=") else text


def _step(passage: Passage, known: Context, now: datetime) -> None:
    when = age(passage.at, now) if passage.at else ""
    people = known.answered_by.get(passage.before_id or "", ())
    lines = [
        f'<div class="so-step-head"><strong>{escaped(_title(passage))}</strong> <span>{escaped(when)}</span></div>'
    ]
    for number, answer in enumerate(passage.answers):
        who = people[number] if number < len(people) else "A person"
        lines.append(f'<div class="so-step-answer">{escaped(who)} answered: {escaped(answer.text)}</div>')
    rows = "".join(_row(change, _had(passage)) for change in passage.changes)
    if rows:
        before = "<th>Before</th>" if _had(passage) else ""
        head = f"<thead><tr><th>Field</th>{before}<th>{'After' if before else 'Value'}</th></tr></thead>"
        lines.append(f'<table class="so-compared so-steps">{head}<tbody>{rows}</tbody></table>')
    elif passage.unread:
        lines.append('<div class="so-muted">The state is too large to compare here.</div>')
    else:
        lines.append('<div class="so-muted">It changed no field.</div>')
    if passage.more:
        lines.append(f'<div class="so-muted">and {count(passage.more, "more field")}</div>')
    st.html(f'<div class="so-step">{"".join(lines)}</div>')


def _title(passage: Passage) -> str:
    inside = f" in {passage.place}" if passage.place else ""
    if passage.source == "input":
        return f"What {passage.place or 'the graph'} was given"
    if passage.nodes:
        return f"{', '.join(passage.nodes)} ran{inside}"
    words = {"update": "The state was changed from outside", "fork": "The thread was copied from an earlier step"}
    return f"{words.get(passage.source, 'A step')}{inside}"


def _had(passage: Passage) -> bool:
    """Did any field of the step have another value before? A column of dashes tells nobody anything."""
    return any(change.before is not None for change in passage.changes)


def _row(change: Change, with_before: bool) -> str:
    before = f"<td>{_folded(change.before)}</td>" if with_before else ""
    if change.added:
        what = f"{count(change.added, 'item')} more: " if change.after else count(change.added, "message") + " more"
        after = f"{escaped(what)}{_folded(change.after)}"
    else:
        after = _folded(change.after) if change.after else '<span class="so-muted">no longer there</span>'
    return f"<tr><th>{escaped(change.name)}</th>{before}<td>{after}</td></tr>"


def _folded(value: Glimpse | None) -> str:
    """A short value as it is; of a longer one its first words, the rest behind a click in the page itself."""
    if value is None:
        return ""
    first = " ".join(value.text[: 4 * FOLD].split())[:FOLD]
    if len(value.text) <= FOLD and value.text.count("\n") < 2:
        return escaped(value.text)
    return f"<details><summary>{escaped(first)}…</summary>{escaped(value.text)}</details>"


def _cut_fields(passage: Passage, thread_id: str, source_id: str, key: str) -> None:
    for number, change in enumerate(passage.changes):
        for value, before in ((change.before, True), (change.after, False)):
            if value is None or not value.cut:
                continue
            words = _all(f"{label(change.name)}, {'before' if before else 'after'}", value.size, data=value.data)
            name = f"{number}-{'before' if before else 'after'}-{key}"
            if st.checkbox(words, key=f"led-field-{name}"):
                text = reviews.whole_field(the_desk(), thread_id, source_id, passage, change.name, before=before)
                _whole(text, change.name, name)


def _all(what: str, size: int, *, data: bool = False) -> str:
    unit = count(size, "item" if data else "character") if size else ""
    return f"Show all of {what}{f' ({unit})' if unit else ''}"


def _whole(text: str, name: str, key: str) -> None:
    if not text:
        prose("It is no longer kept in the file.", "so-muted")
        return
    if len(text) > WHOLE:
        save_button(text, name.strip() or "value", key=f"led-save-{key}")
        prose(f"The first {WHOLE:,} of {len(text):,} characters; the download has all.", "so-muted")
    st.code(text[:WHOLE], language=None, wrap_lines=True, height=420 if len(text) > 2000 else "content")
