"""What each library can do, found out by doing it.

``python -m benchmarks.features`` probes every feature in every library, each in a process of its own, and writes
``benchmarks/FEATURES.md`` and the table in the README. `rows.FEATURES` lists the features; ``probes/`` has a module per
library with a function per feature. A probe that returns nothing is a yes; one that returns a reservation is a partly;
one that raises, crashes or does not come to an end is a no.
"""
