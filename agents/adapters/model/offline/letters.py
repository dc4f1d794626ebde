"""A mail as its parts: greeting, paragraphs of sentences, closing, signature."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.utils import getaddresses, parseaddr

from agents.adapters.model.offline.sentences import split_sentences
from agents.adapters.model.offline.words import word_set
from agents.adapters.model.schema import EmailDraft, EmailRequest

GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|to whom)\b[^\n]{0,80}", re.IGNORECASE
)
CLOSING = re.compile(
    r"(?:(?:with )?(?:best|kind|warm|kindest|warmest)? ?(?:regards|wishes)|best|sincerely|yours(?: (?:sincerely|faithfully|truly))?|"
    r"cheers|thanks|many thanks|thank you|all the best|respectfully|see you|take care|greetings)[,.!]?",
    re.IGNORECASE,
)
_SHARED_BOXES = word_set(
    "info sales support team office contact hello admin hr noreply no-reply billing jobs press mail me test service help "
    "accounts accounting finance marketing orders postmaster webmaster root security customer-service customerservice "
    "enquiries inquiries reception signoff user someone anyone nobody all staff everyone"
)  # fmt: skip
_TITLES = re.compile(r"(?:dr|prof|mr|mrs|ms|sir|dame)\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """paragraphs: each a tuple of sentences; a paragraph that was written with line breaks is one sentence."""

    subject: str
    greeting: str
    paragraphs: tuple[tuple[str, ...], ...]
    closing: str
    signature: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None

    def draft(self) -> EmailDraft:
        end = f"{self.closing}\n{self.signature}".strip()
        blocks = [self.greeting, *(" ".join(sentences) for sentences in self.paragraphs if sentences), end]
        return EmailDraft(
            subject=self.subject,
            body="\n\n".join(block for block in blocks if block) + "\n",
            cc=list(self.cc),
            bcc=list(self.bcc),
            reply_to=self.reply_to,
        )

    def saying(self, sentence: str, *, own_paragraph: bool = False) -> Letter:
        """With one more sentence at the end, unless it is there already."""
        if not sentence or any(sentence in sentences for sentences in self.paragraphs):
            return self
        if own_paragraph or not self.paragraphs or "\n" in self.paragraphs[-1][-1]:
            return replace(self, paragraphs=(*self.paragraphs, (sentence,)))
        return replace(self, paragraphs=(*self.paragraphs[:-1], (*self.paragraphs[-1], sentence)))

    def with_sentences(self, paragraphs: list[list[str]]) -> Letter:
        return replace(self, paragraphs=tuple(tuple(each) for each in paragraphs if each))


def begin(request: EmailRequest) -> Letter:
    """Greeting and closing; nothing said yet."""
    return Letter(
        subject=" ".join(request.subject.split()) or "A message for you",
        greeting=f"Hello{_called(request.recipient)},",
        paragraphs=(),
        closing="Best regards,",
        signature=sender_name(request.sender),
    )


def parse(draft: EmailDraft) -> Letter:
    """The parts of a mail that a person may have edited by hand."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", draft.body.replace("\r\n", "\n")) if block.strip()]
    greeting = closing = signature = ""
    if blocks and (GREETING.match(blocks[0]) or re.fullmatch(r"[^\n]{1,40},", blocks[0].split("\n")[0])):
        greeting, _, rest = blocks[0].partition("\n")
        blocks = ([rest.strip()] if rest.strip() else []) + blocks[1:]
    for at in range(len(blocks) - 1, max(len(blocks) - 3, -1), -1):
        first, _, rest = blocks[at].partition("\n")
        if CLOSING.fullmatch(first.strip()):
            closing, signature = first.strip(), "\n".join([*filter(None, [rest.strip()]), *blocks[at + 1 :]])
            blocks = blocks[:at]
            break
    paragraphs = tuple((block,) if "\n" in block else tuple(split_sentences(block)) for block in blocks)
    return Letter(
        draft.subject, greeting, paragraphs, closing, signature, tuple(draft.cc), tuple(draft.bcc), draft.reply_to
    )


def _called(recipient: str) -> str:
    """ " Anna", " Anna and Bob", " all"; empty where the address gives no name."""
    people = getaddresses([recipient]) if "," in recipient else [parseaddr(recipient)]
    names = [first_name(name, address) for name, address in people]
    if len(names) > 2:
        return " all"
    known = [name for name in names if name]
    return f" {' and '.join(known)}" if known and len(known) == len(names) else ""


def first_name(name: str, address: str) -> str:
    """What to call someone: "Anna" for "Anna Smith" and for anna.smith@x.org; empty for info@x.org."""
    words = name.replace('"', " ").split() if "@" not in name else []
    if len(words) > 1 and words[0].endswith(","):
        words = [*words[1:], words[0].rstrip(",")]
    if words and _TITLES.fullmatch(words[0]):
        return f"{words[0]} {words[-1]}" if len(words) > 1 else ""
    if words:
        return words[0]
    box = address.partition("@")[0].partition("+")[0]
    first = re.split(r"[._-]", box)[0]
    if box.lower() in _SHARED_BOXES or first.lower() in _SHARED_BOXES or not re.fullmatch(r"[^\W\d_]{2,20}", first):
        return ""
    return first[:1].upper() + first[1:]


def sender_name(sender: str) -> str:
    """The name that signs: as given, else from the address, else none."""
    name, address = parseaddr(sender)
    if name and "@" not in name:
        return name
    box = address.partition("@")[0].partition("+")[0]
    words = re.split(r"[._-]", box)
    if not first_name("", address) or not all(re.fullmatch(r"[^\W\d_]+", word) for word in words):
        return ""
    return " ".join(word[:1].upper() + word[1:] for word in words)
