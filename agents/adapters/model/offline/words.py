"""The words that the offline rules know: verbs, kinds of files, units, numbers."""

from __future__ import annotations

import re

from agents.adapters.model.schema import Operation
from agents.errors import ModelError


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERBS: dict[Operation, str] = {
    "find": "find|list|show(?: me)?|search(?: for)?|look for|locate|display|identify|count",
    "delete": "delete|remove|erase|trash|purge|discard|wipe|clear(?: out)?|clean(?: up| out)?|empty|get rid of|"
    "throw away|drop|rm",
    "move": "move|relocate|transfer|mv|put",
    "archive": "archive|zip(?: up)?|compress|pack",
    "write": "write|create|make|save|note down|add(?= (?:an?|the) (?:\\w+ )?(?:note|file|memo|readme)\\b)",
}
"""Operation -> the verbs that ask for it, as a regular expression."""

ANY_VERB = "|".join(VERBS.values())

CANNOT = re.compile(
    r"^(copy|duplicate|back ?up|rename|edit|change|append|replace|download|upload|send|e-?mail|mail|run|execute|install|"
    r"convert|summari[sz]e|restore|encrypt|translate|merge|combine|extract|unzip|unpack|open|print|read|sort|organi[sz]e|"
    r"tidy|sync|share|publish|deploy|fix|test|call|buy|book|order|chmod|chown|touch)\b",
    re.IGNORECASE,
)
"""Verbs that are understood well enough to say no to."""

KINDS: dict[str, tuple[str, ...]] = {
    "log": ("log",),
    "text": ("txt",),
    "markdown": ("md",),
    "image": ("jpg", "jpeg", "png", "gif", "webp", "bmp", "svg", "tiff", "heic"),
    "picture": ("jpg", "jpeg", "png", "gif", "webp", "bmp", "svg", "tiff", "heic"),
    "photo": ("jpg", "jpeg", "png", "heic", "tiff"),
    "video": ("mp4", "mov", "avi", "mkv", "webm"),
    "movie": ("mp4", "mov", "avi", "mkv", "webm"),
    "audio": ("mp3", "wav", "flac", "ogg", "m4a"),
    "music": ("mp3", "wav", "flac", "ogg", "m4a"),
    "spreadsheet": ("xlsx", "xls", "csv", "ods"),
    "excel": ("xlsx", "xls"),
    "word": ("docx", "doc"),
    "presentation": ("pptx", "ppt", "odp"),
    "powerpoint": ("pptx", "ppt"),
    "document": ("pdf", "docx", "doc", "odt", "rtf"),
    "temp": ("tmp", "temp"),
    "temporary": ("tmp", "temp"),
    "backup": ("bak", "backup", "old"),
    "archive": ("zip", "tar", "gz", "tgz", "7z", "rar"),
    "python": ("py",),
    "javascript": ("js",),
    "yaml": ("yaml", "yml"),
    "jpeg": ("jpg", "jpeg"),
    "jpg": ("jpg", "jpeg"),
    "html": ("html", "htm"),
    "database": ("sqlite", "db"),
}
"""A word for a kind of file -> its endings, the commonest first."""

ENDINGS = frozenset(ending for endings in KINDS.values() for ending in endings) | word_set(
    "json xml ini cfg conf toml sql bin dat out err pid lock part crdownload ics eml msg key pem css ts java c h cpp go rs "
    "sh bat exe dll iso dmg deb rpm apk jar war parquet pickle pkl npy ipynb epub tex bib psd ai cache orig rej swp dump "
    "core pyc class o tsv zip"
)

FILLER = word_set(
    "all every any each the my our your these those some of files file items ones one existing present "
    "stored that which are is were was be there a an both everything anything whole entire here now please kind kinds type types sort sorts named names "
    "just"
)

VAGUE = {
    "old": "how old; say for example “older than 30 days”",
    "older": "how old; say for example “older than 30 days”",
    "outdated": "how old; say for example “older than 30 days”",
    "stale": "how old; say for example “older than 30 days”",
    "ancient": "how old; say for example “older than 30 days”",
    "recent": "how recent; say for example “newer than 7 days”",
    "new": "how recent; say for example “newer than 7 days”",
    "newest": "how recent; say for example “newer than 7 days”",
    "latest": "how recent; say for example “newer than 7 days”",
    "oldest": "how old; say for example “older than 30 days”",
    "large": "how large; say for example “larger than 10 MB”",
    "big": "how large; say for example “larger than 10 MB”",
    "huge": "how large; say for example “larger than 10 MB”",
    "largest": "how large; say for example “larger than 10 MB”",
    "biggest": "how large; say for example “larger than 10 MB”",
    "small": "how small; say for example “smaller than 1 KB”",
    "tiny": "how small; say for example “smaller than 1 KB”",
    "smallest": "how small; say for example “smaller than 1 KB”",
    "unused": "which files those are; name a kind, a folder or an age",
    "unneeded": "which files those are; name a kind, a folder or an age",
    "unnecessary": "which files those are; name a kind, a folder or an age",
    "useless": "which files those are; name a kind, a folder or an age",
    "important": "which files those are; name a kind, a folder or an age",
    "unimportant": "which files those are; name a kind, a folder or an age",
    "relevant": "which files those are; name a kind, a folder or an age",
    "irrelevant": "which files those are; name a kind, a folder or an age",
    "obsolete": "which files those are; name a kind, a folder or an age",
    "junk": "which files those are; name a kind, a folder or an age",
    "stuff": "which files those are; name a kind, a folder or an age",
    "things": "which files those are; name a kind, a folder or an age",
    "duplicate": "which files are duplicates: the rules cannot look inside files",
    "duplicates": "which files are duplicates: the rules cannot look inside files",
    "duplicated": "which files are duplicates: the rules cannot look inside files",
    "identical": "which files are identical: the rules cannot look inside files",
}
"""Words that need a number or a name first; never guessed."""

SENTENCE_WORDS = word_set(
    "by who whom whose what when where why how with without for because if unless until while since not no nor than then "
    "have has had do does did will would should could can may might must not don't doesn't isn't aren't wasn't to into onto "
    "in on at from about as so but or and between after before during per via instead also too again more less most least "
    "very really almost their its his her they we he she you me i us am been being contain contains containing content "
    "contents inside nobody everybody someone anyone nothing something needs need needed used use using modified changed "
    "created owned larger bigger smaller newer younger last first next same other others rest it them only "
    "either neither maybe perhaps possibly probably roughly approximately half few"
)
"""Left over, these mean that the sentence says more than the rules read."""

NUMBERS: dict[str, float] = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fourteen": 14,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
    "half a": 0.5,
    "half an": 0.5,
    "a couple of": 2,
}

DAYS: dict[str, float] = {
    "min": 1 / 1440,
    "h": 1 / 24,
    "d": 1,
    "w": 7,
    "mo": 30,
    "y": 365,
}

SIZES: dict[str, int] = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4}

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

_DIGITS = r"\d+(?:[.,]\d+)*"
NUMBER = rf"(?:{_DIGITS}|half an?|a couple of|" + "|".join(n for n in NUMBERS if " " not in n) + r")"
UNIT = r"(?:minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mo|years?|yrs?|y)"
SIZE = rf"(?P<size>{_DIGITS})\s*(?P<sizeunit>bytes?|(?:[kmgt]i?)?b|kilobytes?|megabytes?|gigabytes?|terabytes?|[kmgt])(?!\w)"


def number(text: str) -> float:
    """The value of "30", "1.5", "1,5", "two", "a couple of". Raises ModelError for "1,000": one or a thousand?"""
    text = " ".join(text.lower().split())
    if text in NUMBERS:
        return NUMBERS[text]
    if re.fullmatch(r"[1-9]\d{0,2}(?:(?:,\d{3}){2,}|(?:\.\d{3}){2,})", text):
        return float(re.sub("[.,]", "", text))
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) or len(re.findall("[.,]", text)) > 1:
        plain = re.sub("[.,]", "", text)
        raise ModelError(f"“{text}” can be read as two numbers. Write it without separators, for example {plain}.")
    return float(text.replace(",", "."))


def days(amount: str, unit: str) -> float:
    """Days in "2", "weeks". A month counts 30 days, a year 365."""
    unit = unit.lower()
    key = next(key for key in ("mo", "min", "h", "d", "w", "y") if unit.startswith(key))
    return round(number(amount) * DAYS[key], 4)


def size_bytes(amount: str, unit: str) -> int:
    """Bytes in "10", "MB". A KB counts 1000, as on screen; a KiB counts 1024."""
    factor = 1024.0 if "ib" in unit.lower() else 1000.0
    return round(number(amount) * factor ** SIZES[unit[0].lower()])


def singular(word: str) -> str:
    """ "invoices" -> "invoice", "copies" -> "copy"; a guess that only has to find names by a part of them."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:s|x|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
