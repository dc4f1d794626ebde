"""Where messages go: signed webhooks, and whatever Apprise can reach (an extra)."""

from agents.adapters.channels.channel import Answer, Channel, Outcome, open_channel, problem_of
from agents.adapters.channels.message import Entry, Message

__all__ = ["Answer", "Channel", "Entry", "Message", "Outcome", "open_channel", "problem_of"]
