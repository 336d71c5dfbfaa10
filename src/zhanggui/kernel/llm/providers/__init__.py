"""The providers, one small file each, and the one place that chooses between them."""

from collections.abc import Callable

from zhanggui.kernel.llm.config import ProviderKind, ProviderSettings
from zhanggui.kernel.llm.ports import ChatProvider
from zhanggui.kernel.llm.providers.fake import FakeProvider
from zhanggui.kernel.llm.providers.local import LocalProvider

_BUILDERS: dict[ProviderKind, Callable[[ProviderSettings], ChatProvider]] = {
    "local": LocalProvider,
    "fake": FakeProvider.from_settings,
}


def build_provider(settings: ProviderSettings) -> ChatProvider:
    """The provider for these settings. Nothing is loaded and nobody is called yet."""
    return _BUILDERS[settings.kind](settings)


__all__ = ["FakeProvider", "build_provider"]
