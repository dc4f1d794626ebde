"""Which way out the settings ask for."""

from __future__ import annotations

from agents.adapters.mail.delivery import Mailer
from agents.adapters.mail.outbox import Outbox
from agents.adapters.mail.server import read_url
from agents.adapters.mail.smtp import SmtpMailer
from agents.addresses import read_mailbox
from agents.errors import InvalidDecision, SettingsError
from agents.settings import Settings


def make_mailer(settings: Settings) -> Mailer:
    """SMTP when SIGNOFF_SMTP_URL is set, else the outbox folder. Connects to nothing yet.

    Raises SettingsError that names SIGNOFF_SMTP_URL or SIGNOFF_MAIL_FROM.
    """
    sender = check_sender(settings.mail_from)
    if settings.smtp_url is None:
        return Outbox(settings.outbox_path)
    return SmtpMailer(read_url(settings.smtp_url.get_secret_value()), sender)


def check_sender(text: str) -> str:
    """The sender as "ann@x.org" or "Ann <ann@x.org>". Raises SettingsError naming SIGNOFF_MAIL_FROM."""
    try:
        return read_mailbox(text, "SIGNOFF_MAIL_FROM").text
    except InvalidDecision as error:
        raise SettingsError(str(error)) from None
