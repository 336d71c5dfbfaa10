"""Embeddings from any OpenAI-compatible endpoint (`POST {base}/embeddings`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import numpy as np

from zhanggui.kernel.errors import NotConfigured, RetryLater
from zhanggui.kernel.retrieval.embedders import Vectors, unit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the embeddings come from. Prefixes are what some models want before a question or a text."""

    base_url: str
    model: str
    dimensions: int
    api_key: str = field(default="", repr=False)
    query_prefix: str = ""
    passage_prefix: str = ""
    batch: int = 64
    seconds: float = 30.0


class RemoteEmbedder:
    """Calls the endpoint in batches. Put the privacy gate in front when it is not on this machine."""

    def __init__(self, endpoint: Endpoint, client: httpx.Client | None = None) -> None:
        self._endpoint = endpoint
        self._client = client or httpx.Client(timeout=endpoint.seconds)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._endpoint.model

    @property
    def dimensions(self) -> int:
        """Length of a vector, as configured."""
        return self._endpoint.dimensions

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Unit rows for questions."""
        return self._embed([self._endpoint.query_prefix + _clean(text) for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Unit rows for texts."""
        return self._embed([self._endpoint.passage_prefix + _clean(text) for text in texts])

    def _embed(self, texts: list[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), self._endpoint.batch):
            batch = texts[start : start + self._endpoint.batch]
            rows[start : start + len(batch)] = self._call(batch)
        return unit(rows)

    def _call(self, batch: list[str]) -> Vectors:
        headers = {"Authorization": f"Bearer {self._endpoint.api_key}"} if self._endpoint.api_key else {}
        body = {"model": self._endpoint.model, "input": batch, "encoding_format": "float"}
        try:
            answer = self._client.post(f"{self._endpoint.base_url.rstrip('/')}/embeddings", json=body, headers=headers)
        except httpx.HTTPError as broken:
            raise RetryLater(f"the embedding endpoint does not answer: {type(broken).__name__}") from broken
        if answer.status_code == 429 or answer.status_code >= 500:
            raise RetryLater(f"the embedding endpoint says {answer.status_code}")
        if answer.status_code != 200:
            raise NotConfigured(f"the embedding endpoint refuses: {answer.status_code}")
        return self._rows(answer, len(batch))

    def _rows(self, answer: httpx.Response, count: int) -> Vectors:
        try:
            data = cast(Mapping[str, Any], answer.json())["data"]
            ordered = sorted(cast(Sequence[Mapping[str, Any]], data), key=lambda one: int(one["index"]))
            rows = np.asarray([one["embedding"] for one in ordered], dtype=np.float32)
        except (ValueError, TypeError, KeyError) as broken:
            raise RetryLater("the embedding endpoint answered something else than embeddings") from broken
        if rows.shape != (count, self.dimensions) or not np.isfinite(rows).all():
            raise NotConfigured(f"embeddings of shape {rows.shape} came, {(count, self.dimensions)} were expected")
        return rows


def _clean(text: str) -> str:
    """Without lone surrogates, which JSON in UTF-8 cannot carry; never empty, which some endpoints refuse."""
    return text.encode("utf-8", "replace").decode("utf-8") or " "
