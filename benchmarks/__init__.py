"""Side-by-side measurements against peers: ratios, interleaved in one run."""
