r"""File names as text that survives JSON, msgpack and a screen.

A name on disk is bytes; Python gives it as text with surrogates for what is
not UTF-8. `shown` turns that into printable text and `raw` turns it back:
a byte that is not UTF-8 is \xNN, a character that cannot be seen (a line
break, a right-to-left override) is \xNN or \uNNNN, a backslash is doubled.
Everything else stays as it is, so ordinary names look like themselves.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TypeAlias

from agents.errors import OutsideWorkspace

Parts: TypeAlias = tuple[str, ...]
"""A path below the workspace: raw names, never empty, never "." or ".."."""

TRASH = ".trash"
NAME_BYTES = 255

_ESCAPE = re.compile(r"\\(?:(\\)|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.?))", re.DOTALL)
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def shown(raw_name: str) -> str:
    """The printable, reversible form of one raw name."""
    if raw_name.isprintable() and "\\" not in raw_name:
        return raw_name
    return "".join(map(_shown_character, raw_name))


def _shown_character(character: str) -> str:
    number = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    if character.isprintable():
        return character
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def raw(shown_name: str) -> str:
    """The raw name of a shown one. Raises OutsideWorkspace for text that is no such name."""
    try:
        text = _ESCAPE.sub(_raw_character, shown_name) if "\\" in shown_name else shown_name
        return os.fsdecode(os.fsencode(text))
    except (UnicodeError, ValueError, OverflowError):
        raise OutsideWorkspace(f"“{shown_name}” is not a file name.") from None


def _raw_character(match: re.Match[str]) -> str:
    backslash, byte, short, long, other = match.groups()
    if other is not None:
        raise ValueError("unknown escape")
    if backslash:
        return "\\"
    number = int(byte or short or long, 16)
    return chr(number + 0xDC00) if byte and number >= 0x80 else chr(number)


def split(path: str) -> Parts:
    """The parts of a shown path below the workspace.

    Raises OutsideWorkspace for an absolute path, "..", a home folder, an
    unreadable name, and for the trash, which plans never touch.
    """
    refuse_outside(path)
    parts = tuple(raw(name) for name in path.split("/") if name not in {"", "."})
    if not parts:
        raise OutsideWorkspace(f"“{path}” names the workspace itself, not a file in it.")
    for part in parts:
        _check(path, part)
    if parts[0].casefold() == TRASH:
        raise OutsideWorkspace(f"“{path}” is in the trash, which plans leave alone.")
    return parts


def refuse_outside(path: str) -> None:
    """Raise OutsideWorkspace if a shown path or pattern leaves the workspace by its text."""
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", path):
        raise OutsideWorkspace(f"“{path}” is an absolute path. Plans name files relative to the workspace.")
    if ".." in path.split("/"):
        raise OutsideWorkspace(f"“{path}” leaves the workspace through “..”.")


def _check(path: str, part: str) -> None:
    if part in {".", ".."} or "/" in part or "\0" in part:
        raise OutsideWorkspace(f"“{path}” is not a path inside the workspace.")
    if len(os.fsencode(part)) > NAME_BYTES:
        raise OutsideWorkspace(f"“{path}” holds a name longer than {NAME_BYTES} bytes.")


def join(parts: Parts) -> str:
    """The shown path of raw parts; the one spelling by which paths are compared."""
    return "/".join(map(shown, parts))


def folder_name(thread_id: str) -> str:
    """A folder name for a thread: its id where that is plain, else a hash of it."""
    if _PLAIN_ID.fullmatch(thread_id):
        return thread_id
    return "t" + hashlib.sha256(thread_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
