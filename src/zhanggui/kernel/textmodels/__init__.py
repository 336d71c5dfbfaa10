"""Small models of text that train in seconds and run on any processor."""

from zhanggui.kernel.textmodels.hashing import language
from zhanggui.kernel.textmodels.labels import Labelled, clean, kept_aside, same_text, sentiments
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.textmodels.model import ModelCard, TextModel, TextTrainer, WeightedSpan
from zhanggui.kernel.textmodels.sentiment import SENTIMENTS, default_sentiment, train_default

__all__ = [
    "SENTIMENTS",
    "Labelled",
    "LinearModel",
    "ModelCard",
    "TextModel",
    "TextTrainer",
    "WeightedSpan",
    "clean",
    "default_sentiment",
    "kept_aside",
    "language",
    "same_text",
    "sentiments",
    "train_default",
]
