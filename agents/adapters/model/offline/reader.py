"""A sentence that is read by taking phrases out of it; what is left was not understood.

Nothing a person says is passed over: a rule takes the words that it reads,
and whoever asks at the end finds the words that no rule took.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"""(?<!\w)(?:"([^"\n]*)"|“([^”\n]*)”|'([^'\n]*)'(?!\w)|‘([^’\n]*)’(?!\w)|`([^`\n]*)`|«([^»\n]*)»)"""
)
_MARK = re.compile("\ue000(\\d+)\ue001")

MARK = "\ue000\\d+\ue001"
"""Matches one quoted text, as it stands in the protected sentence."""


class Quotes:
    """Quoted texts, taken out of a sentence so that no rule reads inside them."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def protect(self, text: str) -> str:
        text = re.sub("[\ue000\ue001]", "", text)
        return _QUOTED.sub(self._store, text)

    def _store(self, match: re.Match[str]) -> str:
        self._texts.append(next(group for group in match.groups() if group is not None))
        return f"\ue000{len(self._texts) - 1}\ue001"

    def plain(self, text: str) -> str:
        """The text with its quotes' contents back, without the marks of quotation."""
        return _MARK.sub(lambda match: self._texts[int(match.group(1))], text)

    def quoted(self, text: str) -> str:
        """The text with its quotes in it, for a person or to be read again."""
        return _MARK.sub(lambda match: f"“{self._texts[int(match.group(1))]}”", text)

    shown = quoted


class Reader:
    """One clause. `take` cuts a phrase out; `rest` is what nobody took."""

    def __init__(self, text: str) -> None:
        self._text = f" {text} "

    def take(self, pattern: str) -> re.Match[str] | None:
        """Cut the first match out of the text, whole words only, whatever its case."""
        match = re.search(rf"(?<![\w.*/-])(?:{pattern})(?![\w*/])", self._text, re.IGNORECASE)
        if match:
            self._text = f"{self._text[: match.start()]} {self._text[match.end() :]}"
        return match

    def take_all(self, pattern: str) -> list[re.Match[str]]:
        found = []
        while (match := self.take(pattern)) is not None:
            found.append(match)
        return found

    @property
    def rest(self) -> str:
        return " ".join(self._text.split())
