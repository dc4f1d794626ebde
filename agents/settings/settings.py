"""Settings from the environment or `.env`. Built by entry points, never at import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agents.errors import SettingsError
from agents.settings import values


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
    rules: Path | None = Field(
        None,
        validation_alias="SIGNOFF_RULES",
        description="The rules: people and roles, four eyes, deadlines, who is notified (default: signoff.toml of the "
        "working folder, if there).",
    )
    accounts: Literal["local", "oidc", "proxy"] = Field(
        "local",
        validation_alias="SIGNOFF_ACCOUNTS",
        description="How people are known: `local` is one person on this machine, `oidc` signs in with OpenID Connect, "
        "`proxy` trusts a header of the proxy in front.",
    )
    allow_local_mode_on_network: bool = Field(
        False,
        validation_alias="SIGNOFF_ALLOW_LOCAL_MODE_ON_NETWORK",
        description="Serve local mode, which has no sign-in, on addresses other than this machine's own.",
    )
    login_hours: float = Field(
        8,
        gt=0,
        le=720,
        validation_alias="SIGNOFF_LOGIN_HOURS",
        description="How old a sign-in may be when something is decided (hours).",
    )
    name_claim: str = Field(
        "email",
        min_length=1,
        validation_alias="SIGNOFF_NAME_CLAIM",
        description="Which claim of the sign-in names a person in the rules and on decisions.",
    )
    proxy_header: str = Field(
        "X-Forwarded-User",
        min_length=1,
        validation_alias="SIGNOFF_PROXY_HEADER",
        description="The header in which the proxy names the person.",
    )
    proxy_secret: SecretStr | None = Field(
        None,
        validation_alias="SIGNOFF_PROXY_SECRET",
        description="What the proxy sends in X-Signoff-Proxy-Secret, 16 characters or more; without it no header is believed.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        validation_alias="SIGNOFF_ALLOWED_HOSTS",
        description="Host names under which the desk is reached, with commas between them, besides this machine's own.",
    )
    url: str | None = Field(
        None,
        validation_alias="SIGNOFF_URL",
        description="The desk's address as people reach it, for links in messages (default: the address it listens on).",
    )
    token: SecretStr | None = Field(
        None,
        validation_alias="SIGNOFF_TOKEN",
        description="A token of `signoff token create`, for the commands; needed where accounts are on.",
    )
    default_graph: str | None = Field(
        None,
        validation_alias="SIGNOFF_DEFAULT_GRAPH",
        description="The graph that `POST /agent/start` starts when its body names none.",
    )
    channels: Annotated[dict[str, SecretStr], NoDecode] = Field(
        {},
        validation_alias="SIGNOFF_CHANNELS",
        description='Where messages can go, by name, as a JSON object: {"desk": "https://hooks.example.com/signoff", '
        '"ann": "mailto://..."}; https:// is a signed webhook, anything else is Apprise\'s.',
    )
    webhook_secret: SecretStr | None = Field(
        None,
        validation_alias="SIGNOFF_WEBHOOK_SECRET",
        description="Key that signs webhooks, 16 characters or more.",
    )
    record_key: SecretStr | None = Field(
        None,
        validation_alias="SIGNOFF_RECORD_KEY",
        description="Key that signs heads of the record, 16 characters or more; keep it off the database's disk.",
    )
    log: Literal["text", "json"] = Field(
        "text", validation_alias="SIGNOFF_LOG", description="How the log is written: `text`, or `json` for machines."
    )

    @field_validator("checkpoints", mode="before")
    @classmethod
    def _files(cls, value: Any) -> Any:
        return values.paths_in(value) if isinstance(value, str) else (value,) if isinstance(value, Path) else value

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: Any) -> Any:
        return values.words_in(value) if isinstance(value, str) else value

    @field_validator("channels", mode="before")
    @classmethod
    def _channels(cls, value: Any) -> Any:
        return values.channels_in(value) if isinstance(value, str) else value

    _openai_base_url = field_validator("openai_base_url", "url")(values.http_address)
    _actor = field_validator("actor")(values.person)
    _openai_api_key = field_validator("openai_api_key", "token")(values.one_word)
    _smtp_url = field_validator("smtp_url")(values.mail_server)
    _secrets = field_validator("proxy_secret", "webhook_secret", "record_key")(values.long_secret)

    @property
    def checkpoints_paths(self) -> tuple[Path, ...]:
        """Every checkpointer file, as it was named; workflows that are started here go into the first."""
        return self.checkpoints or (self.home / "checkpoints.sqlite",)

    @property
    def with_accounts(self) -> bool:
        """Must people prove who they are?"""
        return self.accounts != "local"

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
