"""The record: who did what and when, as a hash chain.

Each event hashes its predecessor's hash, its place, its time and the salted
hash of every field. A field can be redacted later (value and salt removed)
without breaking the chain, because only its hash is chained. What a chain
cannot see, a cut tail or a rewrite of everything, needs a head kept elsewhere.
"""

from agents.audit.chain import (
    COLUMNS,
    GENESIS,
    REDACTED,
    Event,
    Head,
    Question,
    append,
    everything,
    head,
    latest,
    of_thread,
    proven,
    stream,
)
from agents.audit.checking import Told, verify
from agents.audit.configuration import SETTINGS, record_settings
from agents.audit.export import Checked, csv_lines, json_lines, verify_lines
from agents.audit.heads import SignedHead, log_head, read_head, refused, signed
from agents.audit.patch import applied, patch
from agents.audit.redaction import Redaction, redact

__all__ = [
    "COLUMNS",
    "GENESIS",
    "REDACTED",
    "SETTINGS",
    "Checked",
    "Event",
    "Head",
    "Question",
    "Redaction",
    "SignedHead",
    "Told",
    "append",
    "applied",
    "csv_lines",
    "everything",
    "head",
    "json_lines",
    "latest",
    "log_head",
    "of_thread",
    "patch",
    "proven",
    "read_head",
    "record_settings",
    "redact",
    "refused",
    "signed",
    "stream",
    "verify",
    "verify_lines",
]
