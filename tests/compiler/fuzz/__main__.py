"""``python -m tests.compiler.fuzz 10000``: check so many random programs, from seed 0 on or from a second number on.

``python -m tests.compiler.fuzz 10000 0 events`` checks functions whose world changes between their calls.
"""

import sys
from collections import Counter

from tests.compiler.fuzz.checking import check
from tests.compiler.fuzz.events import check_events

count, first = (int(n) for n in (sys.argv[1:3] + ["10000", "0"][len(sys.argv[1:3]) :])[:2])
outcomes: Counter[str] = Counter()
for seed in range(first, first + count):
    try:
        outcomes[(check_events if "events" in sys.argv else check)(seed)] += 1
    except Exception as error:
        outcomes["failed"] += 1
        print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
print(f"{count} programs: {', '.join(f'{n} {outcome}' for outcome, n in outcomes.items())}")
sys.exit(outcomes["failed"] > 0)
