"""Numbers in words, the same everywhere: "3 files", "2.1 MB"."""

from __future__ import annotations

from collections.abc import Sequence


def count(number: int, noun: str) -> str:
    """3, "file" -> "3 files"; 1 -> "1 file"; thousands get a comma."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: int) -> str:
    """Bytes in decimal units: 999 -> "999 bytes", 2_100_000 -> "2.1 MB"."""
    if number < 1000:
        return count(number, "byte")
    amount = float(number)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:,.1f} TB"


def some(names: Sequence[str], shown: int = 3) -> str:
    """A list cut short, and by how much: "a, b, c and 7 more"."""
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest:,} more" if rest > 0 else "")
