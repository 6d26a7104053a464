"""One training step, timed in autograd_lite and in the libraries people compare it with.

Run ``python -m benchmarks`` (or ``python3 run.py bench``); see ``RESULTS.md`` for the last full run.
The harness itself needs only the standard library: every measurement runs in a process of its own.
"""
