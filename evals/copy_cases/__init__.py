"""True sentences and planted lies about real products: written here without a line of the product's own code."""
