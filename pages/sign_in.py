"""OpenID Connect as Streamlit does it: what is set in secrets.toml, and the cookie that it leaves with a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from streamlit.auth_util import (
    get_cookie_with_chunks,
    get_secrets_auth_section,
    get_validated_redirect_uri,
    is_authlib_installed,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from agents.errors import SettingsError
from agents.settings.values import SECRET_LENGTH

DEFAULT = "default"


def providers() -> list[str]:
    """The names of the sign-ins in [auth]: one button each."""
    section = get_secrets_auth_section()
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return named if "client_id" not in section else [DEFAULT, *named]


def redirect_host() -> str:
    """The host that people come back to after a sign-in; "" where none is set."""
    return urlsplit(get_validated_redirect_uri() or "").hostname or ""


def check_provider() -> None:
    """Raises SettingsError with what is missing for a sign-in; it repeats no value."""
    if not is_authlib_installed():
        raise SettingsError("SIGNOFF_ACCOUNTS is oidc, which needs Authlib: pip install 'signoff-desk[signin]'.")
    section = get_secrets_auth_section()
    if not section or not providers():
        raise SettingsError(
            "SIGNOFF_ACCOUNTS is oidc, but .streamlit/secrets.toml has no section [auth] with a client_id. docs/security.md shows "
            "one."
        )
    for name in providers():
        try:
            validate_auth_credentials(name)
        except StreamlitAuthError as error:
            raise SettingsError(f"[auth] in .streamlit/secrets.toml: {' '.join(str(error).split())}") from None
    if len(str(section.get("cookie_secret"))) < SECRET_LENGTH:
        raise SettingsError(
            f"[auth] in .streamlit/secrets.toml: cookie_secret needs {SECRET_LENGTH} characters or more, since whoever guesses it "
            "is anybody. `openssl rand -hex 32` makes some."
        )
    if not get_validated_redirect_uri():
        raise SettingsError("[auth] in .streamlit/secrets.toml: redirect_uri must end with /oauth2callback.")


def claims_in(cookies: Mapping[str, str]) -> dict[str, Any] | None:
    """The claims of the sign-in that a browser brings along; None where there is none that we signed."""

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(get_cookie_secret(), name, value) if value else None

    content = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    claims = json.loads(content) if content else None
    return claims if isinstance(claims, dict) else None
