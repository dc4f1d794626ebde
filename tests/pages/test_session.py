"""What every page shares: the door cannot be gone round."""

from __future__ import annotations

import re
from pathlib import Path

PAGES = Path(__file__).parents[2] / "pages"


def test_what_runs_between_two_runs_of_a_page_asks_for_the_sign_in_too() -> None:
    """A fragment runs without pages/desk.py; `watched` is the one that looks first."""
    around = [
        path.name
        for path in sorted(PAGES.rglob("*.py"))
        if re.search(r"st\.(fragment|dialog)\b", path.read_text(encoding="utf-8")) and path.name != "session.py"
    ]
    assert around == []
