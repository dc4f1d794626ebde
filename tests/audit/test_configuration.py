"""Every change of the settings or the rules is one event, whatever the number of processes, and holds no secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agents import audit
from agents.audit import SETTINGS, Event, applied
from agents.database import reading
from agents.desk import open_desk
from agents.settings import Settings
from tests.desks import settings_for

SECRETS = {
    "smtp_url": "smtp://ann:planted-secret@mail.example.org:587",
    "openai_api_key": "sk-planted-secret",
    "proxy_secret": "proxy-planted-secret",
    "record_key": "record-planted-secret",
    "webhook_secret": "webhook-planted-secret",
    "channels": '{"desk": "https://hooks.example.org/planted-secret"}',
}


def told_after(settings: Settings) -> list[Event]:
    desk = open_desk(settings)
    try:
        with reading(desk.engine) as connection:
            return list(audit.stream(connection, SETTINGS))
    finally:
        desk.close()


def test_a_change_is_told_once_and_says_what_changed(home: Path) -> None:
    first = settings_for(home, undo_seconds=5)
    assert len(told_after(first)) == 1
    assert len(told_after(first)) == 1, "nothing has changed"
    *_, told = told_after(settings_for(home, undo_seconds=0))
    assert (told.seq, told.actor) == (2, "system:desk")
    assert told.fields["changed"] == [{"op": "replace", "path": "/settings/undo_seconds", "value": 0.0}]
    assert told.fields["state"]["settings"]["undo_seconds"] == 0.0


def test_a_change_of_the_rules_is_told(home: Path) -> None:
    rules = home / "rules.toml"
    rules.write_text('[people]\n"ann".role = "lead"\n')
    before, *_ = told_after(settings_for(home, rules=rules))
    rules.write_text('[people]\n"ann".role = "admin"\n')
    *_, told = told_after(settings_for(home, rules=rules))
    assert told.fields["changed"] == [{"op": "replace", "path": "/rules/people/ann/role", "value": "admin"}]
    assert applied(before.fields["state"], told.fields["changed"]) == told.fields["state"]


def test_what_differs_from_call_to_call_is_no_change(home: Path) -> None:
    told_after(settings_for(home))
    assert len(told_after(settings_for(home, actor="ann", token="signoff_x", log="json", worker=False))) == 1


def test_no_secret_is_in_it(home: Path) -> None:
    (told,) = told_after(settings_for(home, **SECRETS))
    assert "planted" not in str(told)
    assert told.fields["state"]["settings"]["record_key"] == "set"
    assert told.fields["state"]["settings"]["channels"] == ["desk"]


def test_many_processes_tell_of_it_once(home: Path) -> None:
    told_after(settings_for(home))
    changed = settings_for(home, undo_seconds=1)
    with ThreadPoolExecutor(8) as pool:
        assert {len(found) for found in pool.map(told_after, [changed] * 8)} == {2}
