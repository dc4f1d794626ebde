"""Words that are taken out of the record are gone from Signoff's files, and the chain stays whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from agents import audit, decisions, history, redacting, reviews, starts
from agents.audit import Event, Question, Redaction
from agents.database import decision, draft, effect, idempotency, job, opinion, reading, thread, writing
from agents.desk import Desk
from agents.domain import DecisionType, Said
from agents.errors import InvalidInput, NotAllowed, SecondNeeded
from agents.people import tokens
from tests.desks import desk_in, paused, work

SECRET = "Zyzzyva-7731"
WHY = "Ann asked for it"
RULES = '[graphs.two]\nfour_eyes = true\n[people]\n"vic".role = "viewer"\n'


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    (home / "rules.toml").write_text(RULES)
    made = desk_in(home, undo_seconds=0, rules=home / "rules.toml")
    yield made
    made.close()


def told(desk: Desk, action: str) -> list[Event]:
    with reading(desk.engine) as connection:
        return list(audit.stream(connection, action))


def redact(desk: Desk, seq: int, *names: str) -> Redaction:
    return redacting.redact(desk, seq, names, reason=WHY, actor="ada")


def redact_everywhere(desk: Desk, seq: int, *names: str) -> None:
    """What the command tells to redact, too, until nothing is left."""
    found = [(seq, list(names))]
    while found:
        place, fields = found.pop()
        found += [(at, [name]) for at, name in redact(desk, place, *fields).still[:1]]


def is_whole(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        assert audit.verify(connection) is None
        assert audit.verify(connection, audit.head(connection)) is None
        assert decisions.altered(connection) is None


def in_files(desk: Desk) -> list[str]:
    """Which of the database's files still hold the secret."""
    files = desk.settings.database_path.parent.glob("signoff.sqlite*")
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]


def instructed(desk: Desk) -> str:
    """A mail that somebody wants to have otherwise, for a reason that is nobody's business."""
    thread_id = starts.start(desk, "email_approval", {"recipient": "ann@example.org", "subject": "Hello"}, actor="ann")
    work(desk)
    (pause,) = desk.pauses(thread_id)
    reviews.save_draft(desk, Question(pause.source_id, thread_id, pause.pause_key), "ann", {"message": f"{SECRET}!"})
    said = Said(DecisionType.RESPOND, message=f"Leave {SECRET} out.")
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann")
    work(desk)
    return thread_id


def answered(desk: Desk, home: Path) -> str:
    thread_id, pause = paused(desk, "one", home)
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    work(desk)
    return thread_id


def test_an_answer_that_is_redacted_is_gone_from_every_table(desk: Desk) -> None:
    thread_id = instructed(desk)
    assert in_files(desk)
    (event,) = told(desk, "decided")
    done = redact(desk, event.seq, "message", "resume_value")
    assert set(done.copies) >= {"the decision", "the progress of its runs"}
    (delivered,) = told(desk, "delivered")
    assert (delivered.seq, "sent") in done.still, "the next event says the same, and the command tells so"
    assert "type" not in {name for _, name in done.still}, "what kind of answer it was is no word of the answer"
    redact_everywhere(desk, delivered.seq, "sent")
    with reading(desk.engine) as connection:
        row = connection.execute(select(decision)).mappings().one()
        assert (row["message"], row["resume_value"], row["actor"]) == (None, None, "ann")
        assert connection.execute(select(draft)).all() == []
    is_whole(desk)
    assert history.story(desk, thread_id).decisions[0].message is None, "its story can still be read"


def test_what_a_thread_was_started_with_is_redacted_with_its_title_and_its_question(desk: Desk, home: Path) -> None:
    thread_id = starts.start(desk, "one", {"log": str(home / "log.txt"), "question": SECRET}, actor="ann")
    (event,) = told(desk, "started")
    with pytest.raises(InvalidInput, match="has not been started yet"):
        redact(desk, event.seq, "input")
    work(desk)
    (pause,) = desk.pauses(thread_id)
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    (decided,) = told(desk, "decided")
    with pytest.raises(InvalidInput, match="has not been sent yet"):
        redact(desk, decided.seq, "message")
    work(desk)
    redact_everywhere(desk, event.seq, "input")
    redact_everywhere(desk, decided.seq, "seen")
    with reading(desk.engine) as connection:
        assert connection.execute(select(thread.c.input, thread.c.title)).one() == ({}, "(removed)")
        assert connection.execute(select(job.c.input).where(job.c.kind == "start")).scalar_one() is None
        assert connection.execute(select(decision.c.payload)).scalar_one() is None
    is_whole(desk)
    assert in_files(desk) == [], "also not where SQLite has freed a page, or in its log"


def test_opinions_go_with_the_decision_that_they_made(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "two", home)
    said = Said(DecisionType.IGNORE, message=SECRET)
    with pytest.raises(SecondNeeded):
        decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann")
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ben")
    work(desk)
    event = told(desk, "decided")[0]
    redact_everywhere(desk, event.seq, "message")
    with reading(desk.engine) as connection:
        assert SECRET not in str(connection.execute(select(opinion)).all())
    is_whole(desk)
    assert in_files(desk) == []


def test_what_was_done_outside_is_redacted_in_the_journal_too(desk: Desk) -> None:
    given = {"recipient": "ann@example.org", "subject": SECRET}
    thread_id = starts.start(desk, "email_approval", given, actor="ann")
    work(desk)
    (pause,) = desk.pauses(thread_id)
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.APPROVE), actor="ann")
    work(desk)
    (event,) = told(desk, "acted")
    assert (event.fields["kind"], event.fields["status"]) == ("mail", "done")
    assert "the effect" in redact(desk, event.seq, "request", "result").copies
    with reading(desk.engine) as connection:
        assert connection.execute(select(effect.c.request, effect.c.result)).one() == ({}, None)
    story = history.story(desk, thread_id)
    assert any(entry.what.startswith("did") for entry in story.entries)
    is_whole(desk)


def test_a_name_can_be_redacted_and_the_rest_stays(desk: Desk, home: Path) -> None:
    answered(desk, home)
    (event,) = told(desk, "decided")
    redact(desk, event.seq, "actor")
    with reading(desk.engine) as connection:
        row = connection.execute(select(decision)).mappings().one()
    assert (row["actor"], row["message"]) == ("(removed)", "yes")
    is_whole(desk)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["nothing"], "has no field nothing. It has: "),
        (["decision_id"], "has to stay"),
        (["action"], "has to stay"),
        ([], "has no field"),
    ],
)
def test_what_cannot_be_redacted_says_why(desk: Desk, home: Path, names: list[str], said: str) -> None:
    answered(desk, home)
    (event,) = told(desk, "decided")
    with pytest.raises(InvalidInput, match=said):
        redact(desk, event.seq, *names)
    redact(desk, event.seq, "message")
    with pytest.raises(InvalidInput, match="It was removed already"):
        redact(desk, event.seq, "message")
    with pytest.raises(InvalidInput, match="The record has no event 999"):
        redact(desk, 999, "message")
    with pytest.raises(InvalidInput, match="needs a reason"):
        redacting.redact(desk, event.seq, ["args"], reason=" ", actor="ada")


def test_only_an_admin_redacts(desk: Desk, home: Path) -> None:
    answered(desk, home)
    (event,) = told(desk, "decided")
    _, secret = tokens.create(desk, "vic", ["read"], actor="ada")
    with reading(desk.engine) as connection:
        vic = tokens.actor_of(connection, desk, secret)
    with pytest.raises(NotAllowed):
        redacting.redact(desk, event.seq, ["message"], reason=WHY, actor=vic)
    is_whole(desk)


def test_what_is_left_is_told(desk: Desk) -> None:
    instructed(desk)
    (event,) = told(desk, "decided")
    sentences = redacting.left(desk, redact(desk, event.seq, "message"))
    assert any(str(desk.settings.checkpoints_path.name) in each for each in sentences)
    assert any("still says it in its field resume_value" in each for each in sentences)


def test_answers_of_the_api_go_with_their_own_thread_only(desk: Desk, home: Path) -> None:
    """One whose id begins alike keeps its own, and so does a request that was cut off and has only noted what it made."""
    thread_id = answered(desk, home)
    kept = {
        "own": (200, {"thread_id": thread_id, "question": SECRET}),
        "alike": (200, {"thread_id": f"{thread_id}0", "question": "theirs"}),
        "cut off": (None, {"thread_id": thread_id}),
    }
    row = {"token_id": "t", "request_hash": "", "created_at": "", "owner": "", "lease_until": 0.0}
    with writing(desk.engine) as connection:
        for key, (code, answer) in kept.items():
            connection.execute(insert(idempotency).values(**row, key=key, code=code, answer=answer))
    redact(desk, told(desk, "decided")[0].seq, "message")
    with reading(desk.engine) as connection:
        rows = connection.execute(select(idempotency.c.key, idempotency.c.answer)).all()
        left = {row.key: row.answer for row in rows}
    assert left == {
        "own": {"thread_id": thread_id, "redacted": True},
        "alike": kept["alike"][1],
        "cut off": kept["cut off"][1],
    }
