"""The console: one page file per area, pages in Chinese and English, nothing loaded from outside.

Pages are HTML made on the server by `markup.h`, which escapes everything; NiceGUI carries actions and redraws.
"""

from zhanggui.web.build import add_console

__all__ = ["add_console"]
