"""Nets against plain oracles, and whole trainings in small; skipped where PyTorch is not installed."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch: Any = pytest.importorskip(
    "torch", reason="PyTorch (the extra `train`) is not installed: nets are not trained here"
)
pytest.importorskip("onnx", reason="onnx (the extra `train`) is not installed: nets are not exported here")

from zhanggui.kernel.errors import BadInput  # noqa: E402 - after the skip
from zhanggui.kernel.textmodels import Ensemble, Epoch, Plan, Sizes, fit, load, load_writer  # noqa: E402
from zhanggui.kernel.textmodels.hashing import words  # noqa: E402
from zhanggui.kernel.textmodels.neural import bert, gpt, seq2seq, textcnn  # noqa: E402
from zhanggui.kernel.textmodels.neural.layers import attention, backward_only  # noqa: E402
from zhanggui.kernel.textmodels.neural.saliency import gradient_times_input  # noqa: E402

SMALL = Sizes(width=32, layers=1, heads=2, longest=48, dropout=0.0)
GOOD, BAD = ("love", "great", "perfect"), ("awful", "broken", "terrible")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def rows(count: int = 240) -> tuple[list[str], list[str]]:
    texts = [
        f"The {('dress', 'cup', 'lamp')[n % 3]} came today. It is {(GOOD if n % 2 else BAD)[n // 2 % 3]} number {n}."
        for n in range(count)
    ]
    return texts, ["positive" if n % 2 else "negative" for n in range(count)]


def plain_attention(q: Any, k: Any, v: Any, mask: Any) -> tuple[Any, Any]:
    """Equation 1 of Vaswani et al. 2017, number by number."""
    out, weights = np.zeros((q.shape[0], v.shape[1])), np.zeros((q.shape[0], k.shape[0]))
    for i in range(q.shape[0]):
        scores = [sum(q[i, d] * k[j, d] for d in range(q.shape[1])) / math.sqrt(q.shape[1]) for j in range(len(k))]
        raised = [math.exp(score - max(scores)) if mask[i, j] else 0.0 for j, score in enumerate(scores)]
        for j in range(len(k)):
            weights[i, j] = raised[j] / sum(raised)
            out[i] += weights[i, j] * v[j]
    return out, weights


@pytest.mark.parametrize("shape", [(1, 1, 2, 3), (4, 6, 8, 5), (7, 7, 16, 16)])
def test_attention_is_equation_1(shape: tuple[int, int, int, int]) -> None:
    n, m, d, width = shape
    random = np.random.default_rng(1)
    q, k, v = random.normal(size=(n, d)), random.normal(size=(m, d)), random.normal(size=(m, width))
    mask = random.random((n, m)) < 0.6
    mask[:, 0] = True
    taken, weights = attention(*(torch.as_tensor(part) for part in (q, k, v)), torch.as_tensor(mask))
    wanted, wanted_weights = plain_attention(q, k, v, mask)
    np.testing.assert_allclose(taken.numpy(), wanted, atol=1e-9)
    np.testing.assert_allclose(weights.numpy(), wanted_weights, atol=1e-9)


def test_a_decoder_sees_nothing_of_what_follows() -> None:
    torch.manual_seed(0)
    net = seq2seq.Seq2Seq(30, SMALL).eval()
    ids, out = torch.tensor([[2, 7, 8, 3]]), torch.tensor([[2, 9, 10, 11]])
    other = out.clone()
    other[0, 3] = 12
    with torch.no_grad():
        np.testing.assert_allclose(net(ids, out)[0, :3].numpy(), net(ids, other)[0, :3].numpy(), atol=1e-6)
    assert backward_only(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]


@pytest.mark.parametrize("make", [lambda: textcnn.TextCnn(40, 3), lambda: bert.Classifier(bert.Encoder(40, SMALL), 3)])
def test_padding_changes_nothing(make: Any) -> None:
    torch.manual_seed(0)
    net = make().eval()
    short = torch.tensor([[2, 7, 8, 9, 3]])
    with torch.no_grad():
        alone, among = net(short), net(torch.nn.functional.pad(short, (0, 6)))
    np.testing.assert_allclose(alone.numpy(), among.numpy(), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["textcnn", "bert", "ensemble"])
def test_a_classifier_learns_is_saved_and_says_why(algorithm: str, tmp_path: Path) -> None:
    texts, labels = rows()
    told: list[Epoch] = []
    plan = Plan(epochs=12, patience=6, rate=1e-3 if algorithm == "bert" else 3e-3, batch=16, tell=told.append)
    model = fit(algorithm, texts, labels, plan, task="sentiment")
    model.save(tmp_path / "m.npz")
    again = load(tmp_path / "m.npz")
    asked = ["The cup came today. It is awful number 3.", "The lamp came today. It is perfect number 4."]
    given = again.predict(asked)
    np.testing.assert_allclose(given, model.predict(asked), atol=5e-3)
    assert [again.labels[place] for place in given.argmax(axis=1)] == ["negative", "positive"]
    assert "awful" in again.explain(asked[0], "negative", most=1)[0].text
    assert told and again.card.task == "sentiment" and len(again.card.hash) == 64
    assert again.predict([]).shape == (0, 2) and again.predict(["", "x" * 1_000_000]).shape == (2, 2)
    assert isinstance(again, Ensemble) == (algorithm == "ensemble")
    with pytest.raises(BadInput, match="furious"):
        again.explain(asked[0], "furious")


@pytest.mark.slow
def test_an_interrupted_training_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    texts, labels = rows(120)
    straight = textcnn.fit(texts, labels, Plan(epochs=3, patience=9, checkpoint=tmp_path / "a"))

    class Killed(Exception):
        pass

    def kill(epoch: Epoch) -> None:
        if epoch.number == 2:
            raise Killed

    with pytest.raises(Killed):
        textcnn.fit(texts, labels, Plan(epochs=3, patience=9, checkpoint=tmp_path / "b", tell=kill))
    told: list[Epoch] = []
    resumed = textcnn.fit(texts, labels, Plan(epochs=3, patience=9, checkpoint=tmp_path / "b", tell=told.append))
    assert [epoch.number for epoch in told] == [3]
    np.testing.assert_array_equal(straight.margins(texts), resumed.margins(texts))
    (tmp_path / "b").write_bytes(b"half a checkpoint")
    fresh = textcnn.fit(texts, labels, Plan(epochs=3, patience=9, checkpoint=tmp_path / "b"))
    np.testing.assert_array_equal(straight.margins(texts), fresh.margins(texts))


@pytest.mark.slow
@pytest.mark.parametrize("writer", [seq2seq, gpt])
def test_a_writer_learns_to_shorten(writer: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    known = ["red", "blue", "green", "dress", "shirt", "cup"]
    texts = [" ".join(random.permutation(known)[:3]) for _ in range(300)]
    texts = [f"{text} {number % 50}" for number, text in enumerate(texts)]
    targets = [text.split()[0] for text in texts]
    model = writer.fit(texts, targets, Plan(epochs=14, patience=14, rate=4e-3, batch=16), task="title", sizes=SMALL)
    model.save(tmp_path / "w.npz")
    again = load_writer(tmp_path / "w.npz")
    told = again.predict(texts[:40])
    assert told == model.predict(texts[:40])
    assert np.mean([a == b for a, b in zip(told, targets[:40], strict=True)]) > 0.6
    assert again.explain(texts[0])
    with pytest.raises(BadInput, match="different texts"):
        writer.fit(["a"], ["b"], Plan(), task="title")


@pytest.mark.slow
def test_pretraining_lowers_its_loss_and_too_little_text_is_named() -> None:
    texts, _ = rows(200)
    made = bert.pretrain(texts, Plan(epochs=3, rate=3e-3, patience=9), sizes=SMALL, vocabulary=300)
    losses = [epoch.loss for epoch in made.history]
    assert losses[-1] < losses[0]
    with pytest.raises(BadInput, match="two sentences"):
        bert.pretrain(["one", "two"], Plan(), sizes=SMALL)


def test_gradient_times_input_is_that_of_finite_differences() -> None:
    torch.manual_seed(0)
    net = textcnn.TextCnn(40, 2).eval().double()
    ids = torch.tensor([[2, 7, 8, 9, 3]])
    given = gradient_times_input(net, ids, 1)
    states = net.embed(ids).detach()
    step = 1e-6
    for place in range(ids.shape[1]):
        # Along its own embedding: d score((1 + t) e) / dt at t = 0 is the gradient times the input.
        more = states.clone()
        more[0, place] *= 1 + step
        with torch.no_grad():
            change = (net.run(more, ids)[0, 1] - net.run(states, ids)[0, 1]) / step
        assert given[place] == pytest.approx(float(change), abs=1e-4)
    assert len(words("It is fine")) == 3
