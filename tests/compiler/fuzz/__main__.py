"""``python -m tests.compiler.fuzz 10000``: check so many random programs, from seed 0 on or from a second number on."""

import sys
from collections import Counter

from tests.compiler.fuzz.checking import check

count, first = (int(n) for n in (sys.argv[1:] + ["10000", "0"][len(sys.argv) - 1 :])[:2])
outcomes: Counter[str] = Counter()
for seed in range(first, first + count):
    try:
        outcomes[check(seed)] += 1
    except Exception as error:
        outcomes["failed"] += 1
        print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
print(f"{count} programs: {', '.join(f'{n} {outcome}' for outcome, n in outcomes.items())}")
sys.exit(outcomes["failed"] > 0)
