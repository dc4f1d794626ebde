"""Settings from the environment or `.env`. Built by entry points, never at import."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agents.domain import name_problem
from agents.errors import SettingsError


class Settings(BaseSettings):
    """All of Signoff's settings; each field's description is its line in docs/settings.md."""

    # Fields are read by alias only: by field name, "home" would be filled from $HOME.
    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(
        Path(".signoff"),
        validation_alias="SIGNOFF_HOME",
        description="Folder for everything that Signoff keeps.",
    )
    checkpoints: Annotated[tuple[Path, ...] | None, NoDecode] = Field(
        None,
        validation_alias="SIGNOFF_CHECKPOINTS",
        description="The checkpointer file whose paused threads are reviewed, or several: with `:` between them (`;` on "
        "Windows), or as a JSON list of texts; workflows that are started here go into the first one "
        "(default: checkpoints.sqlite in the home).",
    )
    database: Path | None = Field(
        None,
        validation_alias="SIGNOFF_DATABASE",
        description="Signoff's own tables: decisions, jobs, the record (default: signoff.sqlite in the home).",
    )
    workspace: Path | None = Field(
        None,
        validation_alias="SIGNOFF_WORKSPACE",
        description="The only folder that plans may touch (default: workspace/ in the home).",
    )
    outbox: Path | None = Field(
        None,
        validation_alias="SIGNOFF_OUTBOX",
        description="Where mails are written as .eml files while no SMTP URL is set (default: outbox/ in the home).",
    )
    graphs: Path | None = Field(
        None,
        validation_alias="SIGNOFF_GRAPHS",
        description="A langgraph.json with graphs of your own (default: langgraph.json of the working folder, if there).",
    )
    smtp_url: SecretStr | None = Field(
        None,
        validation_alias="SIGNOFF_SMTP_URL",
        description="smtp://USER:PASSWORD@HOST:587 (STARTTLS), smtps://...:465 (TLS), "
        "or smtp://...?tls=none on a trusted network.",
    )
    mail_from: str = Field(
        "signoff@localhost",
        validation_alias="SIGNOFF_MAIL_FROM",
        description="The sender address of mails.",
    )
    model: str = Field(
        "gpt-5-mini",
        validation_alias="SIGNOFF_MODEL",
        description="Name of the chat model; `offline` forces the built-in rules even when a key is set.",
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Key of the model's server."
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias="OPENAI_BASE_URL",
        description="Another server with the OpenAI protocol, such as Ollama, vLLM or llama.cpp.",
    )
    undo_seconds: float = Field(
        5,
        ge=0,
        le=600,
        validation_alias="SIGNOFF_UNDO_SECONDS",
        description="How long a browser decision on something irreversible waits, with Undo on screen (seconds).",
    )
    lease_seconds: float = Field(
        15,
        ge=1,
        le=3600,
        validation_alias="SIGNOFF_LEASE_SECONDS",
        description="How long a thread stays reserved for a worker that no longer answers (seconds).",
    )
    busy_seconds: float = Field(
        30,
        ge=0.1,
        le=600,
        validation_alias="SIGNOFF_BUSY_SECONDS",
        description="How long to wait for a locked database before saying so (seconds).",
    )
    concurrency: int = Field(
        8,
        ge=1,
        le=64,
        validation_alias="SIGNOFF_CONCURRENCY",
        description="How many items of a batch the model works on at the same time.",
    )
    worker: bool = Field(
        True,
        validation_alias="SIGNOFF_WORKER",
        description="Run the background worker inside the dashboard; turn off to use `signoff worker` instead.",
    )
    actor: str | None = Field(
        None,
        validation_alias="SIGNOFF_ACTOR",
        description="Name put on decisions (default: asked once in the browser; the system user in the command).",
    )

    @field_validator("checkpoints", mode="before")
    @classmethod
    def _files(cls, value: Any) -> Any:
        return paths_in(value) if isinstance(value, str) else (value,) if isinstance(value, Path) else value

    @field_validator("openai_base_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            parts = urlsplit(value)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            good = False
        if not good:
            raise ValueError("expected an http:// or https:// address such as http://127.0.0.1:11434/v1")
        return value

    @field_validator("actor")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        problem = name_problem(value) if value else None
        if problem:
            raise ValueError(problem)
        return value

    @field_validator("openai_api_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value().strip() if value else ""
        if not key.isascii() or any(letter.isspace() for letter in key):
            raise ValueError("expected one word without spaces, line breaks or accented letters")
        return SecretStr(key) if key else None

    @field_validator("smtp_url", mode="after")
    @classmethod
    def _smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        try:
            parts = urlsplit(value.get_secret_value())
            good = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            good = False
        if not good:
            raise ValueError("expected smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465")
        return value

    @property
    def checkpoints_paths(self) -> tuple[Path, ...]:
        """Every checkpointer file, as it was named; workflows that are started here go into the first."""
        return self.checkpoints or (self.home / "checkpoints.sqlite",)

    @property
    def checkpoints_path(self) -> Path:
        return self.checkpoints_paths[0]

    @property
    def database_path(self) -> Path:
        return self.database or self.home / "signoff.sqlite"

    @property
    def workspace_path(self) -> Path:
        return self.workspace or self.home / "workspace"

    @property
    def outbox_path(self) -> Path:
        return self.outbox or self.home / "outbox"


def paths_in(text: str) -> tuple[Path, ...]:
    """The files that a setting names: one path, several with os.pathsep between them, or a JSON list.

    A text that is the name of a file is that file, whatever is in it. Raises ValueError with what is expected.
    """
    if os.path.isfile(text):
        return (Path(text),)
    if text.lstrip().startswith('["') or text.strip() == "[]":
        return _listed(text)
    found = tuple(Path(each) for each in text.split(os.pathsep) if each.strip())
    if not found or "\0" in text:
        raise ValueError("expected the path of a file, or several")
    return found


def _listed(text: str) -> tuple[Path, ...]:
    try:
        named = json.loads(text)
    except ValueError:
        named = None
    if not isinstance(named, list) or not named or not all(isinstance(each, str) and each.strip() for each in named):
        raise ValueError('expected a JSON list of paths such as ["a.sqlite", "b.sqlite"]')
    return tuple(Path(each) for each in named)


def variable_of(field: str) -> str:
    """The environment variable that fills a field: "home" -> "SIGNOFF_HOME"."""
    return str(Settings.model_fields[field].validation_alias)


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and `.env`; overrides are given by field name.

    Raises SettingsError that names the variable at fault and what is
    expected; it never repeats the value, which may be a secret.
    """
    try:
        return Settings(**{variable_of(field): value for field, value in overrides.items()})
    except ValidationError as error:
        raise SettingsError("; ".join(_sentence(item) for item in error.errors())) from None
    except UnicodeDecodeError:
        raise SettingsError(".env: expected UTF-8 text. Save the file in that encoding.") from None
    except OSError as error:
        raise SettingsError(f".env: cannot be read: {error.strerror}.") from None


def _sentence(item: Any) -> str:
    name = str(item["loc"][0]) if item["loc"] else "settings"
    reason = str(item["msg"]).removeprefix("Value error, ")
    return f"{name}: {reason[:1].lower()}{reason[1:]}"
