"""Random numbers in a compiled function are those of eager mode, other ones in each call."""

import numpy as np
import pytest

import autograd_lite as ag
from tests.compiler.fuzz.checking import compare

FUNCTIONS = {
    "normal": lambda x, s: x + ag.random.normal(0.0, 0.1, x.shape),
    "normal of a given width": lambda x, s: x * ag.random.normal(1.0, s, x.shape),
    "uniform": lambda x, s: np.where(ag.random.uniform(-1, 1, (4, 3)) > 0, x, 0.0),
    "one number": lambda x, s: x * ag.random.uniform() + ag.random.normal(),
    "integers": lambda x, s: x[ag.random.integers(4, size=5)] + ag.random.integers(-2, 3, 3),
    "one integer": lambda x, s: x * ag.random.integers(7),
    "multinomial": lambda x, s: x * ag.random.multinomial(5, [0.2, 0.5, 0.3], len(x)),
    "randn and rand": lambda x, s: x + ag.randn(4, 3) * ag.rand((4, 3)),
    "permutation": lambda x, s: x[ag.random.permutation(len(x))] * x,
    "the same twice": lambda x, s: (ag.random.normal(size=3) - ag.random.normal(size=3)) * x,
    "not used": lambda x, s: (ag.random.normal(size=3), x * 2)[1],
    "numbers alone": lambda x, s: (ag.random.normal(size=(2, 2)), ag.random.permutation(5), x),
    "with dropout": lambda x, s: ag.nn.functional.dropout(x, 0.5) + ag.random.normal(size=x.shape),
}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_in_eager_modes_stream(name, own):
    def outcomes(transform):
        generator = ag.manual_seed(3)
        step = transform(FUNCTIONS[name])
        if own:
            step = transform(lambda x, s: (FUNCTIONS[name](x, s), ag.random.normal(size=3, generator=generator)))
        results = [step(ag.tensor(np.arange(12.0).reshape(4, 3)), s) for s in (0.1, 0.2, 0.3)]
        return results, generator.random()

    wanted, got = outcomes(lambda f: f), outcomes(ag.compile)
    compare(list(got), list(wanted), name)


def test_the_gradient_knows_the_numbers_that_were_drawn():
    def outcomes(transform):
        ag.manual_seed(1)
        f = transform(ag.value_and_grad(lambda w: ((w + ag.random.normal(size=3)) ** 2).sum()))
        return [f(np.ones(3)) for _ in range(3)]

    compare(outcomes(ag.compile), outcomes(lambda f: f), "")


def test_a_seed_starts_the_stream_again():
    f = ag.compile(lambda x: x + ag.random.normal(size=2))
    x = ag.zeros(2)
    f(x)
    ag.manual_seed(5)
    first = f(x)
    ag.manual_seed(5)
    compare(f(x), first, "")


def test_a_permutation_is_one_of_numbers():
    with pytest.raises(TypeError, match="integer"):
        ag.random.permutation(np.ones(3))
