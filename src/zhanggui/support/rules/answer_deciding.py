"""From features to a decision: two small models that were fitted on development questions only. Pure.

`answer_model.json` holds the trees that tell which passage is right, the logistic model that tells whether it answers
at all, and the thresholds; `python -m evals.answers_fit` writes it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import orjson
from numpy.typing import NDArray

from zhanggui.kernel.types import Locale
from zhanggui.support.rules.answer_matching import FEATURES

SECOND_FEATURES = (*FEATURES, "chance", "lead", "agreement")
LONGEST_CLARIFICATION = 3
_INJECTION = re.compile(
    r"(ignore|disregard|forget|override)\b.{0,40}\b(instruction|rule|prompt|above|previous|guideline)"
    r"|system\s*prompt|(hidden|initial|secret|original)\s+(prompt|instruction)|developer\s+mode|jailbreak|\bDAN\b"
    r"|(reveal|print|show|repeat|output).{0,30}(your|the)\s+(prompt|instructions?|configuration|text above)"
    r"|you\s+are\s+now\s|api[\s_-]?keys?\b|drop\s+table|</?(system|user|assistant|script)\b|\bonerror\s*="
    r"|(忽略|无视|忘记|忘掉).{0,12}(指令|指示|规则|提示|设定|要求)|(系统)?提示词|开发者模式|越狱|你现在是|从现在起你|从现在开始你"
    r"|(其他|别的|所有)(客户|顾客|用户|买家).{0,6}(手机|电话|地址|信息|资料|订单)",
    re.IGNORECASE | re.DOTALL,
)
_PLACEHOLDER = re.compile(
    r"\[[A-Za-z][A-Za-z _/-]{2,40}\](?!\()|\{\{[^}]{1,60}\}\}|\bTODO\b|\bTBD\b|【请填写[^】]*】|[xX]{3,}"
)
_LETTER = re.compile(r"[^\W\d_]")
_HANDOFF = {
    "zh-CN": "这个问题我没有可靠的依据，不能随便回答，已为您转接人工客服。",
    "en": "I have no reliable source for this, so I would rather not guess. A person will take over.",
}
_EMPTY = {"zh-CN": "请告诉我您想了解什么。", "en": "Please tell me what you would like to know."}
_CLARIFY = {"zh-CN": "您想问的是下面哪一个？", "en": "Which of these do you mean?"}


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model: chance = sigmoid((x - mean) / scale @ weight + bias)."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weight: NDArray[np.float64]
    bias: float

    def logits(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of each row; shape (n,)."""
        return np.asarray(((rows - self.mean) / self.scale) @ self.weight + self.bias, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted decision trees as flat arrays, one row a tree; a negative child is the leaf -1 - child.

    Attributes:
        feature, threshold, left, right: shape (trees, inner nodes); a row goes left where its value <= threshold.
        leaf: shape (trees, leaves); log-odds are the sum over trees.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf: NDArray[np.float64]

    def logits(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds of each row; shape (n,)."""
        trees = np.arange(len(self.feature))[None, :]
        places = np.arange(len(rows))[:, None]
        node = np.zeros((len(rows), len(self.feature)), dtype=np.int64)
        for _ in range(self.feature.shape[1]):
            inner = np.maximum(node, 0)
            goes_left = rows[places, self.feature[trees, inner]] <= self.threshold[trees, inner]
            child = np.where(goes_left, self.left[trees, inner], self.right[trees, inner])
            node = np.where(node < 0, node, child)
            if (node < 0).all():
                break
        return np.asarray(self.leaf[trees, -1 - node].sum(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """Which passage is the right one (`pair`), and whether the best one answers at all (`whole`).

    Attributes:
        answer_from: chance from which it is answered at once; `clarify_from`: from which is asked back.
    """

    pair: Trees
    whole: Linear
    answer_from: float
    clarify_from: float


@lru_cache(maxsize=1)
def decision_model() -> DecisionModel:
    """The model that ships with the package."""
    raw = orjson.loads(files("zhanggui.support").joinpath("rules/answer_model.json").read_bytes())
    return DecisionModel(_trees(raw["pair"]), _linear(raw["whole"]), raw["answer_from"], raw["clarify_from"])


def _linear(raw: dict[str, list[float]]) -> Linear:
    parts = [np.asarray(raw[name], dtype=np.float64) for name in ("mean", "scale", "weight")]
    return Linear(parts[0], parts[1], parts[2], float(raw["bias"][0]))


def _trees(raw: dict[str, list[list[float]]]) -> Trees:
    feature, left, right = (np.asarray(raw[name], dtype=np.int64) for name in ("feature", "left", "right"))
    threshold, leaf = (np.asarray(raw[name], dtype=np.float64) for name in ("threshold", "leaf"))
    return Trees(feature, threshold, left, right, leaf)


def best_first(logits: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of the candidates, best first; ties by the title's cosine, then by place."""
    return np.lexsort((np.arange(len(logits)), -rows[:, 0], -logits)).astype(np.int64)


def second_row(
    rows: NDArray[np.float64], logits: NDArray[np.float64], order: NDArray[np.int64], rivals: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The features of the best candidate, with how sure it is, its lead over the best rival and how far all agree.

    Args:
        rivals: places (into `order`) of candidates that say something else than the best one.
    """
    best = int(order[0])
    lead = float(logits[best] - logits[order[rivals[0]]]) if len(rivals) else 6.0
    agreement = float(rows[best, -2] == 1.0) + float(rows[best, -1] == 1.0)
    return np.concatenate([rows[best], [logits[best], min(6.0, lead), agreement]])


def chance(logit: float) -> float:
    """The logistic function."""
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def is_injection(text: str) -> bool:
    """Whether a message tries to give orders to the machine, or asks for what is not its asker's."""
    return bool(_INJECTION.search(text[:20_000]))


def is_noise(text: str) -> bool:
    """Whether a message holds nothing that could be a question: marks, digits, emoji, one letter."""
    letters = _LETTER.findall(text[:5000])
    if any("\u3400" <= letter <= "\u9fff" for letter in letters):
        return len(letters) < 2
    return len(letters) < 2 or len(set(letters)) < 2


def has_placeholder(text: str) -> bool:
    """Whether a passage still holds a blank that the shop has to fill in, such as `[phone number]`."""
    return bool(_PLACEHOLDER.search(text))


def handoff_line(locale: Locale) -> str:
    """What the customer reads when a person takes over."""
    return _HANDOFF[locale]


def empty_line(locale: Locale) -> str:
    """What the customer reads after a message without words."""
    return _EMPTY[locale]


def clarification(titles: list[str], locale: Locale) -> str:
    """A question back that names at most three matters."""
    named = list(dict.fromkeys(title for title in titles if title))[:LONGEST_CLARIFICATION]
    return _CLARIFY[locale] + "".join(f"\n- {title[:200]}" for title in named)
