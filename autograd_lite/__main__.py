"""Run the command line by ``python -m autograd_lite``."""

from __future__ import annotations

import sys

from autograd_lite.cli import main

if __name__ == "__main__":
    sys.exit(main())
