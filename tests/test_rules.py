"""The rules file: docs/rules.md tells all of it truly, and a mistake is named with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from agents.domain import Role
from agents.errors import SettingsError
from agents.people import NEEDED, Act, tokens
from agents.rules import Rules, length_of, load_rules

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "rules.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```toml signoff\.toml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def loaded(folder: Path, text: str) -> Rules:
    path = folder / "signoff.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def tables(value: Any) -> Iterator[BaseModel]:
    """The table and all below it."""
    if isinstance(value, BaseModel):
        yield value
        for below in vars(value).values():
            yield from tables(below)
    elif isinstance(value, dict | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from tables(each)


def test_the_documented_example_shows_every_word_that_the_file_knows(tmp_path: Path) -> None:
    said: dict[type[BaseModel], set[str]] = {}
    for each in tables(loaded(tmp_path, EXAMPLE)):
        said.setdefault(type(each), set()).update(each.model_fields_set)
    assert said == {table: set(table.model_fields) for table in said}
    assert {table.__name__ for table in said} == {
        "Rules", "PersonRule", "RoleRule", "GraphRule", "DeadlineRule", "Step", "NotificationRule",
    }  # fmt: skip


def test_the_documented_example_means_what_it_says(tmp_path: Path) -> None:
    rules = loaded(tmp_path, EXAMPLE)
    assert rules.default_role is Role.VIEWER
    assert rules.people["ann@example.org"].role is Role.LEAD
    assert rules.graphs["email_approval"].four_eyes is True
    assert [step.after for step in rules.deadlines[0].steps] == [timedelta(hours=24), timedelta(hours=4)]
    assert rules.notifications[0].on == get_args(
        get_args(type(rules.notifications[0]).model_fields["on"].annotation)[0]
    )


@pytest.mark.parametrize("act", list(Act))
def test_the_table_of_roles_is_the_one_that_is_checked(act: Act) -> None:
    (row,) = re.findall(rf"^\| {NEEDED[act].value} \| ([^|]*) \|$", PAGE, flags=re.MULTILINE)
    assert act.value in row.split(", ")


def test_the_table_of_scopes_is_the_one_that_is_checked() -> None:
    rows = re.findall(r"^\| (\w+) \| [^|]* \| (\w+)[^|]* \|$", PAGE, flags=re.MULTILINE)
    assert {name: Role(role) for name, role in rows if name in tokens.SCOPES} == tokens.SCOPES


def test_without_a_file_there_are_no_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_rules(None) == Rules()
    loaded(tmp_path, 'default_role = "lead"')
    assert load_rules(None).default_role is Role.LEAD


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("default_role = lead", "not TOML"),
        ('default_rolle = "lead"', "default_rolle"),
        ('default_role = "boss"', "default_role"),
        ('[people]\n"ann".roles = "lead"', "people.ann.role"),
        ('[roles.boss]\ngraphs = ["one"]', "roles.boss"),
        ('[roles.reviewer]\nkinds = ["mail"]', "roles.reviewer.kinds[1]"),
        ('[graphs.one]\nfour_eyes = "always"', "graphs.one.four_eyes"),
        ('claim_for = "soon"', 'claim_for: expected a length of time such as "30m"'),
        ("[[deadlines]]\nsteps = []\nsteps2 = 1", "deadlines[1].steps2"),
        ('[[deadlines]]\nsteps = [{after = "1h", do = "escalate"}]', "escalate needs to"),
        ('[[deadlines]]\nsteps = [{after = "1h", do = "default", decision = "edit"}]', "default needs decision"),
        ('[[deadlines]]\nsteps = [{after = "1h", do = "cancel", decision = "reject"}]', "only default has a decision"),
        ('[[deadlines]]\nsteps = [{after = "1h", do = "cancel"}, {after = "1h", do = "cancel"}]', "only the last step"),
        ('[[deadlines]]\nsteps = [{after = "1h", do = "escalate", to = "role:boss"}]', "role:boss names no role"),
        ('[[notifications]]\nto = "role:boss"\nchannel = "x"\non = ["new"]', "role:boss names no role"),
        ('[[notifications]]\nto = "ann"\nchannel = "x"\non = []', "notifications[1].on"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        loaded(tmp_path, text)
    assert str(tmp_path / "signoff.toml") in str(error.value)
    assert told in str(error.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SIGNOFF_RULES: cannot read"):
        load_rules(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes('default_role = "käse"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_rules(tmp_path / "latin.toml")


@pytest.mark.parametrize(
    ("text", "span"),
    [("90s", timedelta(seconds=90)), ("1d 12h", timedelta(hours=36)), ("1.5h", timedelta(minutes=90))],
)
def test_lengths_of_time(text: str, span: timedelta) -> None:
    assert length_of(text) == span


@pytest.mark.parametrize("text", ["", "0s", "h", "1", "1 week", "-1h", "5000d", 3600, None])
def test_what_is_no_length_of_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="length of time"):
        length_of(text)
