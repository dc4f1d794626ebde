"""What a reviewer should look at twice before a mail goes out. Pure; called on every keystroke."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from agents.addresses import FIELD_NAMES, Mailbox, read_mailbox, same_or_below
from agents.domain import JSON
from agents.errors import InvalidDecision

_SHOWN = 3
_RECIPIENT_FIELDS = ("to", "cc", "bcc")

_FILL_IN = (
    r"name|date|time|company|organi[sz]ation|recipient|sender|title|position|role|address|phone|number|amount|link|url|"
    r"your|insert|placeholder|todo|tbd|fill|nombre|nom|nome|datum|firma"
)
_PLACEHOLDERS = (
    re.compile(r"\{\{[^{}\n]{1,60}\}\}"),
    re.compile(r"\$?\{[A-Za-z_][\w .-]{0,40}\}(?!\})"),
    re.compile(rf"<(?=[^<>\n]*(?:{_FILL_IN}))[A-Za-z][\w '/-]{{0,60}}>", re.IGNORECASE),
    re.compile(rf"\b(?:{_FILL_IN})_(?:name|date|here|email|company)\b|\bYOUR_[A-Z_]+\b", re.IGNORECASE),
    re.compile(r"%[A-Z][A-Z_]{2,30}%"),
    re.compile(r"\b(?:TODO|TBD|FIXME|XXX+)\b"),
    re.compile(r"\blorem ipsum\b", re.IGNORECASE),
    re.compile(r"_{4,}|\.{6,}"),
)
# In a body any "[Words]" is suspect, in a subject "[Project]" is a common tag: there only telling words count.
_BRACKETS_BODY = re.compile(r"\[(?!sic\])[^\W\d_][^\[\]\n]{1,60}\](?!\()", re.IGNORECASE)
_BRACKETS_SUBJECT = re.compile(rf"\[(?=[^\[\]\n]*\b(?:{_FILL_IN}))[^\[\]\n]{{2,60}}\]", re.IGNORECASE)

# Whole words in languages that have spaces; English, German, French, Spanish, Portuguese, Italian, Dutch, Polish,
# Czech, Swedish, Danish, Turkish, Russian, Ukrainian; then Chinese, Japanese, Korean anywhere.
_ATTACHMENT = re.compile(
    r"\b(?:attach(?:ed|es|ing|ments?)?|enclosed|enclosure|"
    r"anhang|anhänge|angehängt\w*|beigefügt\w*|anbei|in der anlage|"
    r"pièces? jointes?|ci-joint\w*|en annexe|"
    r"adjunt[oa]s?|em anexo|anexos?|anexad[oa]s?|allegat[oaie]|"
    r"bijlagen?|bijgevoegd\w*|załącznik\w*|załączam|w załączeniu|příloh\w*|příloz\w*|přiložen\w*|"
    r"bifogad\w*|bifogar|bilag\w*|vedhæftet\w*|vedhæfter|ekte|ekteki|iliştir\w*|"
    r"вложени\w*|прилага\w*|прикреп\w*|додат(?:ок|ку|ки)|вкладенн\w*)\b"
    r"|附件|附上|添付|첨부",
    re.IGNORECASE,
)
_NO_ATTACHMENT = re.compile(r"\b(?:no|without|ohne|keine?n?|sans|sin|sem|senza|zonder|без)\s+\w*\s*$", re.IGNORECASE)
# Embeddings, overrides and isolates; the marks that right-to-left writing needs are not among them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_URL = re.compile(r"(?:\b(?:https?|ftp)://|\bmailto:|\bwww\.)(?=[\w\[])[^\s<>\"“”„»«`|\\^{}]+", re.IGNORECASE)


def warnings(
    draft: Mapping[str, JSON],
    *,
    known_addresses: Collection[str] | None,
    requested_recipient: str,
    sender: str,
) -> tuple[str, ...]:
    """Sentences about a draft, most telling first; never raises, whatever is being typed.

    draft: fields as in an edit: to, cc, bcc (text or lists), reply_to, subject,
    body, attachments. known_addresses: lower-cased addresses that were written
    to before; None leaves that check out.
    """
    boxes, malformed = _read_boxes(draft)
    found = [
        *malformed,
        *_direction_warnings(draft),
        *_placeholder_warnings(draft),
        *_attachment_warnings(draft),
        *_domain_warnings(boxes, requested_recipient, sender),
        *_spelling_warnings(boxes),
        *_unknown_warnings(boxes, known_addresses),
        *_repeat_warnings(boxes),
        *_empty_warnings(draft),
    ]
    return tuple(dict.fromkeys(found))


def links(text: str) -> tuple[str, ...]:
    """The web addresses in a text, each once, in order; to be shown as text and never as links."""
    return tuple(dict.fromkeys(filter(None, (_trimmed(match[0]) for match in _URL.finditer(text)))))


def _trimmed(url: str) -> str:
    """Without the full stop or bracket of the sentence around it."""
    while url:
        last = url[-1]
        unbalanced = last in ")]" and url.count(last) > url.count("(" if last == ")" else "[")
        if last not in ".,;:!?'*_…。，、" and not unbalanced:
            return url
        url = url[:-1]
    return url


def _entries(value: JSON) -> list[str]:
    if isinstance(value, str):
        value = value.splitlines()
    return [each for each in value if isinstance(each, str) and each.strip()] if isinstance(value, list | tuple) else []


def _read_boxes(draft: Mapping[str, JSON]) -> tuple[list[tuple[str, Mailbox]], list[str]]:
    boxes, malformed = [], []
    for field in (*_RECIPIENT_FIELDS, "reply_to"):
        for text in _entries(draft.get(field)):
            try:
                boxes.append((field, read_mailbox(text, field)))
            except InvalidDecision as error:
                malformed.append(str(error))
    return boxes, malformed


def _text(draft: Mapping[str, JSON], field: str) -> str:
    value = draft.get(field)
    return value if isinstance(value, str) else ""


def _direction_warnings(draft: Mapping[str, JSON]) -> Iterator[str]:
    for field in ("subject", "body"):
        found = _TURNING.findall(_text(draft, field))
        if found:
            codes = _some(list(dict.fromkeys(f"U+{ord(letter):04X}" for letter in found)))
            yield (
                f"The {field} holds invisible letters that turn the reading direction ({codes}): "
                "it may read differently from what it says."
            )


def _placeholder_warnings(draft: Mapping[str, JSON]) -> Iterator[str]:
    for field, brackets in (("subject", _BRACKETS_SUBJECT), ("body", _BRACKETS_BODY)):
        text = _text(draft, field)
        spots = sorted(
            (match.start(), match[0]) for pattern in (*_PLACEHOLDERS, brackets) for match in pattern.finditer(text)
        )
        names = list(dict.fromkeys(name for _, name in spots))
        if names:
            yield f"The {field} still holds a placeholder: {_some(names)}."


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"“{name}”" for name in names[:_SHOWN]) + more


def _attachment_warnings(draft: Mapping[str, JSON]) -> Iterator[str]:
    if draft.get("attachments"):
        return
    # What stands behind ">" is quoted from an older mail, which may well have had one.
    own = "\n".join(line for line in _text(draft, "body").splitlines() if not line.lstrip().startswith(">"))
    for match in _ATTACHMENT.finditer(f"{_text(draft, 'subject')}\n{own}"):
        if not _NO_ATTACHMENT.search(match.string[: match.start()].rpartition("\n")[2]):
            yield f"The text mentions an attachment (“{match[0]}”), and this mail has none."
            return


def _domain_warnings(boxes: list[tuple[str, Mailbox]], requested: str, sender: str) -> Iterator[str]:
    expected = _domain_of(requested)
    if expected is None:
        return
    fine = [domain for domain in (expected, _domain_of(sender)) if domain]
    for field, box in boxes:
        if any(same_or_below(box.ascii_domain, domain) for domain in fine):
            continue
        if field == "reply_to":
            yield f"Replies would go to {box.address}, which is outside {expected}, the domain of the recipient asked for."
        else:
            yield f"{FIELD_NAMES[field]}: {box.address} is outside {expected}, the domain of the recipient asked for."


def _domain_of(address: str) -> str | None:
    try:
        return read_mailbox(address).ascii_domain
    except InvalidDecision:
        return None


def _spelling_warnings(boxes: Iterable[tuple[str, Mailbox]]) -> Iterator[str]:
    for field, box in boxes:
        if box.domain != box.ascii_domain:
            yield (
                f"{FIELD_NAMES[field]}: the domain {box.domain} has letters outside a to z "
                f"(in full: {box.ascii_domain}). Check that it is the one you mean."
            )
        if "@" in box.name and box.name.lower() != box.address.lower():
            yield f"{FIELD_NAMES[field]}: the name “{box.name}” looks like an address, but the mail goes to {box.address}."


def _unknown_warnings(boxes: Iterable[tuple[str, Mailbox]], known: Collection[str] | None) -> Iterator[str]:
    if known is None:
        return
    for field, box in boxes:
        if field in _RECIPIENT_FIELDS and box.address.lower() not in known and box.key not in known:
            yield f"{FIELD_NAMES[field]}: nothing was ever sent to {box.address} from here."


def _repeat_warnings(boxes: Iterable[tuple[str, Mailbox]]) -> Iterator[str]:
    recipients = [box for field, box in boxes if field in _RECIPIENT_FIELDS]
    counts = Counter(box.key for box in recipients)
    for box in recipients:
        if counts.pop(box.key, 1) > 1:
            yield f"{box.address} stands there more than once and gets one copy."


def _empty_warnings(draft: Mapping[str, JSON]) -> Iterator[str]:
    if not _text(draft, "subject").strip():
        yield "The subject is empty."
    if not _text(draft, "body").strip():
        yield "The body is empty."
