"""The parts of ``rebuild.py``: fetch, read, merge, trace, check, write."""
