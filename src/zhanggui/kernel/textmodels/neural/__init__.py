"""Training of neural models: needs the extra `train` (PyTorch, Transformers). Run time needs none of it.

Each algorithm's file is imported when it is asked for; without the extra that raises `NotConfigured`, which names it.
"""
