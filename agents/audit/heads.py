"""The head of the record, to be kept elsewhere; signed where there is a key for it."""

from __future__ import annotations

import hmac
import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from pydantic import SecretStr
from sqlalchemy import Engine

from agents.audit.chain import Head, head
from agents.clock import to_text
from agents.database import reading
from agents.domain import JSON, canonical
from agents.errors import Busy, InvalidInput

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """at: UTC text, when the head was read. signature: HMAC-SHA256 (hex) over the rest; None without a key."""

    count: int
    hash: str
    at: str
    signature: str | None = None

    @property
    def head(self) -> Head:
        return Head(self.count, self.hash)

    def as_json(self) -> dict[str, JSON]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def signed(found: Head, at: datetime, key: SecretStr | None) -> SignedHead:
    """The head as it is kept: with its time, and signed when there is a key."""
    bare = SignedHead(found.count, found.hash, to_text(at))
    return bare if key is None else SignedHead(bare.count, bare.hash, bare.at, _signature(bare, key))


def refused(found: SignedHead, key: SecretStr | None) -> str | None:
    """Why this head is not believed; None when it is, or when there is no key to check it with."""
    if key is None:
        return None
    if found.signature is None:
        return "The head is not signed, but SIGNOFF_RECORD_KEY is set: it proves nothing. Nothing was checked with it."
    if not hmac.compare_digest(found.signature, _signature(found, key)):
        return "The head's signature is not one of this SIGNOFF_RECORD_KEY: the head was changed, or made with another key."
    return None


def read_head(text: str) -> SignedHead:
    """A head from a file of `signoff audit head`, or from the last line of an export. Raises InvalidInput for anything else."""
    try:
        data = json.loads(text)
        data = data.get("head", data)
        count, hash_, at, signature = data["count"], data["hash"], data.get("at", ""), data.get("signature")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise InvalidInput(_NO_HEAD) from None
    told = (hash_, at) if signature is None else (hash_, at, signature)
    if type(count) is not int or count < 0 or not all(isinstance(each, str) and each.isascii() for each in told):
        raise InvalidInput(_NO_HEAD)
    return SignedHead(count, hash_, at, signature)


def log_head(engine: Engine) -> None:
    """Put the head into the log, which is a copy outside of the database: at every start and stop."""
    try:
        with reading(engine) as connection:
            found = head(connection)
    except Busy as error:
        log.warning("The head of the record was not logged: %s", error)
    else:
        log.info("The record has %d events; its head is %s", found.count, found.hash)


_NO_HEAD = 'This is no head of a record: expected {"count": ..., "hash": ...}, as `signoff audit head` writes it.'


def _signature(found: SignedHead, key: SecretStr) -> str:
    text = canonical({"count": found.count, "hash": found.hash, "at": found.at})
    return hmac.new(key.get_secret_value().encode(), text, sha256).hexdigest()
