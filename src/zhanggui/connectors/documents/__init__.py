"""Documents as people keep them, made into text: PDF, Word, and a folder packed as zip (perhaps with a sitemap).

Text comes out as Markdown: headings with `#`, paragraphs between blank lines, pairs of a table as `Q:` and `A:`.
"""

from zhanggui.connectors.documents.folder import Member, is_archive, unpacked
from zhanggui.connectors.documents.pdf import pdf_text
from zhanggui.connectors.documents.sitemap import addresses_of, pages_of
from zhanggui.connectors.documents.word import docx_text

__all__ = ["Member", "addresses_of", "docx_text", "is_archive", "pages_of", "pdf_text", "unpacked"]
