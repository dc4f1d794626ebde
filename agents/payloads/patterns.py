"""Regular expressions that a stranger wrote, matched without letting one of them hang the desk.

Python's own matcher can take longer than anybody lives and cannot be
interrupted. So a pattern goes to a matcher without backtracking, and what that
one does not know (looking ahead, going back) to a process that is ended in time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from typing import Annotated, Any

SECONDS = 1.0
_SEARCH = "import json, re, sys; p, t = json.load(sys.stdin); print(bool(re.search(p, t)))"


def matches(pattern: str, text: str) -> bool:
    """Does the pattern occur in the text? True as well where nobody can tell in time, or the pattern is broken."""
    matcher = _matcher(pattern)
    if matcher is None:
        return _elsewhere(pattern, text)
    from pydantic import ValidationError

    try:
        matcher.validate_python(text)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> Any:
    from pydantic import ConfigDict, StringConstraints, TypeAdapter
    from pydantic_core import SchemaError

    try:
        return TypeAdapter(
            Annotated[str, StringConstraints(pattern=pattern)], config=ConfigDict(regex_engine="rust-regex")
        )
    except SchemaError:
        return None


@lru_cache(maxsize=256)
def _elsewhere(pattern: str, text: str) -> bool:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _SEARCH],
            input=json.dumps([pattern, text]),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.stdout.strip() != "False"
