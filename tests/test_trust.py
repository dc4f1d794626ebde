"""Types that strict decoding would damage: nothing is written until a person trusts them, and then they stay what they are."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import ormsgpack
import pytest

from agents import decisions, history, trust
from agents.__main__ import main
from agents.database import reading
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Pause, Said
from agents.errors import InvalidInput, NotPending, UnknownGraph
from agents.jobs import JobStatus
from agents.settings import load_settings
from agents.threads.data_types import buildable, names_in
from tests import typed_graphs
from tests.desks import last_job, work
from tests.projects import MODULE, TYPES, project_in, run_project


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    config = project_in(home)
    path = list(sys.path)
    opened = open_desk(load_settings(home=home, graphs=config, undo_seconds=0))
    yield opened
    opened.close()
    sys.path[:] = path
    sys.modules.pop(MODULE, None)  # the next test's project has a module of the same name


def paused(desk: Desk, graph_id: str = "orders") -> Pause:
    run_project(desk.settings.home, desk.settings.checkpoints_path, graph_id)
    return desk.pauses("t")[0]


def stored(desk: Desk) -> Counter[str]:
    """How often each type stands in the newest checkpoint."""
    with closing(sqlite3.connect(desk.settings.checkpoints_path)) as connection:
        query = "SELECT type, checkpoint FROM checkpoints WHERE checkpoint_ns = '' ORDER BY checkpoint_id DESC LIMIT 1"
        kind, blob = connection.execute(query).fetchone()
    return names_in(kind, blob)


def content(desk: Desk) -> list[Any]:
    with closing(sqlite3.connect(desk.settings.checkpoints_path)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
            for table in ("checkpoints", "writes")
        ]


def say(desk: Desk, pause: Pause, type_: DecisionType = DecisionType.RESPOND) -> None:
    message = "yes" if type_ is DecisionType.RESPOND else None
    decisions.decide(desk, "t", pause.pause_key, Said(type_, message=message), seen=pause.seen, actor="ann")
    work(desk)


def test_nothing_is_written_until_the_types_are_trusted_and_then_they_stay_what_they_are(desk: Desk) -> None:
    pause = paused(desk)
    before, rows = stored(desk), content(desk)
    assert {name: before[name] for name in TYPES} == dict(zip(TYPES, (1, 2, 1, 1), strict=True))
    say(desk, pause)
    assert content(desk) == rows
    found = trust.held_back(desk, pause)
    assert found is not None
    assert (found.graph_id, found.names, found.never) == ("orders", TYPES, ())
    job = last_job(desk, "t")
    assert job.status is JobStatus.FAILED
    assert all(name in str(job.error) for name in TYPES)

    trust.trust_and_go_on(desk, "t", actor="ben")
    work(desk)
    assert last_job(desk, "t").error is None
    assert desk.outcome("t")["text"] == "Sent order 7, 3.5 to High Street."
    assert {name: stored(desk)[name] for name in TYPES} == {name: before[name] for name in TYPES}
    lines = [entry.what for entry in history.story(desk, "t").entries]
    assert f"trusted {', '.join(TYPES)} for graph orders" in lines
    assert any(line.startswith("wrote nothing, because of types") for line in lines)
    with pytest.raises(NotPending):
        trust.trust_and_go_on(desk, "t", actor="ben")


def test_closing_a_thread_keeps_its_types_too(desk: Desk) -> None:
    pause = paused(desk)
    before, rows = stored(desk), content(desk)
    say(desk, pause, DecisionType.IGNORE)
    assert content(desk) == rows
    assert "was not closed" in str(last_job(desk, "t").error)
    (again,) = trust.trust_and_go_on(desk, "t", actor="ben")
    assert again.type is DecisionType.IGNORE
    work(desk)
    assert desk.pauses("t") == ()
    assert {name: stored(desk)[name] for name in TYPES} == {name: before[name] for name in TYPES}


def test_a_type_that_is_only_in_the_question_is_no_danger(desk: Desk) -> None:
    pause = paused(desk, "questions")
    assert pause.value == {"item": "tea", "price": 2.5}
    say(desk, pause)
    assert last_job(desk, "t").error is None
    assert desk.pauses("t") == ()


def test_a_trusted_type_that_cannot_be_built_is_not_damaged_either(desk: Desk) -> None:
    pause = paused(desk)
    trust.trust(desk, "orders", TYPES, actor="ann")
    module = desk.settings.home / f"{MODULE}.py"
    module.write_text(module.read_text().replace("price", "cost"))
    rows = content(desk)
    say(desk, pause)
    assert content(desk) == rows
    assert f"cannot be built here from what is stored, so that a resume would damage them: {TYPES[1]}." in str(
        last_job(desk, "t").error
    )
    assert trust.held_back(desk, pause) is None, "there is nothing left to trust"


@pytest.mark.parametrize("name", ["os.system", "subprocess.Popen", "builtins.eval"])
def test_pythons_own_names_cannot_be_trusted(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidInput, match="belongs to Python itself"):
        trust.trust(desk, "orders", [name], actor="ann")
    with reading(desk.engine) as connection:
        assert trust.allowed(connection) == []


@pytest.mark.parametrize("name", ["Order", "", "a..b", "a b.C", "shop.Order()", "x" * 400 + ".Y"])
def test_what_is_no_name_of_a_type_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InvalidInput, match="no name of a type"):
        trust.trust(desk, "orders", [name], actor="ann")


def test_a_graph_that_nobody_knows_is_not_trusted_with_anything(desk: Desk) -> None:
    with pytest.raises(UnknownGraph):
        trust.trust(desk, "nobody", TYPES, actor="ann")


def test_only_types_of_data_are_ever_built() -> None:
    names = [
        ("os", "system"),
        ("numpy", "load"),
        ("pandas", "read_pickle"),
        ("no.such.module", "X"),
        ("numpy", "ndarray"),
    ]
    assert buildable(names) == []
    own = [(typed_graphs.__name__, name) for name in ("Colour", "Line", "Order", "Place")]
    assert buildable([*own, (typed_graphs.__name__, "take")]) == own


def test_the_command_trusts_and_doctor_tells(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(desk.settings.graphs))
    assert main(["trust", "orders", TYPES[2], "--actor", "ann"]) == 0
    assert "code of that module runs" in capsys.readouterr().out
    assert main(["trust", "orders"]) == 0
    assert f"{TYPES[2]} (by ann" in capsys.readouterr().out
    assert main(["trust", "orders", "os.system"]) == 2
    capsys.readouterr()
    main(["doctor"])
    assert f"threads of graph orders may hold {TYPES[2]} (by ann)" in capsys.readouterr().out


def test_names_are_counted_also_inside_other_records() -> None:
    inner = ormsgpack.Ext(2, ormsgpack.packb(("m", "Inner", {})))
    outer = ormsgpack.packb([ormsgpack.Ext(2, ormsgpack.packb(("m", "Outer", {"a": [inner, inner]})))])
    assert names_in("msgpack", outer) == Counter({"m.Outer": 1, "m.Inner": 2})
