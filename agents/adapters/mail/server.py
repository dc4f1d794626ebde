"""The mail server's address, read from SIGNOFF_SMTP_URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from agents.errors import SettingsError

VARIABLE = "SIGNOFF_SMTP_URL"
_FORM = (
    "expected smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465, "
    "with / ? # @ : in the user and password percent-encoded"
)


class Security(StrEnum):
    """How the connection is protected. NONE only where the URL asks for it."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over. The login never shows in a repr."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    cafile: Path | None = None

    @property
    def name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def read_url(url: str) -> Server:
    """smtp(s)://USER:PASSWORD@HOST:PORT?tls=none|starttls&cafile=PATH, user and password percent-encoded.

    Raises SettingsError that names the variable and what is expected, and
    never repeats the value: it may hold a password.
    """
    try:
        parts = urlsplit(url.strip())
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"{VARIABLE}: {_FORM}") from None
    if scheme not in {"smtp", "smtps"} or not host or parts.path.strip("/") or parts.fragment:
        raise SettingsError(f"{VARIABLE}: {_FORM}")
    options = _options(parts.query)
    security = _security(scheme, options.get("tls"))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise SettingsError(f"{VARIABLE}: the login needs both a user and a password, or neither")
    return Server(
        host=host,
        port=port or _PORTS[security],
        security=security,
        user=user or None,
        password=password or None,
        cafile=_cafile(options.get("cafile"), security),
    )


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(set(options) - {"tls", "cafile"})
    if unknown:
        raise SettingsError(f"{VARIABLE}: unknown option after the “?”; known are tls=none and cafile=PATH")
    return options


def _security(scheme: str, tls: str | None) -> Security:
    if scheme == "smtps":
        if tls is not None:
            raise SettingsError(f"{VARIABLE}: smtps:// always uses TLS; use smtp:// with tls=, or leave tls= away")
        return Security.TLS
    if tls in {None, "starttls"}:
        return Security.STARTTLS
    if tls == "none":
        return Security.NONE
    raise SettingsError(f"{VARIABLE}: tls= takes none (no encryption, trusted network only) or starttls")


def _cafile(value: str | None, security: Security) -> Path | None:
    if value is None:
        return None
    path = Path(value).expanduser()
    if security is Security.NONE:
        raise SettingsError(f"{VARIABLE}: cafile= has no use together with tls=none; leave one of them away")
    if not path.is_file():
        raise SettingsError(f"{VARIABLE}: cafile={path} is not a file; give the certificate of your private CA (PEM)")
    return path
