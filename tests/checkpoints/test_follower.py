"""A follower tells what a reader of the whole file tells, whatever happens to the file or to the index."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from agents.checkpoints import Digest, Follower, Problem, Reader, Source, Wanted
from agents.checkpoints.stuck import QUIET
from agents.clock import utc_now
from agents.domain import GraphFacts, Pause
from tests.checkpoints import threads as graphs
from tests.checkpoints.test_reader import change, delete
from tests.checkpoints.threads import Threads

Start = Callable[..., Threads]
ROOT = Path(__file__).resolve().parent.parent.parent
LATER = timedelta(days=1)
ANY = Wanted()


def later():
    """A clock by which everything that stopped has been quiet for long enough."""
    return utc_now() + LATER


def digest(pause: Pause) -> Digest:
    return Digest("generic", f"{pause.thread_id} {pause.value}".casefold(), pause)


class Watched:
    """A follower of a file, and what reading the whole file says."""

    def __init__(self, source: Source, folder: Path, stamp: str = "code") -> None:
        self.source, self.folder, self.stamp = source, folder, stamp
        self.reader = Reader(source, clock=later)
        self.follower = Follower(self.reader, folder, stamp, digest)

    def close(self) -> None:
        self.follower.close()
        self.reader.close()

    def held(self) -> dict[tuple[str, str], Pause]:
        """What the index holds, each compared with the file."""
        places = self.follower.places(ANY, oldest=False, first=0, most=10_000)
        assert places == sorted(places, reverse=True)
        found = self.follower.find([(place.thread_id, place.pause_key) for place in places])
        return {key: pause for key, (_, pause) in found.items()}

    def whole(self) -> dict[tuple[str, str], Pause]:
        with Reader(self.source, clock=later) as reader:
            return {(pause.thread_id, pause.pause_key): pause for pause in reader.listing().pauses}

    def agree(self) -> None:
        assert not self.follower.settle().about
        whole = self.whole()
        assert self.held() == whole
        assert self.follower.counts(ANY).total() == len(whole)

    def quiet(self) -> None:
        """Wait until what goes on beside is done."""
        end = time.monotonic() + 20
        while self.follower.refresh().about:
            assert time.monotonic() < end
            time.sleep(0.005)


@pytest.fixture
def run(threads: Start) -> Threads:
    run = threads(graphs.of(graphs.two))
    for name in ("a", "b", "c"):
        run.start(name)
    return run


@pytest.fixture
def watched(run: Threads, source: Source, tmp_path: Path) -> Iterator[Watched]:
    made = Watched(source, tmp_path / "index")
    made.agree()
    yield made
    made.close()


def copy(origin: Path, target: Path) -> None:
    """As `.backup` does it: through SQLite, into the file that is there."""
    with closing(sqlite3.connect(origin)) as first, closing(sqlite3.connect(target)) as second:
        first.backup(second)


def values(watched: Watched) -> dict[str, object]:
    return {thread_id: pause.value for (thread_id, _), pause in watched.held().items()}


def test_new_answered_and_finished_threads_are_seen_at_once(watched: Watched, run: Threads) -> None:
    run.start("d")
    run.answer("x", "a")
    run.answer("x", "b")
    run.answer("y", "b")
    watched.follower.refresh()
    assert values(watched) == {"a": "second?", "c": "first?", "d": "first?"}
    watched.agree()


def test_a_shown_row_is_compared_although_nothing_new_tells_of_its_end(watched: Watched, path: Path) -> None:
    delete(path, "b")
    assert set(values(watched)) == {"a", "c"}


def test_the_count_is_about_until_what_is_held_was_compared(watched: Watched, path: Path) -> None:
    delete(path, "b")
    assert watched.follower.refresh().about
    watched.quiet()
    assert watched.follower.counts(ANY).total() == 2
    watched.agree()


def test_the_last_thread_deleted_and_another_written_in_its_rows(watched: Watched, run: Threads, path: Path) -> None:
    before = watched.held()
    delete(path, "c")
    run.start("d")
    run.start("c")
    watched.quiet()
    after = watched.held()
    assert {thread_id for thread_id, _ in after} == {"a", "b", "c", "d"}
    assert len(set(before) & set(after)) == 2, "c asks anew"
    watched.agree()


def test_vacuum(watched: Watched, run: Threads, path: Path) -> None:
    delete(path, "a")
    run.answer("x", "b")
    change(path, "VACUUM")
    said = watched.follower.refresh()
    assert said.about
    assert "read again" in (said.note or "")
    watched.quiet()
    assert values(watched) == {"b": "second?", "c": "first?"}
    watched.agree()


def test_a_replaced_file_and_a_restored_backup(watched: Watched, run: Threads, path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    copy(path, backup)
    run.answer("x", "c")
    run.start("d")
    watched.agree()
    copy(backup, path)
    watched.quiet()
    assert values(watched) == {"a": "first?", "b": "first?", "c": "first?"}
    delete(backup, "a")
    change(backup, "PRAGMA journal_mode = DELETE")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()
    backup.replace(path)
    watched.quiet()
    assert values(watched) == {"b": "first?", "c": "first?"}
    watched.agree()


def test_a_file_copied_over_in_place(run: Threads, path: Path, tmp_path: Path) -> None:
    live, backup = tmp_path / "live.sqlite", tmp_path / "backup.sqlite"
    for each in (live, backup):
        copy(path, each)
        change(each, "PRAGMA journal_mode = DELETE")
    delete(backup, "b")
    watched = Watched(Source("live", live), tmp_path / "index")
    watched.agree()
    shutil.copyfile(backup, live)
    assert set(values(watched)) == {"a", "c"}
    watched.agree()
    watched.close()


def test_an_old_question_that_comes_back_when_its_thread_loses_its_newest_step(
    watched: Watched, run: Threads, path: Path
) -> None:
    run.answer("x", "b")
    run.answer("y", "b")
    watched.agree()
    assert set(values(watched)) == {"a", "c"}
    newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = 'b'"
    change(path, f"DELETE FROM checkpoints WHERE thread_id = 'b' AND checkpoint_id = ({newest})")
    watched.agree()


def test_the_index_may_be_deleted_damaged_or_shared(watched: Watched, run: Threads, source: Source) -> None:
    (file,) = watched.folder.glob("*.sqlite")
    other = Watched(source, watched.folder)
    run.start("d")
    other.agree()
    assert set(values(watched)) == {"a", "b", "c", "d"}, "what one process read the other need not read again"
    for each in watched.folder.iterdir():
        each.unlink()
    watched.agree()
    other.agree()
    (file,) = watched.folder.glob("*.sqlite")
    other.close()
    watched.follower.close()
    file.write_bytes(b"not an index" * 1000)
    watched.follower = Follower(watched.reader, watched.folder, watched.stamp, digest)
    watched.agree()


def test_other_code_has_an_index_of_its_own(watched: Watched, source: Source) -> None:
    other = Watched(source, watched.folder, "other code")
    other.agree()
    assert len(list(watched.folder.glob("*.sqlite"))) == 2
    other.close()


def test_a_folder_that_cannot_be_made_costs_only_the_memory_of_the_index(
    run: Threads, source: Source, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    watched = Watched(source, tmp_path / "file" / "index")
    watched.agree()
    watched.close()


def test_a_process_that_comes_later_reads_nothing_twice(watched: Watched, source: Source, path: Path) -> None:
    read: list[str] = []
    watched.close()
    with Reader(source, clock=later) as reader:
        follower = Follower(
            reader, watched.folder, watched.stamp, lambda pause: read.append(pause.thread_id) or digest(pause)
        )  # type: ignore[func-returns-value]
        assert not follower.refresh().about
        assert follower.counts(ANY).total() == 3
        assert read == []
        follower.close()
    delete(path, "b")
    watched = Watched(source, watched.folder)
    watched.quiet()
    assert watched.follower.counts(ANY).total() == 2, "what went while nobody looked is seen"


def test_a_missing_and_a_locked_file_say_so(watched: Watched, path: Path, tmp_path: Path) -> None:
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    path.rename(tmp_path / "away")
    said = watched.follower.refresh()
    assert (said.problem, said.about) == (Problem.MISSING, True)
    (tmp_path / "away").rename(path)
    watched.agree()


class Told:
    """Facts that come to be known."""

    version = 0
    graph: GraphFacts | None = None

    def of(self, source_id: str, thread_id: str, graph_id: str | None, nodes: frozenset[str]) -> GraphFacts | None:
        return self.graph


def test_what_becomes_known_of_a_graph_is_looked_up_again_and_a_halted_run_waits_to_be_listed(
    threads: Start, source: Source, tmp_path: Path
) -> None:
    def ready(state: graphs.State) -> graphs.State:
        return {"log": ["ready"]}

    from langgraph.graph import START, StateGraph

    build = StateGraph(graphs.State).add_node("ready", ready).add_node("one", graphs.one)
    build.add_edge(START, "ready").add_edge("ready", "one")
    threads(lambda saver: build.compile(checkpointer=saver, interrupt_before=["one"])).start("t")
    now, facts = [utc_now()], Told()
    with Reader(source, facts=facts, clock=lambda: now[0]) as reader:
        follower = Follower(reader, tmp_path / "index", "code", digest)
        follower.settle()
        assert follower.counts(ANY) == Counter()
        assert follower.places(ANY, oldest=False, first=0, most=9) == []
        now[0] += QUIET + timedelta(seconds=1)
        assert follower.counts(ANY) == {("generic", "unknown", "stuck"): 1}
        facts.graph = GraphFacts("mine", frozenset({"ready", "one"}), before=frozenset({"one"}))
        facts.version += 1
        assert follower.settle().about is False
        assert follower.counts(ANY) == {("generic", "mine", "breakpoint"): 1}
        follower.close()


def test_a_tail_that_is_cut_off_while_others_are_written_in_its_place(
    watched: Watched, run: Threads, path: Path
) -> None:
    for name in ("b", "c"):
        delete(path, name)
    for name in ("d", "e", "f"):
        run.start(name)
    watched.quiet()
    watched.agree()


def test_a_thread_that_keeps_only_the_rows_of_a_subgraph_is_gone(watched: Watched, threads: Start, path: Path) -> None:
    threads(graphs.nested(graphs.one)).start("below")
    watched.agree()
    change(path, "DELETE FROM checkpoints WHERE thread_id = 'below' AND checkpoint_ns = ''")
    change(path, "VACUUM")
    watched.quiet()
    assert watched.follower.counts(ANY).total() == 3
    watched.agree()


class Mess:
    """Whatever may happen to a file, at random."""

    def __init__(self, seed: int, threads: Start, path: Path) -> None:
        self.chance, self.threads, self.path = random.Random(seed), threads, path
        self.backup = path.with_name("backup.sqlite")
        self.runs: dict[str, Threads] = {}

    def happen(self) -> None:
        acts = [self.start, self.answer, self.forget, self.step_back, self.vacuum, self.restore]
        self.chance.choices(acts, [8, 8, 3, 2, 1, 2])[0]()

    def start(self) -> None:
        builds = [graphs.of(graphs.two, graphs.one), graphs.parallel, graphs.fan_out, graphs.nested(graphs.two)]
        name = f"t{self.chance.randrange(40)}"
        self.runs[name] = self.runs.get(name) or self.threads(self.chance.choice(builds))
        self.runs[name].start(name)

    def answer(self) -> None:
        for name in self._one():
            with suppress(ValueError, IndexError):
                self.runs[name].answer(self.chance.choice(["a", "b", "bad"]), name)

    def forget(self) -> None:
        for name in self._one():
            delete(self.path, name)
            del self.runs[name]

    def step_back(self) -> None:
        for name in self._one():
            newest = f"SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = '{name}' AND checkpoint_ns = ''"
            change(self.path, f"DELETE FROM checkpoints WHERE thread_id = '{name}' AND checkpoint_id = ({newest})")

    def vacuum(self) -> None:
        change(self.path, "VACUUM")

    def restore(self) -> None:
        back = self.backup.exists() and self.chance.random() < 0.5
        copy(self.backup, self.path) if back else copy(self.path, self.backup)

    def _one(self) -> list[str]:
        return self.chance.sample(list(self.runs), min(1, len(self.runs)))


def test_any_mix_of_changes_gives_what_the_whole_file_says(
    threads: Start, source: Source, path: Path, tmp_path: Path
) -> None:
    mess, watched = Mess(11, threads, path), Watched(source, tmp_path / "index")
    for _ in range(6):
        mess.start()
    for _ in range(40):
        mess.happen()
        if mess.chance.random() < 0.5:
            watched.follower.refresh()
        if mess.chance.random() < 0.3:
            watched.agree()
    watched.agree()
    watched.close()


READ = """
import os, sys
from pathlib import Path
import xxhash
from agents.checkpoints import Digest, Follower, Reader, Source, Wanted
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
with Reader(Source("x", Path(sys.argv[1]))) as reader:
    follower = Follower(reader, Path(sys.argv[2]), "code", lambda pause: Digest("generic", "", pause))
    said = follower.settle()
    places = follower.places(Wanted(), oldest=False, first=0, most=9)
    print(len(follower.find([place[1:] for place in places])), follower.counts(Wanted()).total(), said.note)
    follower.close()
"""


@pytest.mark.parametrize("with_wal", [True, False])
def test_a_file_and_a_folder_that_cannot_be_written(threads: Start, path: Path, with_wal: bool) -> None:
    run = threads(graphs.of(graphs.one))
    run.start("a")
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    run.start("b")
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders may not be entered by other users
        folder = Path(name)
        shutil.copy(path, folder / "copy.sqlite")
        if with_wal:
            shutil.copy(f"{path}-wal", folder / "copy.sqlite-wal")
        for each in (*folder.iterdir(), folder):
            each.chmod(0o555 if each == folder else 0o444)
        before = {each.name: each.read_bytes() for each in folder.iterdir()}
        command = [sys.executable, "-c", READ, str(folder / "copy.sqlite"), str(folder / "index")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
        folder.chmod(0o755)
    expected = 2 if with_wal else 1
    assert done.stdout.strip() == f"{expected} {expected} None", done.stderr
