"""`no_grad` and `enable_grad` around generators and coroutines: inside their bodies, whenever these run, only there."""

import asyncio
import inspect

import pytest

import autograd_lite as ag


def on():
    return ag.is_grad_enabled()


@pytest.mark.parametrize(("mode", "outside"), [(ag.no_grad, ag.enable_grad), (ag.enable_grad, ag.no_grad)])
def test_a_generator_is_in_the_mode_whenever_it_is_resumed(mode, outside):
    expected, ends = mode is ag.enable_grad, []

    @mode()
    def count(n):
        """Counts."""
        try:
            for i in range(n):
                try:
                    sent = yield i, on()
                except KeyError:
                    sent = "error"
                assert on() is expected
                ends.append(sent)
            return "end"
        finally:
            ends.append(on())

    with outside():
        numbers = count(3)
        assert (count.__name__, count.__doc__) == ("count", "Counts.") and inspect.isgeneratorfunction(count)
        assert (next(numbers), on()) == ((0, expected), not expected)
        assert (numbers.send("a"), on()) == ((1, expected), not expected)
        assert (numbers.throw(KeyError()), on()) == ((2, expected), not expected)
        with pytest.raises(StopIteration) as stopped:
            next(numbers)
        assert stopped.value.value == "end" and ends == ["a", "error", None, expected]
        assert on() is not expected


def test_a_generator_that_is_closed_ends_in_its_mode():
    ends = []

    @ag.no_grad()
    def forever():
        try:
            while True:
                yield
        finally:
            ends.append(on())

    for leave in (lambda g: g.close(), lambda g: None):
        numbers = forever()
        next(numbers)
        leave(numbers)
        del numbers
    assert ends == [False, False] and on()
    with pytest.raises(ZeroDivisionError):
        next(ag.no_grad()(lambda: (1 / 0 for _ in "a"))())  # a function that gives a generator is none


def test_a_mode_inside_the_body_is_kept_over_its_pauses():
    @ag.no_grad()
    def numbers():
        with ag.enable_grad():
            yield on()
            yield on()
        yield on()

    assert [(inner, on()) for inner in numbers()] == [(True, True), (True, True), (False, True)]


def test_coroutines_are_in_the_mode_between_their_pauses():
    @ag.no_grad()
    async def pause(seconds):
        before = on()
        await asyncio.sleep(seconds)
        return before, on()

    @ag.no_grad()
    async def count(n):
        for i in range(n):
            try:
                sent = yield i, on()
            except KeyError:
                sent = "error"
            if sent:
                yield sent, on()
            await asyncio.sleep(0)

    async def main():
        assert inspect.iscoroutinefunction(pause)
        assert await asyncio.gather(pause(0.01), pause(0), check(0)) == [(False, False), (False, False), (True, True)]
        assert [(got, on()) async for got in count(2)] == [((0, False), True), ((1, False), True)]
        numbers = count(1)
        assert await numbers.asend(None) == (0, False)
        assert await numbers.athrow(KeyError()) == ("error", False)
        await numbers.aclose()
        assert on()

    async def check(seconds):
        before = on()
        await asyncio.sleep(seconds)
        return before, on()

    asyncio.run(main())


def test_the_mode_can_be_set_by_a_flag():
    x = ag.tensor(1.0, requires_grad=True)
    with ag.set_grad_enabled(False):
        assert not (2 * x).requires_grad
        with ag.set_grad_enabled(True):
            assert (2 * x).requires_grad
        assert not (2 * x).requires_grad
    assert (2 * x).requires_grad
    setting = ag.set_grad_enabled(False)
    assert not ag.is_grad_enabled()
    ag.set_grad_enabled(True)
    assert ag.is_grad_enabled()
    del setting
    double = ag.set_grad_enabled(False)(lambda: 2 * x)
    assert ag.is_grad_enabled() and not double().requires_grad
