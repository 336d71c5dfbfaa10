"""Do the words that a model names carry its score? Leave them out, and as many random words, and compare.

For each text the word named first is left out, and another of its words drawn by seed; faithful reasons move the
score of the model's own label far more. Texts are made up from the package's word lists (ours), so anyone can run it;
`--neural` adds a TextCNN trained on made-up reviews (extra `train`) with occlusion and with gradient x input.

    python -m evals.explain
    python -m evals.explain --neural
"""

import argparse
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evals.figures import record
from zhanggui.kernel.textmodels import Plan, WeightedSpan, default_sentiment
from zhanggui.kernel.textmodels.compose import compose, read_lexicon
from zhanggui.kernel.textmodels.hashing import words
from zhanggui.kernel.textmodels.sentiment import LEXICONS

COMMAND = "python -m evals.explain"
SEED = 21
Reason = Callable[[str, str], Sequence[WeightedSpan]]


def texts(count: int, seed: int = SEED) -> list[str]:
    """Made-up reviews of at least four words, both languages."""
    made = [compose(read_lexicon(path, locale), count, seed)[0] for locale, path in LEXICONS.items()]
    return [text for some in made for text in some if len(words(text)) >= 4]


def log_odds(model: Any, rows: Sequence[str], place: int) -> Any:
    """Log odds of one label."""
    given = np.clip(model.predict(rows)[:, place], 1e-9, 1 - 1e-9)
    return np.log(given) - np.log(1 - given)


def moved(model: Any, reason: Reason, rows: Sequence[str]) -> tuple[list[float], list[float]]:
    """How far the label's log odds fall without the word named first, and how far they move without a random one."""
    rng = random.Random(SEED)
    named: list[float] = []
    others: list[float] = []
    for text in rows:
        place = int(model.predict([text])[0].argmax())
        best = next((span for span in reason(text, model.labels[place]) if span.weight > 0), None)
        rest = [spot for spot in words(text) if best is not None and spot != (best.start, best.end)]
        if best is None or not rest:
            continue
        drawn = rng.choice(rest)
        cuts = [text, text[: best.start] + text[best.end :], text[: drawn[0]] + text[drawn[1] :]]
        whole, without, without_random = log_odds(model, cuts, place)
        named.append(whole - without)
        others.append(abs(whole - without_random))
    return named, others


def tell(name: str, pair: tuple[list[float], list[float]]) -> None:
    """Record the ratio with a bootstrap interval."""
    named, others = np.array(pair[0]), np.array(pair[1])
    ratio = float(named.mean() / others.mean())
    drawn = np.random.default_rng(SEED)
    ratios = [
        float(named[pick].mean() / others[pick].mean())
        for pick in (drawn.integers(0, len(named), len(named)) for _ in range(1000))
    ]
    low, high = np.quantile(ratios, (0.025, 0.975))
    record(f"explain-ratio-{name}", ratio, interval=(float(low), float(high)), unit="times", command=COMMAND,
           dataset="made-up reviews", seed=SEED,
           note=f"{len(named)} texts; mean fall {named.mean():.3f} against {others.mean():.3f}")  # fmt: skip


def neural(rows: Sequence[str]) -> None:
    """A TextCNN by occlusion, as at run time, and by gradient x input, from PyTorch."""
    from zhanggui.kernel.textmodels.neural import saliency, textcnn  # an extra
    from zhanggui.kernel.textmodels.tokens import Tokenizer

    made: list[str] = []
    moods: list[str] = []
    for locale, path in LEXICONS.items():
        some, labels = compose(read_lexicon(path, locale), 3000, 5)
        made += some
        moods += labels
    model, net = textcnn.fit_with_net(made, moods, Plan(epochs=3, rate=2e-3), task="sentiment")
    tell("textcnn-occlusion", moved(model, model.explain, rows))
    tokenizer: Tokenizer = model.tokenizer

    def gradient(text: str, label: str) -> Sequence[WeightedSpan]:
        spans = saliency.spans_by_gradient(net, tokenizer, text, model.labels.index(label), textcnn.DESIGN.longest)
        # Of tokens to the words that hold them, so that the same things are left out.
        summed = [(a, b, sum(s.weight for s in spans if a <= s.start < b)) for a, b in words(text)]
        return sorted((WeightedSpan(text[a:b], a, b, w) for a, b, w in summed), key=lambda span: -span.weight)

    tell("textcnn-gradient", moved(model, gradient, rows))


def main() -> None:
    """Measure and record."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--neural", action="store_true", help="only a TextCNN (extra `train`)")
    chosen = arguments.parse_args()
    rows = texts(200)
    if chosen.neural:
        neural(rows)
        return
    model = default_sentiment()
    tell("linear", moved(model, model.explain, rows))


if __name__ == "__main__":
    main()
