"""Ways in which Python lets a function come to what it reads: each gives a function, and what changes between calls."""

import array
import collections
import contextvars
import copy
import dataclasses
import enum
import functools
import itertools
import operator
import os
import random
import sys
import threading
import types
import weakref
from fractions import Fraction

import numpy as np

import autograd_lite as ag

WAYS = {}


def way(make):
    """Enter a way."""
    WAYS[make.__name__] = make
    return make


class Thing:
    """An object with an attribute."""

    k = 1.0


@dataclasses.dataclass(slots=True)
class Slotted:
    k: float = 1.0


class Kind(enum.Enum):
    A = 1
    B = 2


@way
def a_partial_whose_list_grows():
    f = functools.partial(lambda d, x: x * sum(d), [1.0])
    return f, lambda n: f.args[0].append(2.0)


@way
def keywords_of_a_partial():
    p = functools.partial(lambda x, *, d: x * d["k"], d={"k": 1.0})
    return lambda x: p(x), lambda n: p.keywords.update(d={"k": n + 2.0})


@way
def a_slot():
    d = Slotted()
    return lambda x: x * d.k, lambda n: setattr(d, "k", n + 2.0)


@way
def a_slot_that_is_emptied():
    d = Slotted()
    return lambda x: x * getattr(d, "k", 5.0), lambda n: delattr(d, "k") if n == 1 else None


@way
def a_replaced_dataclass():
    box = [Slotted()]
    return lambda x: x * box[0].k, lambda n: box.__setitem__(0, dataclasses.replace(box[0], k=n + 2.0))


@way
def an_attribute_by_inheritance():
    first = type("First", (), {"k": 1.0})
    second = type("Second", (first,), {})
    o = second()
    holders = (first, second, o)
    return lambda x: x * o.k, lambda n: setattr(holders[n % 3], "k", n + 2.0)


@way
def an_attribute_of_a_class_that_is_deleted():
    first = type("First", (), {"k": 1.0, "f": classmethod(lambda cls, x: x * cls.k)})
    second = type("Second", (first,), {"k": 5.0})

    def change(n):
        first.k += 1
        if n == 1:
            del second.k

    return second.f, change


@way
def a_descriptor():
    class Descriptor:
        v = 1.0

        def __get__(self, o, kind=None):
            return self.v * o.w

    class Owner:
        k, w = Descriptor(), 1.0

    o = Owner()
    changes = (
        lambda: setattr(Owner.__dict__["k"], "v", 3.0),
        lambda: setattr(o, "w", 2.0),
        lambda: setattr(Descriptor, "v", 9.0),
        lambda: setattr(Owner, "k", 7.0),
    )
    return lambda x: x * o.k, lambda n: changes[n]() if n < 4 else None


@way
def an_attribute_that_is_made_up():
    class Made:
        def __init__(self):
            self.store = {"k": 1.0}

        def __getattr__(self, name):
            return self.__dict__["store"][name]

    o = Made()
    return lambda x: x * o.k, lambda n: o.store.update(k=n + 2.0)


@way
def a_callable_object():
    class Callable(Thing):
        def __call__(self, x):
            return x * self.k

    o = Callable()

    def change(n):
        o.k = n + 2.0
        if n == 2:
            Callable.__call__ = lambda self, x: x + self.k

    return o, change


@way
def a_default_that_grows():
    def f(x, seen=[1.0]):  # noqa: B006
        return x * seen[-1]

    return f, lambda n: f.__defaults__[0].append(n + 2.0)


@way
def a_default_that_counts():
    def f(x, seen=[]):  # noqa: B006
        seen.append(1)
        return x * len(seen)

    return f, lambda n: None


@way
def a_member_of_an_enumeration():
    d = {"kind": Kind.A}
    return lambda x: x if d["kind"] is Kind.A else -x, lambda n: d.update(kind=Kind.B if n % 2 == 0 else Kind.A)


unset = contextvars.ContextVar("unset")


@way
def a_context_variable_that_is_set_later():
    tokens = []

    def change(n):
        if n % 2 == 0:
            tokens.append(unset.set(n + 2.0))
        else:
            unset.reset(tokens.pop())

    return lambda x: x * unset.get(4.0), change


@way
def the_environment():
    os.environ.pop("WAY", None)
    return lambda x: x * float(os.getenv("WAY", "1")), lambda n: os.environ.update(WAY=str(n + 2))


@way
def a_generator_function():
    d = {"k": 1.0}

    def numbers():
        for i in range(3):
            yield d["k"] * i

    return lambda x: x * sum(numbers()), lambda n: d.update(k=n + 5.0)


@way
def a_weak_dictionary():
    key = Thing()
    d = weakref.WeakKeyDictionary({key: 1.0})
    return lambda x: x * d[key], lambda n: d.update({key: n + 2.0})


@way
def a_proxy():
    o = Thing()
    p = weakref.proxy(o)
    return lambda x: x * p.k, lambda n: setattr(o, "k", n + 2.0)


@way
def a_variable_that_counts():
    count = 0

    def f(x):
        nonlocal count
        count += 1
        return x * count

    return f, lambda n: None


@way
def a_variable_that_halves():
    v = 1.0

    def f(x):
        nonlocal v
        v = v * 0.5
        return x * v

    return f, lambda n: None


@way
def two_numbers_that_part():
    d = {"a": 1.0, "b": 1.0}

    def f(x):
        d["a"] *= 0.5
        d["b"] *= 0.25
        return x * d["a"] + d["b"]

    return f, lambda n: None


@way
def two_numbers_of_a_list_that_part():
    values = [1.0, 1.0]

    def f(x):
        values[0] *= 0.5
        values[1] *= 0.25
        return x * values[0] + values[1]

    return f, lambda n: None


@way
def one_object_in_two_places():
    v = 1.5
    values = [v, v]
    return lambda x: x * values[0] + values[1], lambda n: values.__setitem__(n % 2, n * 1.0)


@way
def a_tuple_that_the_function_replaces():
    d = {"t": (1.0, 1.0)}

    def f(x):
        a, b = d["t"]
        d["t"] = (a * 0.5, b * 0.25)
        return x * a + b

    return f, lambda n: None


@way
def generators_of_python():
    r = random.Random(5)
    return lambda x: x * r.random(), lambda n: None


@way
def legacy_generators():
    r = np.random.RandomState(5)
    return lambda x: x * r.rand(), lambda n: None


@way
def a_key_that_is_missing():
    d = {}

    def f(x):
        try:
            return x * d["k"]
        except KeyError:
            return -x

    return f, lambda n: d.pop("k") if n % 2 else d.update(k=n + 2.0)


@way
def an_attribute_that_is_missing():
    o = type("Empty", (), {})()

    def f(x):
        try:
            return x * o.k
        except AttributeError:
            return -x

    changes = (lambda: setattr(o, "k", 3.0), lambda: delattr(o, "k"), lambda: setattr(type(o), "k", 5.0))
    return f, lambda n: changes[n]() if n < 3 else None


@way
def a_variable_that_is_deleted():
    v = 1.0

    def f(x):
        try:
            return x * v
        except NameError:
            return -x

    def change(n):
        nonlocal v
        if n == 0:
            del v
        else:
            v = n + 1.0

    return f, change


@way
def a_view_of_an_array():
    base = np.arange(6.0)
    v = base[::3]
    return lambda x: x * v, lambda n: base.__setitem__(3, n + 10)


@way
def the_order_of_a_dict():
    d = {"a": 1.0, "b": 2.0}

    def change(n):
        key = next(iter(d))
        d[key] = d.pop(key)

    return lambda x: functools.reduce(lambda acc, v: acc * 2 + v, d.values(), x), change


@way
def a_set_of_the_same_length():
    s = {"a"}

    def change(n):
        s.clear()
        s.add("b" if n % 2 == 0 else "a")

    return lambda x: x if "a" in s else -x, change


@way
def a_chain_of_dicts():
    first, second = {}, {"k": 1.0}
    chain = collections.ChainMap(first, second)
    changes = (lambda: first.update(k=4.0), lambda: first.pop("k"), lambda: second.update(k=7.0))
    return lambda x: x * chain["k"], lambda n: changes[n % 3]() if n < 3 else None


@way
def a_counter_of_what_is_not_there():
    c = collections.Counter()
    return lambda x: x * (1 + c["z"]), lambda n: c.update("z")


@way
def a_deque_that_turns():
    d = collections.deque([1.0, 2.0, 3.0])
    return lambda x: x * d[0], lambda n: d.rotate(1)


@way
def a_module_that_is_imported_inside():
    module = sys.modules["a_way"] = types.ModuleType("a_way")
    module.k = 1.0

    def f(x):
        from a_way import k

        return x * k

    return f, lambda n: setattr(module, "k", n + 2.0)


@way
def a_cache_that_is_cleared():
    d = {"k": 1.0}

    @functools.lru_cache
    def cached():
        return d["k"]

    def change(n):
        d["k"] = n + 2.0
        if n % 2:
            cached.cache_clear()

    return lambda x: x * cached(), change


@way
def a_cache_beside_what_it_keeps():
    d = {"k": 1.0}

    @functools.cache
    def cached():
        return d["k"] * 2

    def change(n):
        d["k"] = n + 2.0
        cached.cache_clear()

    return lambda x: x * d["k"] + cached(), change


@way
def a_cached_property():
    class Owner(Thing):
        @functools.cached_property
        def v(self):
            return self.k * 2

    o = Owner()
    changes = (lambda: setattr(o, "k", 5.0), lambda: delattr(o, "v"), lambda: setattr(o, "v", 11.0))
    return lambda x: x * o.v, lambda n: changes[n]() if n < 3 else None


@way
def a_function_by_type():
    @functools.singledispatch
    def factor(a):
        return 1.0

    key = Slotted()
    return lambda x: x * factor(key), lambda n: factor.register(Slotted, lambda a: 5.0) if n == 1 else None


@way
def an_attribute_of_the_class_of_a_class():
    meta = type("Meta", (type,), {"k": 1.0})
    kind = meta("Made", (), {})
    return lambda x: x * kind.k, lambda n: setattr(meta, "k", n + 2.0)


@way
def a_static_method():
    kind = type("Owner", (), {"f": staticmethod(lambda x: x)})
    return lambda x: kind.f(x), lambda n: setattr(kind, "f", staticmethod(lambda x: x * (n + 2.0)))


@way
def the_bases_of_a_class():
    root = type("Root", (), {})
    first, second = type("First", (root,), {"k": 1.0}), type("Second", (root,), {"k": 2.0})
    third = type("Third", (first,), {})
    o = third()
    return lambda x: x * o.k, lambda n: setattr(third, "__bases__", (second if n % 2 == 0 else first,))


@way
def the_class_of_an_object():
    first, second = type("First", (), {"k": 1.0}), type("Second", (), {"k": 2.0})
    o = first()
    return lambda x: x * o.k, lambda n: setattr(o, "__class__", second if n % 2 == 0 else first)


@way
def the_code_of_a_function():
    def f(x):
        return x * 2

    def g(x):
        return x * 3

    def change(n):
        f.__code__, g.__code__ = g.__code__, f.__code__

    return lambda x: f(x), change


@way
def a_name_that_hides_a_builtin():
    space = {}
    exec("def f(x): return x * abs(-2.0)", space)
    return space["f"], lambda n: space.update(abs=lambda v: 7.0) if n % 2 == 0 else space.pop("abs")


@way
def a_getter():
    d = {"k": 1.0}
    get = operator.itemgetter("k")
    return lambda x: x * get(d), lambda n: d.update(k=n + 2.0)


@way
def a_pattern():
    d = {"kind": "a", "k": 2.0}

    def f(x):
        match d:
            case {"kind": "a", "k": k}:
                return x * k
            case {"kind": "b"}:
                return -x
        return x

    return f, lambda n: d.update(kind="abc"[(n + 1) % 3], k=n + 3.0)


@way
def comparison_and_truth():
    class Compared(Thing):
        def __eq__(self, other):
            return self.k == other.k

        def __bool__(self):
            return self.k > 1

        __hash__ = None

    a, b = Compared(), Compared()
    return lambda x: x * (2 if a == b else 3) * (5 if a else 7), lambda n: setattr((a, b)[n % 2], "k", n // 2 + 2.0)


@way
def an_object_that_is_a_container():
    class Holder:
        def __init__(self):
            self.q = [1.0, 2.0]

        def __len__(self):
            return len(self.q)

        def __getitem__(self, i):
            return self.q[i]

        def __contains__(self, v):
            return v in self.q

    o = Holder()
    return lambda x: x * len(o) + o[0] + (5 in o) + sum(o), lambda n: o.q.append(n + 3)


@way
def an_attribute_of_a_thread():
    local = threading.local()

    def f(x):
        return x * getattr(local, "k", 50.0)

    def change(n):
        if n % 2:
            local.__dict__.pop("k")
        else:
            local.k = n + 2.0

    return f, change


@way
def an_array_of_python():
    a = array.array("d", [1.0, 2.0])
    return lambda x: x * a[0], lambda n: a.__setitem__(0, n + 2.0)


@way
def an_array_of_objects():
    a = np.array([1.0, None], dtype=object)
    return lambda x: x * a[0], lambda n: a.__setitem__(0, n + 2.0)


@way
def a_masked_array():
    a = np.ma.array([1.0, 2.0], mask=[0, 1])
    return lambda x: x * a.sum(), lambda n: setattr(a, "mask", [n % 2, (n + 1) % 2])


@way
def a_fraction():
    d = {"k": Fraction(1, 2)}
    return lambda x: x * float(d["k"]), lambda n: d.update(k=Fraction(n + 1, 3))


@way
def nothing_with_a_sign():
    d = {"k": 0.0}
    return lambda x: np.arctan2(d["k"], x), lambda n: d.update(k=-d["k"])


@way
def no_number():
    d = {"k": float("nan")}
    return lambda x: x * d["k"], lambda n: d.update(k=-0.0 if n % 2 else float("nan"))


@way
def a_large_integer():
    d = {"k": 1}
    return lambda x: x * d["k"], lambda n: d.update(k=2 ** (40 * (n + 1)))


@way
def an_item_named_as_an_attribute_that_is_stored():
    o, d = Thing(), {"k": 1.0}

    def f(x):
        o.k = 5
        return x * d["k"]

    return f, lambda n: d.update(k=n + 2.0)


@way
def an_item_named_as_a_list_that_is_filled():
    filled, d = [], {"filled": [1.0]}

    def f(x):
        filled.append(1)
        return x * sum(d["filled"])

    return f, lambda n: d["filled"].append(n * 1.0)


@way
def a_compiled_function_in_a_compiled_function():
    d = {"k": 1.0, "g": ag.compile(lambda x: x * d["k"])}
    others = [ag.compile(lambda x: x * 3 + d["k"]), d["g"]]
    return lambda x: d["g"](x) + 1, lambda n: d.update(k=n + 2.0, g=others[n % 2])


@way
def a_copy_beside_its_original():
    things = [Thing()]

    def change(n):
        if n == 1:
            things.append(copy.copy(things[0]))
        for i, thing in enumerate(things):
            thing.k = n + 2.0 + i

    return lambda x: sum([x * thing.k for thing in things]), change


@way
def a_dtype():
    d = {"dtype": np.float32}
    return lambda x: x.astype(d["dtype"]) / 3, lambda n: d.update(dtype=[np.float64, np.float32, np.float16][n % 3])


@way
def tensors_that_change_places():
    tensors = [ag.tensor([1.0, 2.0]), ag.tensor([3.0, 4.0])]

    def change(n):
        tensors.reverse()
        tensors[0].data = tensors[0].data * (n + 2)

    return lambda x: tensors[0] * x + tensors[1], change


@way
def an_iterator_of_itertools():
    numbers = itertools.count(1)
    return lambda x: x * next(numbers), lambda n: None


@way
def a_generator():
    numbers = (float(i) for i in range(20))
    return lambda x: x * next(numbers), lambda n: None


@way
def an_iterator_of_ones_own():
    class Counting:
        i = 0

        def __next__(self):
            self.i += 1
            return self.i

    numbers = Counting()
    return lambda x: x * next(numbers), lambda n: None


@way
def a_global_that_is_stored_and_read():
    space = {}
    exec("k = 1.0\ndef f(x):\n    global k\n    k = k * 2\n    return x * k", space)
    return space["f"], lambda n: space.update(k=n + 2.0)


@way
def a_mode_that_the_function_leaves():
    layer, seen = ag.nn.Dropout(0.5), []

    def f(x):
        layer.eval()
        return layer(x) * (3 if seen else 2)

    def change(n):
        if layer.training:
            seen.append(n)
        layer.train()

    return f, change


@way
def attributes_of_a_number():
    kind = type("Marked", (float,), {})
    v = kind(2.0)
    v.k = 1.0
    return lambda x: x * v * v.k, lambda n: setattr(v, "k", n + 2.0)


@way
def an_attribute_of_an_array():
    a = np.ones(2).view(type("Marked", (np.ndarray,), {}))
    a.k = 1.0
    return lambda x: x * a.k, lambda n: setattr(a, "k", n + 2.0)


@way
def a_seed():
    def f(x):
        ag.manual_seed(3)
        return x * ag.random.normal(size=2)

    return f, lambda n: None
