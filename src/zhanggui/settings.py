"""The only reader of the environment: `ZHANGGUI_*` variables over a TOML file over defaults; secrets never printed."""

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from zhanggui.kernel.errors import BadInput

ProviderName = Literal["local", "openai", "google", "transformers", "fake", "none"]
_REFUSED_SECRETS = {"changeme", "secret", "password", "default", "zhanggui"}


class Settings(BaseSettings):
    """Everything that can be set. Each field's description is its line in docs/guides/settings.md."""

    model_config = SettingsConfigDict(env_prefix="ZHANGGUI_", extra="forbid", frozen=True, env_ignore_empty=True)

    data_dir: Annotated[Path, Field(description="Folder of the database, model weights, indexes and uploads.")] = (
        user_data_path("zhanggui", appauthor=False)
    )
    database_url: Annotated[
        str,
        Field(description="SQLAlchemy URL; empty means SQLite in the data folder. May hold a password.", repr=False),
    ] = ""
    host: Annotated[str, Field(description="Address that the server listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port that the server listens on; 0 picks a free one.")] = (
        8600
    )
    secret_key: Annotated[
        SecretStr | None,
        Field(description="Signs sessions; made and kept in the data folder when not set. At least 32 characters."),
    ] = None
    merchant: Annotated[str, Field(description="Merchant that the command line works for.")] = "main"
    locale: Annotated[Literal["zh-CN", "en"], Field(description="Language of the console before anyone chooses.")] = (
        "zh-CN"
    )
    model: Annotated[
        str,
        Field(description="Chat models to try in order, comma-separated `provider:name`; `none` works without any."),
    ] = "local:qwen2.5-coder-1.5b-instruct-q4_k_m"
    task_models: Annotated[
        dict[str, str], Field(description="Models of single tasks, as JSON: task -> the same form as `model`.")
    ] = {}
    local_slots: Annotated[int, Field(ge=1, le=64, description="Parallel requests of the model on this machine.")] = 4
    local_threads: Annotated[
        int, Field(ge=0, le=256, description="Threads of the model on this machine; 0 takes every core.")
    ] = 0
    model_file: Annotated[Path | None, Field(description="GGUF file to use instead of the pulled weights.")] = None
    openai_base_url: Annotated[str, Field(description="Server that speaks OpenAI's protocol.")] = (
        "https://api.openai.com/v1"
    )
    openai_api_key: Annotated[SecretStr | None, Field(description="Key for that server.")] = None
    openai_schema: Annotated[
        Literal["json_schema", "json_object", "none"],
        Field(description="What that server can hold answers to: OpenAI, vLLM, Ollama a schema; DeepSeek an object."),
    ] = "json_schema"
    openai_on_machine: Annotated[
        bool, Field(description="That server runs on this machine and may see personal data.")
    ] = False
    google_api_key: Annotated[SecretStr | None, Field(description="Key for the Gemini API.")] = None
    google_project: Annotated[str, Field(description="Google Cloud project; when set, Vertex AI is used.")] = ""
    google_location: Annotated[str, Field(description="Google Cloud location for Vertex AI.")] = "us-central1"
    embeddings: Annotated[
        str, Field(description="`local` (bundled multilingual model) or `openai:<model>` at `openai_base_url`.")
    ] = "local"
    price_input: Annotated[
        float, Field(ge=0, description="What a model off this machine costs, USD per million tokens read.")
    ] = 0.0
    price_output: Annotated[
        float, Field(ge=0, description="What a model off this machine costs, USD per million tokens written.")
    ] = 0.0
    model_timeout: Annotated[float, Field(gt=0, description="Seconds that one model call may take.")] = 120.0
    daily_budget_usd: Annotated[
        float, Field(ge=0, description="Cost of model calls per merchant and day that stops them; 0 means no limit.")
    ] = 0.0
    max_upload_mb: Annotated[int, Field(ge=1, le=4096, description="Largest file that may be imported, unpacked.")] = (
        512
    )
    session_hours: Annotated[int, Field(ge=1, le=720, description="Hours until a sign-in ends.")] = 12
    webhooks_to_loopback: Annotated[
        bool, Field(description="Webhooks may also be sent to this machine itself (127.0.0.1), over plain HTTP.")
    ] = False
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="What is logged.")] = "info"
    log_format: Annotated[
        Literal["text", "json"], Field(description="Logs as lines for people, or as a JSON object a line.")
    ] = "text"

    @field_validator("secret_key")
    @classmethod
    def _refuse_weak(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and (len(value.get_secret_value()) < 32 or value.get_secret_value() in _REFUSED_SECRETS):
            raise ValueError(
                "expected at least 32 random characters; `python -c 'import secrets; print(secrets.token_urlsafe(32))'`"
            )
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over the environment over the TOML file."""
        return init_settings, env_settings, _TomlFile(settings_cls)

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'zhanggui.db'}"

    def signing_key(self) -> str:
        """The key that signs sessions: the one set, or one made once and kept (mode 600) in the data folder."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
            with suppress(FileExistsError):
                path.hardlink_to(fresh)  # atomic, and keeps the first one when two processes start at once
            fresh.unlink()
        return path.read_text(encoding="ascii")


class _TomlFile(TomlConfigSettingsSource):
    """`zhanggui.toml` in the working folder; `read_settings` may name another file."""

    path = Path("zhanggui.toml")

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls, toml_file=self.path)


def read_settings(toml: Path | None = None, **overrides: Any) -> Settings:
    """Read everything once.

    Raises:
        BadInput: a variable or a line of the file is not what was expected, or is unknown.
    """
    if toml is not None and not toml.is_file():
        raise BadInput(field="--config", expected="a TOML file", found=str(toml))
    _TomlFile.path = toml or Path("zhanggui.toml")
    try:
        return Settings(**overrides)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        shown = "(hidden)" if "key" in name else str(first.get("input"))
        raise BadInput(field=name, expected=first["msg"], found=shown) from None


def describe() -> list[tuple[str, str, str]]:
    """Every setting as (environment variable, default, what it does), for the docs and `zhanggui settings`."""
    rows: list[tuple[str, str, str]] = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        if name == "data_dir":
            default = "the user's data folder"
        rows.append((f"ZHANGGUI_{name.upper()}", default, field.description or ""))
    return rows
