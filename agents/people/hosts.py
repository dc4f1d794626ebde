"""Under which names and addresses the desk answers. A page of somebody else can point a name of its own at this machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from agents.settings import Settings

LOOPBACK_NAME = "localhost"
PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers with which a proxy says that it passes something on for somebody else."""


def is_loopback(address: str | None) -> bool:
    """Is this the address, or the name, by which a machine reaches nothing but itself?"""
    if (address or "").lower() == LOOPBACK_NAME:
        return True
    found = _ip(address or "")
    return found is not None and found.is_loopback


def host_in(header: str | None) -> str | None:
    """The name in a Host header, in small letters and without its port; None where it holds anything else."""
    try:
        parts = urlsplit(f"//{header or ''}")
        _ = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip(".")


def answers_to(settings: Settings, header: str | None, own: str | None, *more: str) -> bool:
    """May a request with this Host header be answered?

    own: the address at which the connection arrived. more: other names that the desk was given, such as the one that
    people come back to after a sign-in. `*.example.com` in SIGNOFF_ALLOWED_HOSTS stands for every name below it.
    """
    host = host_in(header)
    if host is None:
        return False
    if is_loopback(host) or _same_address(host, own):
        return True
    known = [*settings.allowed_hosts, *more, urlsplit(settings.url or "").hostname or ""]
    return any(_fits(host, each.lower().rstrip(".")) for each in known if each)


def refusal(header: str | None) -> str:
    """Why `answers_to` said no, and what to do."""
    return (
        f"This desk does not answer to the name {host_in(header) or 'in this request'}. Whoever looks after it adds the name to "
        "SIGNOFF_ALLOWED_HOSTS."
    )


def _fits(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == (host_in(name) or name)


def _same_address(host: str, own: str | None) -> bool:
    """An address is no name that somebody could point elsewhere."""
    found = _ip(host)
    return found is not None and found == _ip(own or "")


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
