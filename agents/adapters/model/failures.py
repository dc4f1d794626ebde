"""What a model server's failures mean, in sentences that say what to do.

No sentence holds the key or what a server said about it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from agents.errors import ModelError

_KEPT = "The thread is kept and can be continued."
_SERVER_BUSY = {500, 502, 503, 504, 529}
_OF_REQUEST = {400, 413, 422}


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed request. retry_after: seconds until it is worth trying again, None for never.

    malformed: the server did not understand the request; `words` are its complaint.
    """

    error: ModelError
    retry_after: float | None = None
    malformed: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Failures:
    """Puts failures of one model at one host into words. ending: the sentence after each."""

    model: str
    host: str
    key: str | None
    max_tokens: int
    ending: str = _KEPT

    def read(self, error: Exception) -> Failure:
        """The failure behind whatever the client raised."""
        import openai

        if isinstance(error, openai.APITimeoutError | TimeoutError):
            return Failure(self._later(f"{self.host} did not answer in time. Try again, or use a faster model."))
        if isinstance(error, openai.APIConnectionError):
            if "CERTIFICATE_VERIFY_FAILED" in repr(error.__cause__):
                return Failure(self._say(f"The certificate of {self.host} is not trusted. Check OPENAI_BASE_URL."))
            return Failure(self._later(f"No connection to {self.host}. Check the network and OPENAI_BASE_URL."))
        if isinstance(error, openai.LengthFinishReasonError):
            return Failure(self.truncated())
        if isinstance(error, openai.ContentFilterFinishReasonError):
            return Failure(self.declined(""))
        if isinstance(error, openai.APIStatusError):
            return self._status(error)
        return Failure(
            self._say(
                f"What {self.host} answered is not a chat completion. "
                "Check that OPENAI_BASE_URL is the address of an OpenAI-compatible API; it usually ends in /v1."
            )
        )

    def _status(self, error: Any) -> Failure:
        status, words = error.status_code, self._words(error)
        if status in {401, 403}:
            return Failure(self._unauthorised(status))
        if status == 404:
            return Failure(
                self._say(
                    f"{self.host} does not know the model {self.model} (404). Set SIGNOFF_MODEL to one that it has, "
                    "and check that OPENAI_BASE_URL is right; it usually ends in /v1."
                )
            )
        if status == 429:
            return self._rate_limited(error)
        if status in _SERVER_BUSY:
            wait = _retry_after(error.response.headers)
            said = self._later(f"{self.host} has a problem of its own ({status}). Try again later.")
            return Failure(said, retry_after=2.0 if wait is None else wait) if status != 500 else Failure(said)
        if "context" in words and ("length" in words or "window" in words):
            return Failure(self._own(f"The request is too long for {self.model}. Shorten it, or use a larger model."))
        later = status >= 500 or status == 408
        say = self._later if later else self._own if status in _OF_REQUEST else self._say
        said = say(f"{self.host} refused the request ({status}){': ' + words if words else ''}.")
        return Failure(said, malformed=status in {400, 422}, words=words)

    def _unauthorised(self, status: int) -> ModelError:
        if self.key is None:
            return self._say(f"{self.host} wants a key ({status}). Set OPENAI_API_KEY.")
        return self._say(f"{self.host} does not accept the key for {self.model} ({status}). Check OPENAI_API_KEY.")

    def _rate_limited(self, error: Any) -> Failure:
        if getattr(error, "code", None) == "insufficient_quota":
            return Failure(
                self._say(f"The account at {self.host} has no credit left (429). Add credit, or use another key.")
            )
        wait = _retry_after(error.response.headers)
        if wait is None:
            return Failure(
                self._later(f"{self.host} is taking no more requests for now (429). Try again later."), retry_after=4.0
            )
        when = f"Try again in {_duration(wait)}."
        return Failure(self._later(f"{self.host} is taking no more requests for now (429). {when}"), retry_after=wait)

    def truncated(self) -> ModelError:
        return self._own(
            f"The answer of {self.model} was cut off at its length limit ({self.max_tokens} tokens). "
            "Ask for less at once, or use another model."
        )

    def declined(self, words: str) -> ModelError:
        said = f": “{self._clean(words)}”" if words.strip() else ""
        return self._own(f"{self.model} declined to write this{said}. Say it differently, or use another model.")

    def unusable(self, problem: str, *, empty: bool) -> ModelError:
        if empty:
            return self._own(f"{self.model} gave an empty answer twice. Try again, or use another model.")
        return self._own(
            f"{self.model} twice gave an answer that cannot be used: {self._clean(problem)}. "
            "Try again, or use another model."
        )

    def _say(self, sentence: str) -> ModelError:
        return ModelError(f"{sentence} {self.ending}".rstrip())

    def _later(self, sentence: str) -> ModelError:
        return ModelError(f"{sentence} {self.ending}".rstrip(), temporary=True)

    def _own(self, sentence: str) -> ModelError:
        return ModelError(f"{sentence} {self.ending}".rstrip(), of_request=True)

    def _words(self, error: Any) -> str:
        body = error.body
        said = body.get("message") if isinstance(body, dict) else body
        return self._clean(said if isinstance(said, str) else "")

    def _clean(self, words: str) -> str:
        """A server's words in one short line, without anything that looks like a key."""
        if self.key:
            words = words.replace(self.key, "***")
        words = re.sub(r"\b(sk|key|pk)-[\w*.-]+|\bBearer\s+\S+", "***", words)
        return " ".join(words.split())[:300].rstrip(" .")


def _retry_after(headers: Any) -> float | None:
    """Seconds that the server asks to wait; it says so in seconds, milliseconds or as a date."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        said = headers.get("retry-after")
        if said is None:
            return None
        if said.strip().replace(".", "", 1).isdigit():
            return float(said)
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} seconds"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"
