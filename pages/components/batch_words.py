"""A batch in words: its state, how far it is, how long it still takes, what is known of its quality. Pure functions."""

from __future__ import annotations

from agents.batches import DefectRate, Progress, Rows, State
from agents.lots import Word
from agents.sampling import upper_bound
from agents.wording import count

STATES = {
    State.STARTING: ("Starting", "blue"),
    State.RUNNING: ("Running", "blue"),
    State.WAITING: ("Waiting", "orange"),
    State.DECIDED: ("Goes on", "blue"),
    State.FAILED: ("Failed", "red"),
    State.STUCK: ("Stuck", "red"),
    State.HALTED: ("Interrupted", "orange"),
    State.STOPPED: ("Stopped", "gray"),
    State.DONE: ("Done", "green"),
    State.CLOSED: ("Closed", "gray"),
}
VERDICTS = {
    Word.GOOD: ("Good", "green"),
    Word.CORRECTED: ("Corrected", "orange"),
    Word.PROBLEM: ("Problem", "red"),
}
ENDED = (State.DONE, State.STOPPED, State.CLOSED)


def progress_words(progress: Progress, state: State) -> str:
    """ "120 of 200 items done, 3 failed, 77 to do; decided up to item 100"."""
    parts = [f"{progress.done:,} of {count(progress.size, 'item')} done"]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.left:
        parts.append(f"{progress.left:,} {'not done' if state in ENDED else 'to do'}")
    decided = f"; decided up to item {progress.cursor:,}" if 0 < progress.cursor < progress.size else ""
    return f"{', '.join(parts)}{decided}"


def pace_words(rows: Rows, state: State, every: int) -> str:
    """How fast, and how long still; "" where nothing is left or nothing is known."""
    if state in ENDED or not rows.progress.left:
        return ""
    reviews = -(-(rows.progress.size - rows.progress.cursor) // every) if every else 0
    after = f", and {count(reviews, 'review')}" if reviews else ""
    if rows.speed is None or rows.minutes_left is None:
        return f"{count(rows.progress.left, 'item')} of model work left{after}."
    left = f"{duration(rows.minutes_left)} of model work left{after}."
    return f"{pace(rows.speed)}. {left[:1].upper()}{left[1:]}"


def pace(per_minute: float) -> str:
    """ "About 95 items a minute", "about one item every 40 seconds"."""
    if per_minute >= 1.5:
        digits = 0 if per_minute < 100 else 2 - len(str(round(per_minute)))  # two that count: the rest is noise
        return f"About {round(per_minute, digits):,.0f} items a minute"
    return f"About one item every {round(60 / per_minute):,} seconds"


def duration(minutes: float) -> str:
    """ "less than a minute", "about 3 minutes", "about 2 hours"."""
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"about {count(round(minutes), 'minute')}"
    hours = minutes / 60
    return f"about {count(round(hours), 'hour')}" if hours < 48 else f"about {count(round(hours / 24), 'day')}"


def rate_words(rate: DefectRate, judged: int = 0) -> str:
    """One sentence with everything that the samples allow to say. judged: how many verdicts there are in all."""
    if not rate.inspected and judged:
        return "No judged sample counts now, so nothing is known of the defect rate."
    if not rate.inspected:
        return "No sample has been judged yet, so nothing is known of the defect rate."
    were = "was a defect" if rate.inspected == rate.defects == 1 else "were defects"
    share = f"between {percent(rate.low)} and {percent(rate.high)} of all items, with 95 % confidence"
    return f"{rate.defects:,} of {rate.inspected:,} inspected {were}: {share}."


def bound_words(rate: DefectRate) -> str:
    """The one-sided bound, for whoever asks only how bad it can be."""
    if not rate.inspected:
        return ""
    return f"If only the upper limit matters: at most {percent(upper_bound(rate.defects, rate.inspected))}, with 95 % confidence."


def percent(part: float) -> str:
    """0.0252 -> "2.5 %"; small ones keep a digit that counts."""
    number = part * 100
    if 0 < number < 0.095:
        return f"{number:.1g} %" if number >= 0.0001 else "under 0.0001 %"
    if 99.95 <= number < 100:
        return "almost 100 %"
    text = f"{number:.1f}"
    return f"{text.removesuffix('.0')} %"
