"""Trying a batch's failed items again: outside the graph's steps, under the lease of its thread."""

from __future__ import annotations

from agents import jobs
from agents.adapters.model import make_writer
from agents.audit import append
from agents.batches.head import head_of
from agents.database import writing
from agents.graphs.batch_crew import Crew
from agents.graphs.batch_work import Tally, retry_failed
from agents.runs.run import ACTOR, Run
from agents.wording import count


def tried_again(run: Run) -> None:
    """Ask the model for what failed, and put on record what came of it.

    Raises ModelError when the model fails for every item, LeaseLost when another worker has the thread.
    """
    desk, held = run.desk, run.held
    waiting = head_of(desk, held.thread_id, held.source_id).question is not None
    state = desk.reader(held.source_id).values(held.thread_id)
    crew = Crew(desk.engine, make_writer(desk.settings), desk.clock, concurrency=desk.settings.concurrency)

    def say(line: str) -> None:
        run.check_lease()
        run.report(line)

    tally = retry_failed(crew, state, waiting=waiting, say=say)
    with writing(desk.engine) as connection:
        jobs.still_mine(connection, held)
        about, text = run.about, sentence(tally)
        append(connection, at=desk.clock(), actor=ACTOR, action="tried_items", about=about, text=text)


def sentence(tally: Tally) -> str:
    """ "tried 3 failed items again: 2 are done now, 1 failed again"."""
    done, again = tally.done - tally.failed, f", {tally.failed:,} failed again" if tally.failed else ""
    return f"tried {count(tally.total, 'failed item')} again: {done:,} {'is' if done == 1 else 'are'} done now{again}"
