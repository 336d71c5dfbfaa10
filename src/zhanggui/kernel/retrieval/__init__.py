"""Find things: a text index with Chinese words, vectors for meaning, and one fused, explained ranking."""

from zhanggui.kernel.retrieval.embedders import CachedEmbedder, Embedder, HashEmbedder, Vectors
from zhanggui.kernel.retrieval.fusion import fuse
from zhanggui.kernel.retrieval.index import Index, Indexes
from zhanggui.kernel.retrieval.models import Document, Filters, Hit, Ranked
from zhanggui.kernel.retrieval.nano import NanoEmbedder
from zhanggui.kernel.retrieval.remote import Endpoint, RemoteEmbedder
from zhanggui.kernel.retrieval.tokens import letters, tokens
from zhanggui.kernel.retrieval.vectors import VectorTable

__all__ = [
    "CachedEmbedder",
    "Document",
    "Embedder",
    "Endpoint",
    "Filters",
    "HashEmbedder",
    "Hit",
    "Index",
    "Indexes",
    "NanoEmbedder",
    "Ranked",
    "RemoteEmbedder",
    "VectorTable",
    "Vectors",
    "fuse",
    "letters",
    "tokens",
]
