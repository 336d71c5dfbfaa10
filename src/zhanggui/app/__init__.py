"""Composition root: settings -> kernel -> desk -> connectors -> capabilities, wired here and nowhere else.

`build` opens and wires, `bridges` answers one capability's questions from another's data, `models` turns settings into
chat models, `knowledge_files` reads files of knowledge.
"""

from zhanggui.app.build import App, build, schedule_work
from zhanggui.app.knowledge_files import KNOWLEDGE_FILES, read_folder
from zhanggui.app.models import model_settings, weights_path

__all__ = ["KNOWLEDGE_FILES", "App", "build", "model_settings", "read_folder", "schedule_work", "weights_path"]
