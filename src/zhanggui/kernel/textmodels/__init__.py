"""Small models of text: linear ones train in seconds, nets of our own (extra `train`) in minutes; all run anywhere.

Training of nets imports PyTorch only when it is asked for; run time never does.
"""

from zhanggui.kernel.textmodels.adapting import Adapted, adapted
from zhanggui.kernel.textmodels.agreement import Lead, chrf, lead
from zhanggui.kernel.textmodels.algorithms import (
    ALGORITHMS,
    CLASSIFIERS,
    Classifier,
    fit,
    fit_writer,
    kind_of,
    load,
    load_writer,
)
from zhanggui.kernel.textmodels.cascade import Cascade, Joint, fit_joint, own_odds, unsure
from zhanggui.kernel.textmodels.ensemble import Ensemble
from zhanggui.kernel.textmodels.hashing import language
from zhanggui.kernel.textmodels.labels import Labelled, clean, kept_aside, same_text, sentiments
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.textmodels.model import ModelCard, TextModel, TextTrainer, WeightedSpan
from zhanggui.kernel.textmodels.neuralmodel import NeuralModel
from zhanggui.kernel.textmodels.neuralwriter import WRITERS, NeuralWriter
from zhanggui.kernel.textmodels.registry import Registry, State, Version, registry_of
from zhanggui.kernel.textmodels.runs import Run, RunLog, RunState, log_run, runs_in
from zhanggui.kernel.textmodels.sentiment import (
    NEUTRAL_FROM,
    SENTIMENTS,
    default_sentiment,
    fit_sentiment,
    train_default,
)
from zhanggui.kernel.textmodels.training import Epoch, Plan, Sizes
from zhanggui.kernel.textmodels.workflow import Outcome, Request, frozen_split, hits, train_task

__all__ = [
    "ALGORITHMS",
    "CLASSIFIERS",
    "NEUTRAL_FROM",
    "SENTIMENTS",
    "WRITERS",
    "Adapted",
    "Cascade",
    "Classifier",
    "Ensemble",
    "Epoch",
    "Joint",
    "Labelled",
    "Lead",
    "LinearModel",
    "ModelCard",
    "NeuralModel",
    "NeuralWriter",
    "Outcome",
    "Plan",
    "Registry",
    "Request",
    "Run",
    "RunLog",
    "RunState",
    "Sizes",
    "State",
    "TextModel",
    "TextTrainer",
    "Version",
    "WeightedSpan",
    "adapted",
    "chrf",
    "clean",
    "default_sentiment",
    "fit",
    "fit_joint",
    "fit_sentiment",
    "fit_writer",
    "frozen_split",
    "hits",
    "kept_aside",
    "kind_of",
    "language",
    "lead",
    "load",
    "load_writer",
    "log_run",
    "own_odds",
    "registry_of",
    "runs_in",
    "same_text",
    "sentiments",
    "train_default",
    "train_task",
    "unsure",
]
