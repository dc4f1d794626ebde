"""The inbox over a real file: sorted, filtered, paged, in step with what was decided; history and stories."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from agents import audit, decisions, history, identity, starts
from agents.database import reading, writing
from agents.desk import Desk
from agents.domain import DecisionType, PauseStatus, Said
from agents.errors import InvalidInput, UnknownReview
from agents.reviews import board, inbox, open_review, record_look, rows_of, save_draft
from tests.desks import between, desk_in, log_of, paused, work

YES = Said(DecisionType.RESPOND, message="yes")


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = desk_in(home, undo_seconds=0)
    yield made
    made.close()


def ask(desk: Desk, home: Path, *questions: str) -> list[tuple[str, str]]:
    """Start one thread per question; (thread_id, pause_key) of each."""
    made = [paused(desk, "one", home, question=question) for question in questions]
    return [(thread_id, pause.pause_key) for thread_id, pause in made]


def test_sorted_and_paged(desk: Desk, home: Path) -> None:
    keys = ask(desk, home, *(f"Question {number}?" for number in range(5)))
    newest = inbox(desk, per_page=2)
    assert [(row.thread_id, row.pause_key) for row in newest.rows] == [keys[4], keys[3]]
    assert (newest.total, newest.waiting) == (5, 5)
    oldest_last = inbox(desk, order="oldest", page=3, per_page=2)
    assert [(row.thread_id, row.pause_key) for row in oldest_last.rows] == [keys[4]]
    assert inbox(desk, page=99).rows == ()


def test_filtered_and_searched(desk: Desk, home: Path) -> None:
    ask(desk, home, "Ship the blue one?", "Ship the red one?")
    paused(desk, "typed", home)
    found = inbox(desk, search="RED ship")
    assert [row.gist for row in found.rows] == ["Ship the red one?"]
    assert found.waiting == 3, "the counts do not depend on the search"
    assert inbox(desk, graphs=("typed",)).total == 1
    assert inbox(desk, search="yes blue").total == 1, "the options are texts of the payload too"
    assert inbox(desk, kinds=("email",)).total == 0
    assert inbox(desk).graphs == {"one": 2, "typed": 1}


def test_what_was_decided_is_no_longer_offered(home: Path) -> None:
    desk = desk_in(home, undo_seconds=60)
    (thread_id, key), _ = ask(desk, home, "First?", "Second?")
    decisions.decide(desk, thread_id, key, YES, actor="ann")
    found = inbox(desk)
    assert found.waiting == 1
    assert {row.thread_id: (row.state, row.decided_by) for row in found.rows}[thread_id] == ("decided", "ann")
    desk.close()


def test_neighbours_and_place(desk: Desk, home: Path) -> None:
    keys = ask(desk, home, "a?", "b?", "c?")
    middle = open_review(desk, *keys[1], actor="ann")
    assert (middle.position, middle.total) == (2, 3)
    assert middle.previous_key is not None
    assert middle.next_key is not None
    assert middle.previous_key[1:] == keys[2]
    assert middle.next_key[1:] == keys[0]
    decisions.decide(desk, *keys[1], YES, actor="ann")
    work(desk)
    after = open_review(desk, *keys[1], actor="ann")
    assert (after.position, after.total) == (0, 2)
    assert after.next_key is not None


def test_unknown_links_say_what_to_do(desk: Desk, home: Path) -> None:
    ((thread_id, _),) = ask(desk, home, "a?")
    for thread, key, sentence in (
        ("nobody", "x", "No thread with this link"),
        (thread_id, "f" * 32 + ".0", "asks something else now"),
        ("<script>", "'; DROP TABLE decision", "No thread with this link"),
    ):
        with pytest.raises(UnknownReview, match=sentence):
            open_review(desk, thread, key, actor="ann")
    with pytest.raises(UnknownReview):
        history.story(desk, "nobody")


def test_a_look_is_recorded_once_per_person(desk: Desk, home: Path) -> None:
    ((thread_id, key),) = ask(desk, home, "a?")
    opened = open_review(desk, thread_id, key, actor="ann")
    assert opened.review is not None
    for actor in ("ann", "ann", "bob"):
        record_look(desk, opened.review, actor)
    with reading(desk.engine) as connection:
        looks = [
            each.actor for each in audit.of_thread(connection, "checkpoints", thread_id) if each.action == "looked"
        ]
    assert looks == ["ann", "bob"]


def test_a_draft_is_kept_per_person_until_the_decision_is_delivered(desk: Desk, home: Path) -> None:
    ((thread_id, key),) = ask(desk, home, "a?")
    about = audit.Question("checkpoints", thread_id, key)
    save_draft(desk, about, "ann", {"message": "ye"})
    save_draft(desk, about, "ann", {"message": "yes"})
    assert open_review(desk, thread_id, key, actor="ann").draft == {"message": "yes"}
    assert open_review(desk, thread_id, key, actor="bob").draft is None
    decisions.decide(desk, thread_id, key, YES, actor="ann")
    assert open_review(desk, thread_id, key, actor="ann").draft == {"message": "yes"}
    work(desk)
    assert open_review(desk, thread_id, key, actor="ann").draft is None


def test_history_and_story(desk: Desk, home: Path) -> None:
    first, second = ask(desk, home, "a?", "b?")
    decisions.decide(desk, *first, YES, actor="ann")
    decisions.decide(desk, *second, Said(DecisionType.RESPOND, message="no"), actor="bob")
    work(desk)
    page = history.decisions_page(desk, per_page=1)
    assert page.total == 2
    assert page.decisions[0].actor == "bob"
    assert [each.actor for each in history.decisions_page(desk, search="ann").decisions] == ["ann"]
    assert history.decisions_page(desk, search="100%").total == 0
    told = history.story(desk, first[0])
    assert [entry.who for entry in told.entries] == [
        "starter",
        "system:worker",
        "ann",
        "system:worker",
        "system:worker",
    ]
    assert told.entries[-1].what == "ran the graph to its end: Did yes."
    assert told.outcome["text"] == "Did yes."
    assert not told.working


def test_the_board_puts_kinds_into_columns_and_says_how_much_it_leaves_out(desk: Desk, home: Path) -> None:
    keys = ask(desk, home, "a?", "b?", "c?")
    shown = board(desk, per_column=2)
    assert [column.name for column in shown.columns] == ["plans", "emails", "samples", "questions", "other"]
    other = shown.columns[-1]
    assert [row.key[1:] for row in other.rows] == [keys[2], keys[1]]
    assert (other.waiting, other.more, shown.waiting) == (3, 1, 3)
    kept = board(desk, per_column=1, order="oldest", keep=[("checkpoints", *keys[2])]).columns[-1]
    assert [row.key[1:] for row in kept.rows] == [keys[0], keys[2]], "a chosen card stays, however many are before it"
    assert kept.more == 1
    searched = board(desk, search="b?", keep=[("checkpoints", *keys[2])]).columns[-1]
    assert [row.key[1:] for row in searched.rows] == [keys[1], keys[2]]
    assert (searched.waiting, searched.more) == (1, 0)
    assert board(desk, graphs=["typed"]).columns[-1].rows == ()
    assert board(desk).graphs == {"one": 3}


def test_the_board_has_no_fifth_column_without_need_and_shows_who_decided(home: Path) -> None:
    desk = desk_in(home, undo_seconds=60)
    assert [column.name for column in board(desk).columns] == ["plans", "emails", "samples", "questions"]
    (first, _) = ask(desk, home, "a?", "b?")
    decisions.decide(desk, *first, YES, actor="ann")
    other = board(desk).columns[-1]
    assert {row.thread_id: row.decided_by for row in other.rows}[first[0]] == "ann"
    assert (other.waiting, other.more) == (1, 0)
    key = ("checkpoints", *first)
    assert set(rows_of(desk, [key, ("checkpoints", "gone", "x.0")])) == {key}
    desk.close()


def test_names(home: Path) -> None:
    desk = desk_in(home)
    assert identity.actor(desk) == identity.system_user()
    assert identity.introduce(desk, " Ann Lee ") == "Ann Lee"
    with reading(desk.engine) as connection:
        (named,) = (event for event in audit.everything(connection) if event.action == "named")
    assert (named.actor, named.fields["name"]) == ("Ann Lee", "Ann Lee")
    assert identity.actor(desk) == identity.system_user()  # said in one browser, it is not everybody's name
    assert identity.actor(desk, "Ann Lee") == "Ann Lee"
    for bad in ("", "x" * 81, "a\nb", "system:deadline"):
        with pytest.raises(InvalidInput, match=r"[Nn]ame"):
            identity.introduce(desk, bad)
    desk.close()
    setting = desk_in(home, actor="From the setting")
    assert identity.actor(setting, "Ann Lee") == "From the setting"
    setting.close()


def test_a_second_desk_sees_what_the_first_did(desk: Desk, home: Path) -> None:
    other = desk_in(home, undo_seconds=0)
    ((thread_id, key),) = ask(desk, home, "a?")
    assert inbox(other).waiting == 1
    decisions.decide(other, thread_id, key, YES, actor="bob")
    work(other)
    assert inbox(desk).waiting == 0
    with writing(desk.engine) as connection:
        assert audit.verify(connection) is None
    other.close()


def test_a_subgraph_that_goes_on_after_its_answer_is_not_called_stuck_while_its_run_lasts(
    desk: Desk, home: Path
) -> None:
    thread_id, pause = paused(desk, "thinking", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    run = Thread(target=work, args=(desk,))
    run.start()
    try:
        late = time.monotonic() + 20
        while not any("thinks about yes" in line for line in log_of(home)):
            assert time.monotonic() < late
            time.sleep(0.01)
        (left,) = desk.pauses(thread_id)
        assert left.status is PauseStatus.STUCK, "its rows are those of a run that was killed there"
        opened = open_review(desk, thread_id, pause.pause_key, actor="ann")
        assert (opened.next_question, opened.working, opened.finished) == (None, True, False)
        assert inbox(desk).rows == ()
    finally:
        (home / "log.txt.thought").touch()
        run.join(20)
    assert desk.pauses(thread_id) == ()


@pytest.mark.parametrize("reads", range(2))
def test_a_run_that_ends_while_its_story_is_read_leaves_nobody_behind(desk: Desk, home: Path, reads: int) -> None:
    thread_id = starts.start(desk, "one", {"log": str(home / "log.txt")}, actor="ann")
    with between(desk, lambda: work(desk), reads=reads):
        story = history.story(desk, thread_id)
    assert story.working or story.waiting, "whoever watches looks again, or is led to the question"


@pytest.mark.parametrize("reads", range(3))
def test_a_run_that_asks_again_while_its_review_is_read_leads_to_the_next_question(
    desk: Desk, home: Path, reads: int
) -> None:
    thread_id, pause = paused(desk, "twice", home)
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    with between(desk, lambda: work(desk), reads=reads):
        opened = open_review(desk, thread_id, pause.pause_key, actor="ann")
    assert opened.working or opened.next_question is not None
