"""Keep pytest, which imports every module to look for doctests, away from those that need PyTorch."""

collect_ignore = ["record.py", "recorders"]
