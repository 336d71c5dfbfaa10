"""TextCNN (Kim 2014): windows of tokens looked at by filters, the strongest answer of each filter kept."""

from collections.abc import Sequence
from typing import Any, Final

from zhanggui.kernel.textmodels.labels import clean
from zhanggui.kernel.textmodels.neural.classifier import Design, fit_classifier
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.neuralmodel import NeuralModel
from zhanggui.kernel.textmodels.tokens import Tokenizer
from zhanggui.kernel.textmodels.training import Plan

torch: Any = needed("torch")
nn: Any = torch.nn
WINDOWS: Final = (2, 3, 4)
LIMITS: Final = (
    "Sees windows of up to 4 tokens, not their order over the text; reads at most 160 tokens (beginning and end); "
    "knows only what its training texts show."
)


class TextCnn(nn.Module):
    """Tokens [rows, n] -> scores [rows, labels].

    A window is the embeddings of k neighbouring tokens end to end, [rows, n, k x width]; one matrix makes the answers
    of all filters from it (a convolution written as a product, which int8 speeds up). Windows that begin in padding
    answer 0, so that a text scores the same whatever it is batched with.
    """

    def __init__(self, vocabulary: int, labels: int, *, width: int = 128, filters: int = 128) -> None:
        nn.Module.__init__(self)
        self.tokens = nn.Embedding(vocabulary, width, padding_idx=0)
        nn.init.normal_(self.tokens.weight, std=0.1)
        self.filters = nn.ModuleList(nn.Linear(k * width, filters) for k in WINDOWS)
        self.dropout = nn.Dropout(0.4)
        self.out = nn.Linear(2 * filters * len(WINDOWS), labels)

    def forward(self, ids: Any) -> Any:
        """Scores."""
        return self.run(self.embed(ids), ids)

    def embed(self, ids: Any) -> Any:
        """Embeddings, [rows, n, width]; those of padding are 0."""
        return self.tokens(ids) * (ids > 0).unsqueeze(-1).float()

    def run(self, states: Any, ids: Any) -> Any:
        """Scores from embeddings."""
        real = (ids > 0).float().unsqueeze(-1)
        length = ids.shape[1]
        # A window begins at every token, the last ones reach over the end.
        states = nn.functional.pad(self.dropout(states), (0, 0, 0, WINDOWS[-1] - 1))
        pooled: list[Any] = []
        for k, layer in zip(WINDOWS, self.filters, strict=True):
            window = torch.cat([states[:, shift : shift + length] for shift in range(k)], dim=-1)
            answers = torch.relu(layer(window)) * real
            pooled += [answers.amax(dim=1), answers.sum(dim=1) / real.sum(dim=1)]
        return self.out(self.dropout(torch.cat(pooled, dim=-1)))


DESIGN: Final = Design("textcnn", 160, TextCnn, {"width": 128, "filters": 128, "windows": list(WINDOWS)}, LIMITS)


def fit(texts: Sequence[str], labels: Sequence[str], plan: Plan, *, task: str = "") -> NeuralModel:
    """Train on texts and labels (text i has label i).

    Raises:
        BadInput: fewer than ten different texts, or fewer than two labels.
    """
    return fit_with_net(texts, labels, plan, task=task)[0]


def fit_with_net(texts: Sequence[str], labels: Sequence[str], plan: Plan, *, task: str = "") -> tuple[NeuralModel, Any]:
    """`fit`, and the PyTorch net, which can say gradients."""
    tokenizer = Tokenizer.train(clean(texts, labels).texts, 8000)
    return fit_classifier(DESIGN, texts, labels, tokenizer, plan, task)
