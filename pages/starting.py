"""What is looked at before the desk opens its door: settings that contradict each other refuse to start, in a sentence."""

from __future__ import annotations

from streamlit import config

from agents.desk import Desk
from agents.errors import SettingsError
from agents.people.hosts import is_loopback
from agents.settings import Settings
from pages.sign_in import check_provider


def check(desk: Desk) -> None:
    """Raises SettingsError that names what is at fault and what to do; it repeats no secret."""
    settings = desk.settings
    if config.get_option("server.enableAgentApi"):
        raise SettingsError(
            "server.enableAgentApi is on: through it programs would see pages without a token. Turn it off; Signoff's own "
            "API is explained in docs/api.md."
        )
    if settings.with_accounts:
        _check_people(desk)
    elif not settings.allow_local_mode_on_network:
        _check_address()
    if settings.accounts == "oidc":
        check_provider()
    if settings.accounts == "proxy" and settings.proxy_secret is None:
        raise SettingsError(
            "SIGNOFF_ACCOUNTS is proxy, which needs SIGNOFF_PROXY_SECRET: what the proxy sends in X-Signoff-Proxy-Secret. "
            "Without it anybody who reaches this port could send a name."
        )


def _check_people(desk: Desk) -> None:
    settings: Settings = desk.settings
    if settings.actor:
        raise SettingsError(
            f"SIGNOFF_ACTOR names one person for everybody, but SIGNOFF_ACCOUNTS is {settings.accounts}: people are who they "
            "sign in as. Remove one of the two."
        )
    if config.get_option("server.trustedUserHeaders"):
        raise SettingsError(
            "server.trustedUserHeaders lets anybody who reaches the port say who they are. Remove it; behind a proxy set "
            "SIGNOFF_ACCOUNTS=proxy."
        )
    if not desk.rules.people and desk.rules.default_role is None:
        raise SettingsError(
            f"SIGNOFF_ACCOUNTS is {settings.accounts}, but the rules give nobody a role, so nobody could see anything. Name "
            "people under [people] in signoff.toml, or set default_role there."
        )


def _check_address() -> None:
    """Streamlit's own setting; where another server was told another address, the gate refuses request by request."""
    address = config.get_option("server.address")
    if address is None or is_loopback(str(address)):
        return
    raise SettingsError(
        f"server.address is {address}, where others could reach a desk that has no sign-in. Set SIGNOFF_ACCOUNTS to oidc or "
        "proxy, or keep to 127.0.0.1; SIGNOFF_ALLOW_LOCAL_MODE_ON_NETWORK=true lets everybody in who reaches the address."
    )
