"""Every error that Signoff raises on purpose. The message says what to do.

SignoffError
├── SettingsError         a setting is wrong: which, and what is expected
├── InvalidInput          bad input from a person or a command        (exit 2)
│   ├── InvalidDecision   a decision that is not allowed or not valid
│   ├── UnknownGraph
│   ├── ThreadExists      the id that a new thread should get is taken
│   └── UnknownReview     a link or command names nothing known
├── AlreadyDecided        somebody was first; who, what, when         (exit 3)
├── NotPending            the thread moved on                         (exit 4)
├── QuestionChanged       the payload is no longer what was seen      (exit 5)
├── UndoTooLate           the answer is already on its way
├── SecondNeeded          recorded; a second person must agree        (exit 6)
├── RunFailed             accepted, but the run failed or is in doubt (exit 7)
├── Busy                  database locked, disk full: not accepted    (exit 8)
├── SourceUnreadable      a checkpointer file that cannot be read        (exit 8)
├── NotAllowed            this person, or this token, may not do that  (exit 9)
│   ├── NotSignedIn       nobody is known, or their proof is too old
│   └── Claimed           somebody else has taken the review on
├── GraphUnavailable      a graph that does not load or cannot resume
├── ModelError            the model gave nothing usable; the thread is kept
│   └── NotUnderstood     a person's answer that the offline rules cannot read
├── MailRejected          the mail server refused, in its own words
├── MailTemporary         the mail server says try later (4xx, no connection)
└── OutsideWorkspace      a path that leaves the workspace
"""

from __future__ import annotations


class SignoffError(Exception):
    """Base. `exit_code` is what the command returns for it; `pause_key` names the question at fault, of several."""

    exit_code = 1
    pause_key: str | None = None


class SettingsError(SignoffError):
    exit_code = 2


class InvalidInput(SignoffError):
    exit_code = 2


class InvalidDecision(InvalidInput):
    """`field` names the form field at fault, where one is."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownGraph(InvalidInput):
    pass


class ThreadExists(InvalidInput):
    pass


class UnknownReview(InvalidInput):
    pass


class AlreadyDecided(SignoffError):
    exit_code = 3


class NotPending(SignoffError):
    exit_code = 4


class QuestionChanged(SignoffError):
    exit_code = 5


class UndoTooLate(SignoffError):
    exit_code = 4


class SecondNeeded(SignoffError):
    """Raised after the opinion was saved. `opinion_id` names it."""

    exit_code = 6

    def __init__(self, message: str, opinion_id: str) -> None:
        super().__init__(message)
        self.opinion_id = opinion_id


class NotAllowed(SignoffError):
    exit_code = 9


class NotSignedIn(NotAllowed):
    pass


class Claimed(NotAllowed):
    """`holder` has it until `until` (UTC text)."""

    def __init__(self, message: str, holder: str, until: str) -> None:
        super().__init__(message)
        self.holder, self.until = holder, until


class RunFailed(SignoffError):
    exit_code = 7


class Busy(SignoffError):
    exit_code = 8


class SourceUnreadable(SignoffError):
    exit_code = 8


class GraphUnavailable(SignoffError):
    pass


class ModelError(SignoffError):
    """`temporary`: the same request may well succeed a little later (busy server, no connection, no answer in time).

    `of_request`: this request is at fault (too long, declined, no usable answer); another may well succeed.
    """

    def __init__(self, message: str, *, temporary: bool = False, of_request: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary
        self.of_request = of_request


class NotUnderstood(ModelError):
    pass


class MailRejected(SignoffError):
    pass


class MailTemporary(SignoffError):
    pass


class OutsideWorkspace(InvalidInput):
    pass
