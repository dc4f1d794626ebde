"""Proposals as sections of escaped HTML, so that those of one kind can stand next to each other, row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agents.domain import DecisionType, Review
from agents.payloads.diff import Token, diff
from agents.payloads.email import EmailProposal
from agents.payloads.generic import GenericProposal
from agents.payloads.plan import PlanProposal, PlanStep
from agents.payloads.question import QuestionProposal
from agents.payloads.sample import Sample, SampleProposal
from agents.payloads.tool import ToolProposal
from agents.wording import count, size
from pages.components.words import escaped, words_of

CUT = 4000
"""Characters of one text that are drawn here; the review itself shows all of it."""
FILES = 40
"""Files of one step that are drawn here."""
ALIKE = 0.3
"""From this share of equal letters on, the words that differ are marked: below it everything would be."""


@dataclass(frozen=True, slots=True)
class Section:
    """One row of the comparison. cells: escaped HTML, one per review. marked: are the words that differ marked?"""

    title: str
    cells: tuple[str, ...]
    marked: bool = False


def sections(reviews: Sequence[Review]) -> list[Section]:
    """What these reviews of one kind say, aligned by what it is about; a review that lacks a section has "" there."""
    columns = [_texts(review) for review in reviews]
    return [_section(title, [column.get(title) for column in columns]) for title in _merged(columns)]


def _merged(columns: Iterable[Iterable[str]]) -> list[str]:
    """All titles once; one that only a later column has stands behind the one before it there."""
    order: list[str] = []
    for column in columns:
        place = -1
        for title in column:
            if title in order:
                place = order.index(title)
            else:
                place += 1
                order.insert(place, title)
    return order


def _numbered(name: str, number: int) -> str:
    """The first has no number, so that a review with one of them and a review with several are aligned."""
    return name if number == 1 else f"{name} {number}"


@dataclass(frozen=True, slots=True)
class Html:
    """Escaped HTML, told apart from plain text by its type."""

    text: str


Cell: TypeAlias = str | Html


def _section(title: str, cells: Sequence[Cell | None]) -> Section:
    texts = [cell for cell in cells if isinstance(cell, str)]
    marked = _marked(texts) if len(texts) == len(cells) else []
    return Section(title, tuple(marked or map(_drawn, cells)), marked=bool(marked))


def _drawn(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return cell.text if isinstance(cell, Html) else _prose(escaped(cell))


def _marked(texts: Sequence[str]) -> list[str]:
    """The texts with the words marked that differ from the first's; [] where marks would not help."""
    first, others = texts[0], texts[1:]
    found = [diff(first, other) for other in others]
    if all(text == first for text in others) or not all(_alike(tokens) for tokens in found):
        return []
    own = _side(found[0], "delete") if len(found) == 1 else escaped(first)
    return [_prose(own), *(_prose(_side(tokens, "insert")) for tokens in found)]


def _alike(tokens: Sequence[Token]) -> bool:
    letters = {tag: sum(len(text) for each, text in tokens if each == tag) for tag in ("equal", "delete", "insert")}
    longest = letters["equal"] + max(letters["delete"], letters["insert"])
    return letters["equal"] >= ALIKE * longest


def _side(tokens: Iterable[Token], mine: str) -> str:
    return "".join(
        f"<mark>{escaped(text)}</mark>" if tag == mine and text.strip() else escaped(text)
        for tag, text in tokens
        if tag in ("equal", mine)
    )


def _texts(review: Review) -> Mapping[str, Cell]:
    proposal = review.proposal
    made: dict[str, Cell] = {}
    for kind, read in _READ.items():
        if isinstance(proposal, kind):
            made |= read(review, proposal)
    if review.instruction:
        made["Answers the instruction"] = _cut(review.instruction)
    made["Look at these twice"] = (
        _list(review.warnings) if review.warnings else Html('<p class="so-muted">Nothing found.</p>')
    )
    return made


def _plan(review: Review, plan: PlanProposal) -> dict[str, Cell]:
    made: dict[str, Cell] = {"Asked for": _cut(plan.task)}
    if DecisionType.APPROVE in review.labels:
        made["What approving does"] = review.labels[DecisionType.APPROVE].partition(": ")[2] or "Carries it out"
    if not plan.steps:
        made["Steps"] = _list(plan.sentences)
    for step in plan.steps:
        made[f"Step {step.number}"] = Html(_step(step))
    return {**made, "Folder": plan.workspace}


def _step(step: PlanStep) -> str:
    lines = "".join(
        f"<li>{escaped(file.path)}{f' → {escaped(file.to)}' if file.to else ''}"
        f' <span class="so-muted">{escaped(size(file.size))}</span></li>'
        for file in step.files[:FILES]
    )
    rest = len(step.files) - FILES
    more = f'<p class="so-muted">and {count(rest, "more file")}</p>' if rest > 0 else ""
    return f'{_prose(escaped(step.sentence))}<ul class="so-list so-short">{lines}</ul>{more}'


def _email(review: Review, mail: EmailProposal) -> dict[str, Cell]:
    people = [("To", mail.to), ("Cc", mail.cc), ("Bcc", mail.bcc), ("Reply-To", (mail.reply_to or "",))]
    made: dict[str, Cell] = {
        "Recipients": _facts((name, ", ".join(each)) for name, each in people),
        "Subject": mail.subject,
        "Body": _cut(mail.body),
    }
    if mail.attachments:
        made["Attachments"] = ", ".join(mail.attachments)
    if mail.instructions:
        made["Asked for"] = _cut(mail.instructions)
    return made


def _sample(review: Review, proposal: SampleProposal) -> dict[str, Cell]:
    made: dict[str, Cell] = {}
    if proposal.place:
        place = proposal.place
        made["Batch"] = f"{place.name}: items {place.first:,} to {place.last:,} of {place.size:,}"
    elif proposal.message:
        made["About"] = _cut(proposal.message)
    for number, sample in enumerate(proposal.samples, start=1):
        made[_numbered("Sample", number)] = Html(_item(sample))
    if DecisionType.APPROVE in review.labels:
        made["If it is good"] = review.labels[DecisionType.APPROVE]
    return made


def _item(sample: Sample) -> str:
    title = f"<strong>Item {escaped(sample.item_no)}</strong>" if sample.item_no is not None else ""
    came = _facts(sample.input).text
    went = _facts(sample.output).text if sample.output else _prose(escaped(sample.error or "Nothing came out."))
    return f'{title}<div class="so-beside"><div><h3>Input</h3>{came}</div><div><h3>Output</h3>{went}</div></div>'


def _question(review: Review, proposal: QuestionProposal) -> dict[str, Cell]:
    made: dict[str, Cell] = {"Task": _cut(proposal.task)} if proposal.task else {}
    for number, question in enumerate(proposal.questions, start=1):
        made[_numbered("Question", number)] = _cut(question)
    return made


def _tool(review: Review, proposal: ToolProposal) -> dict[str, Cell]:
    made: dict[str, Cell] = {}
    for number, action in enumerate(proposal.actions, start=1):
        title = _numbered("Call", number)
        made[title] = action.name
        made[f"{title}: values"] = _facts((words_of(name), _text(value)) for name, value in action.args.items())
    return made


def _generic(review: Review, proposal: GenericProposal) -> dict[str, Cell]:
    made: dict[str, Cell] = {"Question": _cut(review.question)}
    if proposal.text and proposal.text != review.question:
        made["Text"] = _cut(proposal.text)
    if proposal.fields:
        made["More"] = _facts(proposal.fields)
    if proposal.options:
        made["Answers"] = _list(proposal.options)
    return made


_READ: Mapping[type, Callable[..., dict[str, Cell]]] = {
    PlanProposal: _plan,
    EmailProposal: _email,
    SampleProposal: _sample,
    QuestionProposal: _question,
    ToolProposal: _tool,
    GenericProposal: _generic,
}


def _facts(pairs: Iterable[tuple[str, str]]) -> Html:
    rows = [(name, _cut(value)) for name, value in pairs if value]
    if [name for name, _ in rows] == [""]:
        return Html(_prose(escaped(rows[0][1])))
    cells = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in rows)
    return Html(f'<dl class="so-facts-list">{cells}</dl>')


def _list(items: Iterable[str]) -> Html:
    return Html(f'<ul class="so-list">{"".join(f"<li>{escaped(_cut(item))}</li>" for item in items)}</ul>')


def _prose(inner: str) -> str:
    return f'<div class="so-prose">{inner}</div>'


def _cut(text: str) -> str:
    return text if len(text) <= CUT else f"{text[:CUT]}… (the review shows all of it)"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
