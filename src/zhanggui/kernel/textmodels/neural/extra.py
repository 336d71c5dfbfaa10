"""The one place that reaches for the libraries of the extra `train`."""

import importlib
from typing import Any

from zhanggui.kernel.errors import NotConfigured


def needed(library: str) -> Any:
    """A library of the extra `train`, without types.

    Raises:
        NotConfigured: it is not installed.
    """
    try:
        return importlib.import_module(library)
    except ImportError as missing:
        raise NotConfigured(
            f"training this kind of model needs {library}: install the extra `train` "
            "(`make train-extra`, or `pip install 'zhanggui[train]'`); trained models run without it"
        ) from missing
