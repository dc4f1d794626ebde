"""What each choice at a sample will do and cost, in sentences. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.payloads.sample import Place, SampleProposal
from agents.wording import count


def choices(proposal: SampleProposal, corrected: Sequence[int] = ()) -> list[tuple[str, str]]:
    """(choice, what it does) for a batch whose place is known; corrected: the items changed on the card."""
    place = proposal.place
    if place is None:
        return []
    pairs = [("Good", _going_on(proposal.costs.get("continue", {})))]
    if corrected:
        pairs.append(
            (
                "Corrected",
                f"{_capital(items_words(corrected))} {_keeps(len(corrected))} your values. Then as with “Good”.",
            )
        )
    else:
        pairs.append(("Correct", "Change a field: that item keeps your values. Then as with “Good”."))
    pairs.append(("Problem", _again(place, proposal.costs.get("problem", {}), corrected)))
    pairs.append(("Stop", _stopping(place, proposal.costs.get("rest", {}))))
    return pairs


def problem_label(corrected: Sequence[int]) -> str:
    """The words over the field in which a problem is described."""
    if not corrected:
        return "What is wrong? It is told to the model."
    example = "item as an example" if len(corrected) == 1 else "items as examples"
    return f"What is wrong? It is told to the model, with your corrected {example}."


SHOWN = 8
STOP_LABEL = "Why? (optional, kept in the record) The results so far can be downloaded."


def chunk_words(place: Place) -> str:
    """ "Item 40 of 200", "Items 21 to 40 of 200"."""
    if place.first == place.last:
        return f"Item {place.last:,} of {place.size:,}"
    return f"Items {place.first:,} to {place.last:,} of {place.size:,}"


def items_words(numbers: Sequence[int], total: int = 0) -> str:
    """ "item 23", "items 23 and 31", "items 1, 2, 3, 4, 5 and 15 more"; total: how many there are, where some are not named."""
    shown = [f"{number:,}" for number in numbers[:SHOWN]]
    rest = max(total, len(numbers)) - len(shown)
    if rest:
        return f"items {', '.join(shown)} and {rest:,} more"
    if len(shown) < 2:
        return f"item {''.join(shown)}"
    return f"items {', '.join(shown[:-1])} and {shown[-1]}"


def _going_on(cost: Mapping[str, int]) -> str:
    items = cost.get("items", 0)
    if not items:
        return "This was the last sample. The batch is finished; no model call."
    return f"The next {count(items, 'item')}: {_calls(cost)}. Then the next sample."


def _again(place: Place, cost: Mapping[str, int], corrected: Sequence[int]) -> str:
    items, kept, start = cost.get("items", 0), cost.get("kept", 0), cost.get("first", place.first)
    which = f"Item {place.last:,} is" if start == place.last else f"Items {start:,} to {place.last:,} are"
    said = f"{which} done again with your words: {count(items, 'item')}, {_calls(cost)}."
    if kept:
        said += f" {count(kept, 'item')} that a person corrected {'stays' if kept == 1 else 'stay'} as {'it is' if kept == 1 else 'they are'}."
    if corrected:
        said += f" {_capital(items_words(corrected))} {'goes along as an example' if len(corrected) == 1 else 'go along as examples'}."
    return f"{said} Then this place is shown again."


def _stopping(place: Place, rest: Mapping[str, int]) -> str:
    items = rest.get("items", 0)
    left = f"{count(items, 'item')} {'is' if items == 1 else 'are'} left undone. " if items else ""
    return f"{left}The results of items 1 to {place.last:,} can be downloaded."


def _calls(cost: Mapping[str, int]) -> str:
    return count(cost.get("calls", 0), "model call")


def _keeps(number: int) -> str:
    return "keeps" if number == 1 else "keep"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
