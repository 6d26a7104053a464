"""``python -m tests.views 10000``: check so many random programs, from seed 0 on or from a second number on."""

import sys

from tests.views.programs import check

count, first = (int(n) for n in (sys.argv[1:] + ["10000", "0"][len(sys.argv) - 1 :])[:2])
failures = 0
for seed in range(first, first + count):
    try:
        check(seed)
    except Exception as error:
        failures += 1
        print(f"seed {seed}: {type(error).__name__}: {error}")
print(f"{count} programs, {failures} of them not as in NumPy")
sys.exit(failures > 0)
