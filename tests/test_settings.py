"""Settings: from the environment or .env, refused by name, secrets hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import SettingsError
from agents.settings import Settings, load_settings, variable_of


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_lie_under_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_HOME", "desk")
    settings = load_settings()
    assert settings.checkpoints_path == Path("desk/checkpoints.sqlite")
    assert settings.database_path == Path("desk/signoff.sqlite")
    assert settings.workspace_path == Path("desk/workspace")
    assert settings.outbox_path == Path("desk/outbox")


def test_a_variable_that_happens_to_have_a_fields_name_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DATABASE", "MODEL", "GRAPHS", "WORKER"):
        monkeypatch.setenv(name, "/somewhere/else")
    assert load_settings() == Settings()
    assert load_settings().home == Path(".signoff")


def test_the_env_file_counts_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SIGNOFF_MODEL=from-file\nSIGNOFF_MAIL_FROM=desk@example.org\n")
    monkeypatch.setenv("SIGNOFF_MODEL", "from-environment")
    settings = load_settings()
    assert (settings.model, settings.mail_from) == ("from-environment", "desk@example.org")


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SIGNOFF_UNDO_SECONDS", "soon", "valid number"),
        ("SIGNOFF_UNDO_SECONDS", "-1", "greater than or equal to 0"),
        ("SIGNOFF_LEASE_SECONDS", "0", "greater than or equal to 1"),
        ("SIGNOFF_SMTP_URL", "mail.example.org:25", "smtp://"),
        ("SIGNOFF_SMTP_URL", "smtp://user:secret@host:port", "smtp://"),
        ("OPENAI_BASE_URL", "localhost:11434", "http://"),
        ("SIGNOFF_WORKER", "perhaps", "boolean"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert variable in str(caught.value)
    assert expected in str(caught.value)
    assert "secret" not in str(caught.value)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_SMTP_URL", "smtp://user:hunter2@mail.example.org")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hunter2")
    settings = load_settings()
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_every_setting_has_a_variable_and_a_sentence() -> None:
    for name, field in Settings.model_fields.items():
        assert variable_of(name).startswith(("SIGNOFF_", "OPENAI_"))
        assert str(field.description).endswith(".")
