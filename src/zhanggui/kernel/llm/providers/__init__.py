"""The providers, one small file each, and the one place that chooses between them."""

from collections.abc import Callable

from zhanggui.kernel.llm.config import ProviderKind, ProviderSettings
from zhanggui.kernel.llm.ports import ChatProvider
from zhanggui.kernel.llm.providers.fake import FakeProvider
from zhanggui.kernel.llm.providers.google import GoogleProvider
from zhanggui.kernel.llm.providers.local import LocalProvider
from zhanggui.kernel.llm.providers.openai import OpenAIProvider
from zhanggui.kernel.llm.providers.transformers import TransformersProvider

_BUILDERS: dict[ProviderKind, Callable[[ProviderSettings], ChatProvider]] = {
    "local": LocalProvider,
    "openai": OpenAIProvider,
    "google": GoogleProvider,
    "transformers": TransformersProvider,
    "fake": FakeProvider.from_settings,
}


def build_provider(settings: ProviderSettings) -> ChatProvider:
    """The provider for these settings. Nothing is loaded and nobody is called yet."""
    return _BUILDERS[settings.kind](settings)


__all__ = ["FakeProvider", "build_provider"]
