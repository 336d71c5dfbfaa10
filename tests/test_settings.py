"""Settings are read once, typed, and never tell a secret."""

import stat
from pathlib import Path

import pytest

from zhanggui.app import model_settings
from zhanggui.kernel.errors import BadInput
from zhanggui.settings import Settings, describe, read_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_arguments_win_over_the_environment_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.toml"
    file.write_text('port = 1111\nhost = "127.0.0.2"\nmerchant = "file"\n')
    monkeypatch.setenv("ZHANGGUI_HOST", "127.0.0.3")
    monkeypatch.setenv("ZHANGGUI_MERCHANT", "environment")
    settings = read_settings(file, merchant="argument")
    assert (settings.port, settings.host, settings.merchant) == (1111, "127.0.0.3", "argument")


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [("PORT", "many", "port"), ("LOCAL_SLOTS", "0", "local_slots"), ("LOCALE", "fr", "locale")],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, field: str) -> None:
    monkeypatch.setenv(f"ZHANGGUI_{variable}", value)
    with pytest.raises(BadInput) as wrong:
        read_settings()
    assert wrong.value.field == field
    assert wrong.value.found == value


def test_an_unknown_line_of_the_file_and_a_missing_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(BadInput, match="prot"):
        read_settings(file)
    with pytest.raises(BadInput, match="nothing"):
        read_settings(tmp_path / "nothing.toml")


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "OPENAI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(f"ZHANGGUI_{name}", "tell-nobody-this-secret-of-40-characters")
    monkeypatch.setenv("ZHANGGUI_DATABASE_URL", "postgresql://me:tell-nobody@127.0.0.1/x")
    settings = read_settings()
    assert "tell-nobody" not in repr(settings) + str(settings)
    assert "tell-nobody" not in repr(model_settings(settings.model_copy(update={"model": "openai:x"})))


@pytest.mark.parametrize("weak", ["short", "changeme", "x" * 31])
def test_a_weak_secret_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setenv("ZHANGGUI_SECRET_KEY", weak)
    with pytest.raises(BadInput) as wrong:
        read_settings()
    assert weak not in wrong.value.message


def test_a_signing_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    first = settings.signing_key()
    assert len(first) >= 32
    assert Settings(data_dir=tmp_path / "data").signing_key() == first
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


def test_models_are_read_as_chains() -> None:
    settings = Settings(model="openai:gpt, local:x", task_models={"catalog.copy": "fake", "orders": "none"})
    chains = model_settings(settings)
    assert chains.chain("anything") == ("openai:gpt", "local:x")
    assert chains.chain("catalog.copy") == ("fake",)
    assert chains.chain("orders.agent") == ()
    with pytest.raises(BadInput, match="model"):
        model_settings(Settings(model="gpt-5"))


def test_every_setting_is_described() -> None:
    assert all(text.endswith((".", "?")) for _, _, text in describe())
    assert len(describe()) == len(Settings.model_fields)
