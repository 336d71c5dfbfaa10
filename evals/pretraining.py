"""What MLM and NSP pre-training gives a small BERT: fine-tuned with and without, at 100, 1,000 and more labels.

`online_shopping_10_cats`, the split of `evals.sentiment`: pre-training reads training texts without their labels, the
fifth that is tested is never read. Sizes are small so that two cores finish in minutes: they show the difference that
pre-training makes, not the best that such a model can do. Needs the extra `train`.

    python -m evals.pretraining
    python -m evals.pretraining --pretrain-rows 20000 --labels 100,1000,40000
"""

import argparse
import time

from evals.figures import record, wilson
from evals.sentiment import SHOP, Rows, read, split
from zhanggui.kernel.textmodels import Epoch, NeuralModel, Plan, Sizes
from zhanggui.kernel.textmodels.neural import bert

COMMAND = "python -m evals.pretraining"
SEED = 0
TESTED = 2000
SIZES = Sizes(width=96, layers=2, heads=4, longest=64)


def accuracy(model: NeuralModel, rows: Rows) -> int:
    """Right answers."""
    given = model.predict([text for text, _ in rows]).argmax(axis=1)
    return sum(model.labels[place] == label for place, (_, label) in zip(given, rows, strict=True))


def main() -> None:
    """Pre-train once, fine-tune twice for each number of labels, record."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pretrain-rows", type=int, default=6000)
    arguments.add_argument("--labels", default="100,1000,4000", help="numbers of labelled rows, with commas between")
    chosen = arguments.parse_args()
    train, test = split(read(SHOP, lambda row: row["review"], "label"), 10**9)
    test = test[:TESTED]
    began = time.perf_counter()

    def show(epoch: Epoch) -> None:
        took = time.perf_counter() - began
        print(f"  epoch {epoch.number}: loss {epoch.loss:.4f}, aside {epoch.score:.4f}, {took:.0f} s", flush=True)

    unlabelled = [text for text, _ in train[: chosen.pretrain_rows]]
    before = bert.pretrain(unlabelled, Plan(epochs=2, batch=64, seed=SEED, tell=show), sizes=SIZES, vocabulary=4000)
    for count in (int(number) for number in chosen.labels.split(",")):
        rows = train[-count:]
        texts, labels = [text for text, _ in rows], [label for _, label in rows]
        epochs = 10 if count <= 1000 else 3
        for name, start in (("without", None), ("with", before)):
            plan = Plan(epochs=epochs, patience=3, seed=SEED)
            model = bert.fit(texts, labels, plan, task="sentiment", before=start, sizes=SIZES)
            right = accuracy(model, test)
            record(
                f"pretraining-{count}-{name}",
                right / len(test),
                interval=wilson(right, len(test)),
                unit="accuracy",
                command=COMMAND,
                dataset="online_shopping_10_cats",
                files=[SHOP],
                seed=SEED,
                note=f"{count} labelled texts, {len(unlabelled)} texts pre-trained on, {len(test)} tested; "
                f"BERT of width {SIZES.width}, {SIZES.layers} layers",
            )


if __name__ == "__main__":
    main()
