"""Samples for every row: one file per file of rules, each with ``SAMPLES = {function: [(arguments, settings), …]}``."""

import importlib
import pkgutil

SAMPLES = {}
for module in pkgutil.iter_modules(__path__):
    SAMPLES |= getattr(importlib.import_module(f"{__name__}.{module.name}"), "SAMPLES", {})
