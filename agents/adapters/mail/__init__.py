"""Mail that really goes out: through SMTP, or as .eml files in an outbox folder."""

from agents.adapters.mail.delivery import Delivery, DeliveryUnknown, Mailer
from agents.adapters.mail.mailers import make_mailer
from agents.adapters.mail.message import build_message, message_id

__all__ = ["Delivery", "DeliveryUnknown", "Mailer", "build_message", "make_mailer", "message_id"]
