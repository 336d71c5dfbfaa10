"""Composition root: settings -> kernel -> desk -> connectors -> capabilities, wired here and nowhere else.

`build` opens and wires, `bridges` answers one capability's questions from another's data, `models` turns settings into
chat models, `knowledge_files` reads files of knowledge, `trying` asks a model something to see whether it works.
"""

from zhanggui.app.build import App, build, schedule_work
from zhanggui.app.knowledge_files import KNOWLEDGE_FILES, read_folder
from zhanggui.app.models import model_settings, weights_path
from zhanggui.app.trying import TriedModel, try_model

__all__ = [
    "KNOWLEDGE_FILES",
    "App",
    "TriedModel",
    "build",
    "model_settings",
    "read_folder",
    "schedule_work",
    "try_model",
    "weights_path",
]
