"""Who a proxy says somebody is: believed only together with the secret that the proxy and the desk share."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence

from agents.domain import name_problem
from agents.errors import NotSignedIn
from agents.people.accounts import one_way
from agents.settings import Settings

SECRET_HEADER = "X-Signoff-Proxy-Secret"  # noqa: S105 - a header's name, no secret


def name_in(settings: Settings, all_of: Callable[[str], Sequence[str]]) -> str:
    """The person whom the proxy names. all_of: every value of a header of the request.

    Raises NotSignedIn without the secret, and where a header comes twice: one of them may be the sender's own.
    """
    given, kept = all_of(SECRET_HEADER), settings.proxy_secret
    if kept is None or len(given) != 1 or not _same(given[0], kept.get_secret_value()):
        raise NotSignedIn("This desk is reached through its proxy, which signs people in. Use the proxy's address.")
    named = all_of(settings.proxy_header)
    name = _text(named[0]).strip() if len(named) == 1 else ""
    if name_problem(name):
        raise NotSignedIn(
            f"The proxy did not say who you are in {settings.proxy_header}. Whoever looks after it has it set that header, "
            "once, for everybody who is signed in."
        )
    return one_way(name)


def _same(given: str, kept: str) -> bool:
    return hmac.compare_digest(_text(given).encode(), kept.encode())


def _text(value: str) -> str:
    """A header's bytes are read as Latin-1; most proxies write UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
