"""What a graph did to the outside world, in sentences, with the way back where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from agents import restoring
from agents.domain import JSON
from agents.effects import Effect, EffectStatus
from agents.errors import SignoffError
from agents.people import Act
from agents.wording import count
from pages.components.heading import banner, bullets
from pages.components.session import allowed, the_desk, who

LEFT_SHOWN = 20


def effect_list(effects: Sequence[Effect], *, source: str | None, key: str, told: bool = False) -> None:
    """A line per effect, what is in doubt first; files can be put back from here. source: the thread's checkpointer file.

    told: the graph's own sentence says what was done, so only what it may leave out is listed.
    """
    for effect in effects:
        if effect.status in (EffectStatus.IN_DOUBT, EffectStatus.STARTED):
            banner(f"{_line(effect)} It is not certain whether this happened.", "orange")
    settled = [effect for effect in effects if effect.status in (EffectStatus.DONE, EffectStatus.FAILED)]
    listed = [effect for effect in settled if not told or effect.status is EffectStatus.FAILED]
    if listed:
        bullets(_line(effect) for effect in listed)
    left = [line for effect in settled for line in _left(effect)]
    if left:
        banner("Left alone, because it was no longer as approved:", "orange")
        bullets(left[:LEFT_SHOWN])
        if len(left) > LEFT_SHOWN:
            bullets([f"and {count(len(left) - LEFT_SHOWN, 'more file')}"])
    if any(effect.kind == "file" and effect.status is EffectStatus.DONE for effect in effects):
        _restore(effects[0].thread_id, source, key)


def _restore(thread_id: str, source: str | None, key: str) -> None:
    said = st.session_state.get(f"restored-{thread_id}")
    if said:
        banner(said, "green")
    files = _restorable(thread_id)
    if not files or not allowed(Act.RESTORE):
        return
    words = f"Restore {count(files, 'file')}"
    if st.button(words, icon=":material/restore_from_trash:", key=f"restore-{key}-{thread_id}"):
        try:
            report = restoring.restore_files(the_desk(), thread_id, actor=who(), source_id=source)
        except SignoffError as error:
            banner(str(error), "red")
            return
        lines = [f"{each.path}: {each.why}" for each in report.left[:LEFT_SHOWN]]
        st.session_state[f"restored-{thread_id}"] = "\n".join([report.text, *lines])
        st.rerun()


def _restorable(thread_id: str) -> int:
    try:
        return restoring.restorable_files(the_desk(), thread_id)
    except SignoffError:
        return 0  # the workspace is away; there is nothing to offer


def _line(effect: Effect) -> str:
    request, result = _mapping(effect.request), _mapping(effect.result)
    if effect.status is EffectStatus.FAILED:
        return f"Not done: {_what(effect.kind, request)}. {result.get('error', '')}"
    if effect.kind == "file" and "done" in result:
        return (
            f"{_what(effect.kind, request)}: {result['done']:,} of {count(int(result.get('wanted', 0)), 'file')} done."
        )
    place = f" It is the file {result['place']}." if result.get("place") else ""
    return f"{_what(effect.kind, request)}.{place}"


def _what(kind: str, request: Mapping[str, JSON]) -> str:
    if kind == "mail":
        to = ", ".join(str(each) for each in request.get("recipients", ()))
        return f"Mail “{request.get('subject', '')}” to {to}"
    return str(request.get("sentence") or request.get("path") or kind)


def _left(effect: Effect) -> list[str]:
    left = _mapping(effect.result).get("left")
    return [f"{each.get('path')}: {each.get('why')}" for each in left] if isinstance(left, list) else []


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}
