"""NumPy is the oracle: what it gives, tensors give, bit for bit; what it refuses, tensors refuse.

``ORACLE=300 python run.py test tests/rules/test_oracle.py`` draws 300 calls of every function instead of a few; another
``ORACLE_SEED`` draws others.
"""

import os
import zlib

import pytest

from tests.rules.oracle.callees import CALLEES
from tests.rules.oracle.comparing import disagreement
from tests.rules.oracle.drawing import CLOSE, Drawer

CALLS, SEED = int(os.environ.get("ORACLE", "12")), int(os.environ.get("ORACLE_SEED", "0"))


@pytest.mark.parametrize("callee", CALLEES, ids=repr)
def test_tensors_do_as_numpy_does(callee):
    drawer = Drawer(callee, [SEED, zlib.crc32(callee.name.encode())])
    found = [words for words in (disagreement(drawer) for _ in range(CALLS)) if words]
    assert not found, "\n".join(found)


def test_only_two_functions_are_merely_close():
    assert {f.__name__ for f in CLOSE} == {"einsum", "partition"}
