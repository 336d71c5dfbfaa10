"""Composition root: settings -> kernel -> desk -> connectors -> capabilities, wired here and nowhere else.

`build` opens and wires, `bridges` answers one capability's questions from another's data, `models` turns settings into
chat models.
"""

from zhanggui.app.build import App, build, schedule_work
from zhanggui.app.models import model_settings, weights_path

__all__ = ["App", "build", "model_settings", "schedule_work", "weights_path"]
