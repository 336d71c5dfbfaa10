"""Files as shops really send them, made into clean UTF-8 text and rows: shared by every file format.

`open_text` unpacks and decodes (gzip, zip, UTF-8, BOM, UTF-16, GB18030), `CsvTable` reads rows and names every bad one,
`cells` keeps what a single cell may hold (lists, numbers, neutralised formulas), `products` is what a reader yields.
"""

from zhanggui.connectors.tabular.cells import join_list, neutralise, restore, split_list
from zhanggui.connectors.tabular.products import (
    FileFacts,
    Listing,
    OpenProducts,
    ProductFormat,
    ProductFrame,
    ReadProduct,
    column_facts,
)
from zhanggui.connectors.tabular.rows import CsvTable, write_row
from zhanggui.connectors.tabular.upload import Limits, TextFile, open_text

__all__ = [
    "CsvTable",
    "FileFacts",
    "Limits",
    "Listing",
    "OpenProducts",
    "ProductFormat",
    "ProductFrame",
    "ReadProduct",
    "TextFile",
    "column_facts",
    "join_list",
    "neutralise",
    "open_text",
    "restore",
    "split_list",
    "write_row",
]
