"""Which encoding a file has, and its text line by line.

A byte order mark is believed. Without one a file is UTF-8 or it is refused,
with the encoding that fits best as an offer: which it is, only a person can tell.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from agents.adapters.tables.faults import BadTable, WrongEncoding
from agents.errors import InvalidInput

if TYPE_CHECKING:
    from charset_normalizer.models import CharsetMatches

UTF_8 = "utf-8"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    (b"PK\x03\x04", "an Excel workbook or a zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
)
_OTHER_TEXTS = (
    (re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE), "a web page"),
    (re.compile(rb"\s*<\?xml\b"), "XML"),
    (re.compile(rb'\s*(?:\[\s*)?\{\s*"'), "JSON"),
)
_LABELS = {
    "cp1252": "Windows-1252 (Western European)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp874": "Windows-874 (Thai)",
    "koi8_r": "KOI8-R (Russian)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "Windows-949 (Korean)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850 (Western European)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
_NOT_FOR_FILES = frozenset({"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf_7", "undefined"})
_HEAD = 4096
_LOOKED_AT = 65_536
_EXCERPT = 120


def label(encoding: str) -> str:
    """An encoding's name for people: "cp1252" -> "Windows-1252 (Western European)"."""
    return _LABELS.get(encoding, encoding.removesuffix("-sig").upper())


def encoding_of(file: BinaryIO, name: str, given: str | None) -> str:
    """The encoding to read a file with: its mark's, the given one, else UTF-8.

    Raises InvalidInput for a name that is no encoding, BadTable for what is no
    text, and WrongEncoding for UTF-16 without a mark.
    """
    chosen = _known(given) if given else UTF_8
    file.seek(0)
    head = file.read(_HEAD)
    what = _other(head)
    if what:
        raise BadTable(f"{name} is {what}, not a CSV file. Open it and save it as CSV in UTF-8.")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    wide = _wide(head)
    if wide and chosen == UTF_8:
        raise _wrong(file, name, chosen, 1, wide, head)
    if chosen == "utf-16":  # which of the two it is, only its mark would have said
        if wide is None:
            raise _wrong(file, name, chosen, 1, None, head)
        return wide
    return chosen


def lines(file: BinaryIO, name: str, encoding: str, longest: int) -> Iterator[str]:
    """The lines of a file from its start, with their ends; \\n, \\r and \\r\\n all end one. The file stays open.

    longest: characters. Raises WrongEncoding, and BadTable for NUL characters or a longer line.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    number = 0
    try:
        while line := text.readline(longest + 1):
            number += 1
            if len(line) > longest:
                raise BadTable(
                    f"Line {number} of {name} is longer than {longest:,} characters, so this seems not to be a CSV file. "
                    "Save it again as CSV, one row per line."
                )
            if "\0" in line:
                raise BadTable(
                    f"Line {number} of {name} holds a NUL character, which no text has. "
                    "Save the file again as CSV in UTF-8."
                )
            yield line
    except UnicodeDecodeError:
        raise _wrong(file, name, encoding, *_fault(file, encoding)) from None
    finally:
        with suppress(ValueError):  # whoever stopped reading may have closed the file
            text.detach()


def _known(given: str) -> str:
    try:
        found = codecs.lookup(given.strip()).name
        "".encode(found)  # refused by codecs that are no encodings of text
    except (LookupError, ValueError):
        found = ""
    if not found or found.replace("-", "_") in _NOT_FOR_FILES:
        raise InvalidInput(f"encoding: “{given}” is no encoding known here. Give one such as utf-8 or cp1252.")
    return found


def _other(head: bytes) -> str | None:
    """What a file is whose beginning tells that it is no CSV file."""
    known = next((what for start, what in _OTHER_FILES if head.startswith(start)), None)
    text = head.removeprefix(codecs.BOM_UTF8)
    return known or next((what for start, what in _OTHER_TEXTS if start.match(text)), None)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte of a text with Latin letters is zero."""
    half = len(head) // 2
    if half < 2:
        return None
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _fault(file: BinaryIO, encoding: str) -> tuple[int, str | None, bytes]:
    """The line that cannot be read, the encoding that fits the file, and a line to show it on."""
    number = _line_at_fault(file, encoding)
    foreign = _foreign_lines(file)
    if encoding.startswith("utf-") and encoding != UTF_8:
        return number, None, b""  # marked as UTF-16 or the like, and damaged
    return number, _fitting(foreign), foreign.split(b"\n", 1)[0]


def _line_at_fault(file: BinaryIO, encoding: str) -> int:
    file.seek(0)
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    number = 1
    while True:
        block = file.read(_HEAD)
        state = decoder.getstate()
        try:
            number += decoder.decode(block, final=not block).count("\n")
        except UnicodeDecodeError as error:
            decoder.setstate(state)
            return number + decoder.decode(error.object[: error.start]).count("\n")
        if not block:
            return number


def _foreign_lines(file: BinaryIO) -> bytes:
    """The first lines that are not plain ASCII; only they tell encodings apart."""
    file.seek(0)
    found = b""
    while (line := file.readline(_LOOKED_AT)) and len(found) < _LOOKED_AT:
        if not line.isascii():
            found += line if line.endswith(b"\n") else line + b"\n"
    return found


def _fitting(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # only a file that is not UTF-8 pays for loading it

    names = [name for name in _LABELS if not name.startswith("utf")]
    matches = from_bytes(sample, cp_isolation=names)
    best = matches.best()
    if best is None:
        return None
    return "cp1252" if _as_well_western(matches) else best.encoding


def _as_well_western(matches: CharsetMatches) -> bool:
    """Where nothing speaks against it, the most common one: a few accents look the same in many."""
    best = matches.best()
    assert best is not None
    like = [each for each in matches if each.chaos == best.chaos and each.coherence == best.coherence]
    return any("cp1252" in each.could_be_from_charset for each in like)


def _wrong(file: BinaryIO, name: str, encoding: str, number: int, detected: str | None, sample: bytes) -> WrongEncoding:
    said = f"{name} is not {label(encoding)}: line {number} cannot be read as that."
    if detected is None:
        return WrongEncoding(f"{said} Save it again as CSV in UTF-8.")
    line = sample.decode(detected, "replace").splitlines()[0]
    excerpt = line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"
    way = f"It looks like {label(detected)} and would read: “{excerpt}”."
    return WrongEncoding(f"{said} {way} Read it as {detected}, or save it again in UTF-8.", detected, excerpt)
