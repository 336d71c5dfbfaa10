"""From settings to the chat models that `kernel.llm` takes."""

from pathlib import Path

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, Budget, ModelSettings, ProviderSettings
from zhanggui.settings import Settings

# A busy processor may read a long prompt for minutes; that is slow, not broken.
_LOCAL_TIMEOUT = 600.0


def weights_path(settings: Settings) -> Path:
    """Where the weights of the local model are, or will be pulled to."""
    if settings.model_file is not None:
        return settings.model_file
    return settings.data_dir / "models" / DEFAULT_WEIGHTS.file


def model_settings(settings: Settings) -> ModelSettings:
    """The models that the settings name, in the form that `kernel.llm` takes.

    Raises:
        BadInput: a model is not written as `provider:name`.
    """
    specs = {"default": settings.model, **settings.task_models}
    chains = {task: _chain(spec) for task, spec in specs.items()}
    names = dict.fromkeys(name for chain in chains.values() for name in chain)
    budgets: tuple[Budget, ...] = ()
    if settings.daily_budget_usd:
        budgets = (Budget("day", micros=round(settings.daily_budget_usd * 1_000_000)),)
    return ModelSettings(
        providers=tuple(_provider(name, settings) for name in names),
        default=chains.pop("default"),
        tasks=chains,
        budgets=budgets,
    )


def _chain(spec: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in spec.split(",") if part.strip() and part.strip() != "none")


def _provider(name: str, settings: Settings) -> ProviderSettings:
    kind, _, model = name.partition(":")
    slots, timeout = settings.local_slots, settings.model_timeout
    if kind == "local":
        weights = weights_path(settings)
        return ProviderSettings(
            name, "local", model=model, weights=weights, on_machine=True, slots=slots,
            threads=settings.local_threads, timeout_seconds=max(timeout, _LOCAL_TIMEOUT),
        )  # fmt: skip
    if kind == "openai" and model:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
        return ProviderSettings(
            name, "openai", model=model, base_url=settings.openai_base_url, api_key=key,
            on_machine=settings.openai_on_machine, schema_mode=settings.openai_schema, slots=8, timeout_seconds=timeout,
            price_input=settings.price_input, price_output=settings.price_output,
        )  # fmt: skip
    if kind == "google" and model:
        key = settings.google_api_key.get_secret_value() if settings.google_api_key else ""
        return ProviderSettings(
            name, "google", model=model, api_key=key, project=settings.google_project,
            location=settings.google_location, slots=8, timeout_seconds=timeout,
            price_input=settings.price_input, price_output=settings.price_output,
        )  # fmt: skip
    if kind == "transformers" and model:
        return ProviderSettings(name, "transformers", model=model, on_machine=True, slots=1, timeout_seconds=timeout)
    if kind == "fake":
        return ProviderSettings(name, "fake", model=model or "fake", on_machine=True)
    raise BadInput(field="model", expected="local:…, openai:…, google:…, transformers:… or none", found=name)
