"""The console with shops on loopback and a model that answers: run by tests as a program of its own."""

import sys

import uvicorn

from zhanggui.app import build
from zhanggui.connectors.asking import Patience
from zhanggui.connectors.shopify_api import ShopifySources
from zhanggui.server import make_server
from zhanggui.settings import read_settings

if __name__ == "__main__":
    app = build(read_settings())
    loopback = ShopifySources(allow_loopback=True, patience=Patience(timeout=5, in_all=1))
    app.connections.sources = {**app.connections.sources, "shopify": loopback}
    uvicorn.run(make_server(app), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
