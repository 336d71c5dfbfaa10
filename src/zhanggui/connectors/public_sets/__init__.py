"""Public product sets for building, testing and measuring: `dummyjson`, `flipkart_sample`, `myntra_catalog`,
`advertisegen_dev`. None of them is shipped; these are only the mappings of their rows to products."""

from zhanggui.connectors.public_sets.sets import AdvertiseGen, DummyJson, FlipkartSample, MyntraCatalog

__all__ = ["AdvertiseGen", "DummyJson", "FlipkartSample", "MyntraCatalog"]
