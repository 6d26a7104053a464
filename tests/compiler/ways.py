"""Ways in which what a function reads can change between two calls: where it is held, and what is held there."""

import collections
import contextvars
import dataclasses
import functools
import operator
import os
import threading
import types
import weakref
from typing import Any, NamedTuple

import numpy as np

import autograd_lite as ag

HOLDERS: dict[str, Any] = {}  # each makes a place that holds a value, and gives how to read it and how to exchange it


def holder(make):
    """Enter a way of holding a value."""
    HOLDERS[make.__name__] = make
    return make


held = module_held = None


@holder
def a_global(v):
    def write(n):
        global held
        held = n

    write(v)
    return lambda: held, write


@holder
def globals_by_name(v):
    def write(n):
        global module_held
        module_held = n

    write(v)
    return lambda: globals()["module_" + "held"], write


@holder
def a_closure(v):
    def write(n):
        nonlocal v
        v = n

    return lambda: v, write


@holder
def a_closure_of_a_closure(v):
    def write(n):
        nonlocal v
        v = n

    def outer():
        def inner():
            return v

        return inner()

    return outer, write


@holder
def a_dict(v):
    d = {"k": v}
    return lambda: d["k"], lambda n: d.__setitem__("k", n)


@holder
def a_large_dict(v):
    d = {i: i for i in range(20)} | {"k": v}
    return lambda: d["k"], lambda n: d.__setitem__("k", n)


@holder
def a_nested_dict(v):
    d = {"a": [{"k": v}]}
    return lambda: d["a"][0]["k"], lambda n: d["a"][0].__setitem__("k", n)


@holder
def an_exchanged_dict(v):
    d = {"a": {"k": v}}
    return lambda: d["a"]["k"], lambda n: d.__setitem__("a", {"k": n})


@holder
def a_default_dict(v):
    d = collections.defaultdict(float, k=v)
    return lambda: d["k"], lambda n: d.__setitem__("k", n)


@holder
def the_order_of_a_dict(v):
    d = {"a": v, "b": 1.0}

    def write(n):
        d.clear()
        d.update({"b": 1.0, "a": n} if len(d) else {})
        d.update(b=1.0, a=n)

    return lambda: next(iter(d.values())) if v is not None else d["a"], write


@holder
def a_list(v):
    values = [0, v]
    return lambda: values[1], lambda n: values.__setitem__(1, n)


@holder
def a_long_list(v):
    values = [0] * 20 + [v]
    return lambda: values[-1], lambda n: values.__setitem__(-1, n)


@holder
def an_appended_list(v):
    values = [v]
    return lambda: values[-1], values.append


@holder
def a_deque(v):
    values = collections.deque([v])
    return lambda: values[0], values.appendleft


@holder
def a_tuple(v):
    values = [(0, v)]
    return lambda: values[0][1], lambda n: values.__setitem__(0, (0, n))


@holder
def a_stack_that_is_emptied(v):
    values = [v, v]

    def write(n):
        values.clear()
        values.append(n)

    return lambda: values[0], write


class Plain:
    shared = None

    def __init__(self, v=None):
        self.v = v

    def read(self):
        return self.v

    @property
    def through(self):
        return self.v

    def __call__(self):
        return self.v

    def __getitem__(self, key):
        return self.v


@holder
def an_attribute(v):
    o = Plain(v)
    return lambda: o.v, lambda n: setattr(o, "v", n)


@holder
def an_attribute_by_a_method(v):
    o = Plain(v)
    return lambda: o.read(), lambda n: setattr(o, "v", n)


@holder
def a_bound_method(v):
    o = Plain(v)
    return o.read, lambda n: setattr(o, "v", n)


@holder
def a_bound_method_held(v):
    methods = {"read": Plain(v).read}
    return lambda: methods["read"](), lambda n: methods.__setitem__("read", Plain(n).read)


@holder
def a_property(v):
    o = Plain(v)
    return lambda: o.through, lambda n: setattr(o, "v", n)


@holder
def a_callable_object(v):
    o = Plain(v)
    return lambda: o(), lambda n: setattr(o, "v", n)


@holder
def an_object_with_items(v):
    o = Plain(v)
    return lambda: o["any"], lambda n: setattr(o, "v", n)


@holder
def an_attribute_by_name(v):
    o = Plain(v)
    return lambda: getattr(o, "v"), lambda n: setattr(o, "v", n)  # noqa: B009


@holder
def an_attribute_by_a_made_up_name(v):
    o = Plain(v)
    return lambda: getattr(o, "v_"[:1]), lambda n: setattr(o, "v", n)


@holder
def vars_of_an_object(v):
    o = Plain(v)
    return lambda: vars(o)["v"], lambda n: setattr(o, "v", n)


@holder
def an_attrgetter(v):
    o, get = Plain(Plain(v)), operator.attrgetter("v.v")
    return lambda: get(o), lambda n: setattr(o.v, "v", n)


@holder
def an_object_in_an_object(v):
    o = Plain(Plain(v))
    return lambda: o.v.v, lambda n: setattr(o, "v", Plain(n))


@holder
def a_class_attribute(v):
    class Config:
        k = v

    return lambda: Config.k, lambda n: setattr(Config, "k", n)


@holder
def an_inherited_class_attribute(v):
    class Base:
        k = v

    class Derived(Base):
        pass

    o = Derived()
    return lambda: o.k, lambda n: setattr(Base, "k", n)


@holder
def a_class_attribute_that_is_hidden(v):
    class Base:
        k = v

    o = Base()
    return lambda: o.k, lambda n: setattr(o, "k", n)


@holder
def a_class_attribute_hidden_by_a_class(v):
    class Base:
        k = v

    class Derived(Base):
        pass

    o = Derived()
    return lambda: o.k, lambda n: setattr(Derived, "k", n)


@holder
def another_class(v):
    class A:
        k = v

    o = A()

    def write(n):
        o.__class__ = type("B", (), {"k": n})

    return lambda: o.k, write


@holder
def a_method_that_is_exchanged(v):
    class A:
        def k(self):
            return v

    o = A()
    return lambda: o.k(), lambda n: setattr(A, "k", lambda self: n)


@holder
def a_static_method(v):
    class A:
        k = staticmethod(lambda: v)

    return lambda: A.k(), lambda n: setattr(A, "k", staticmethod(lambda: n))


class Slotted:
    __slots__ = ("k",)

    def __init__(self, v):
        self.k = v


@holder
def a_slot(v):
    o = Slotted(v)
    return lambda: o.k, lambda n: setattr(o, "k", n)


@dataclasses.dataclass
class Data:
    k: Any


@holder
def a_dataclass(v):
    o = Data(v)
    return lambda: dataclasses.replace(o).k, lambda n: setattr(o, "k", n)


@holder
def a_dataclass_as_a_dict(v):
    o = Data(v)
    return lambda: vars(o).get("k"), lambda n: setattr(o, "k", n)


class Pair(NamedTuple):
    a: Any
    k: Any


@holder
def a_namedtuple(v):
    o = {"pair": Pair(0, v)}
    return lambda: o["pair"].k, lambda n: o.__setitem__("pair", o["pair"]._replace(k=n))


@holder
def a_namespace(v):
    o = types.SimpleNamespace(k=v)
    return lambda: o.k, lambda n: setattr(o, "k", n)


@holder
def a_module(v):
    m = types.ModuleType("configuration")
    m.k = v
    return lambda: m.k, lambda n: setattr(m, "k", n)


@holder
def a_default(v):
    def read(k=v):
        return k

    return lambda: read(), lambda n: setattr(read, "__defaults__", (n,))


@holder
def a_keyword_default(v):
    def read(*, k=v):
        return k

    return lambda: read(), lambda n: setattr(read, "__kwdefaults__", {"k": n})


@holder
def an_attribute_of_a_function(v):
    def read():
        return read.k

    read.k = v
    return read, lambda n: setattr(read, "k", n)


@holder
def the_code_of_a_function(v):
    def read():
        return v

    def write(n):
        def other():
            return v

        nonlocal v
        v = n
        read.__code__ = other.__code__

    return lambda: read(), write


@holder
def a_function_that_is_exchanged(v):
    functions = {"read": lambda: v}
    return lambda: functions["read"](), lambda n: functions.__setitem__("read", lambda: n)


@holder
def a_partial(v):
    d = {"p": functools.partial(lambda k: k, v)}
    return lambda: d["p"](), lambda n: d.__setitem__("p", functools.partial(lambda k: k, n))


@holder
def keywords_of_a_partial(v):
    p = functools.partial(lambda k: k, k=v)
    return lambda: p(), lambda n: p.keywords.__setitem__("k", n)


@holder
def a_context_variable(v):
    variable = contextvars.ContextVar("k", default=v)
    return variable.get, variable.set


@holder
def a_thread_local(v):
    local = threading.local()
    local.k = v
    return lambda: local.k, lambda n: setattr(local, "k", n)


@holder
def a_mapping_proxy(v):
    d = {"k": v}
    proxy = types.MappingProxyType(d)
    return lambda: proxy["k"], lambda n: d.__setitem__("k", n)


@holder
def a_weak_reference(v):
    o = Plain(v)
    r = weakref.ref(o)
    return lambda: r().v, lambda n: setattr(o, "v", n)


@holder
def a_metaclass(v):
    class Meta(type):
        k = v

    class A(metaclass=Meta):
        pass

    return lambda: A.k, lambda n: setattr(Meta, "k", n)


@holder
def a_dynamic_attribute(v):
    class A:
        def __init__(self):
            self.store = {"k": v}

        def __getattr__(self, name):
            return self.store[name]

    o = A()
    return lambda: o.k, lambda n: o.store.__setitem__("k", n)


@holder
def a_user_dict(v):
    d = collections.UserDict(k=v)
    return lambda: d["k"], lambda n: d.__setitem__("k", n)


@holder
def a_chain_map(v):
    d = collections.ChainMap({}, {"k": v})
    return lambda: d["k"], lambda n: d.__setitem__("k", n)


@holder
def a_subclass_of_dict(v):
    class D(dict):
        pass

    d = D(k=v)
    return lambda: d["k"], lambda n: d.__setitem__("k", n)


@holder
def a_layer(v):
    class Scaled(ag.nn.Module):
        def __init__(self):
            self.k = v

        def forward(self, x):
            return combined(x, self.k)

    layer = Scaled()
    return lambda: layer.k, lambda n: setattr(layer, "k", n)


@holder
def a_list_in_a_layer(v):
    class Scaled(ag.nn.Module):
        def __init__(self):
            self.many = [v]

        def forward(self, x):
            return combined(x, self.many[0])

    layer = Scaled()
    return lambda: layer.many[0], lambda n: layer.many.__setitem__(0, n)


def tensor(*numbers):
    """A tensor of these numbers."""
    return ag.tensor(numbers)


VALUES: dict[str, tuple[Any, Any, Any]] = {
    "float": (0.5, 2.0, -3.0),
    "float that becomes 0": (0.5, 0.0, 0.5),
    "int": (2, 3, 4),
    "int that becomes float": (2, 2.0, 3.0),
    "bool": (True, False, True),
    "bool that becomes int": (True, 2, 3),
    "text": ("a", "bbb", "cc"),
    "None": (None, 1.5, None),
    "NumPy's number": (np.float64(0.5), np.float64(2.0), np.float32(3.0)),
    "array": (np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])),
    "array of another shape": (np.array([1.0, 2.0]), np.array([[3.0], [4.0]]), np.array(2.0)),
    "array of another dtype": (np.array([1.0, 2.0]), np.array([3, 4]), np.array([True, False])),
    "tensor": (tensor(1.0, 2.0), tensor(3.0, 4.0), tensor(5.0, 6.0)),
    "function": (lambda x: x * 2, lambda x: x + 3, lambda x: -x),
    "list": ([1.0], [1.0, 2.0], [3.0]),
    "tuple": ((1.0,), (1.0, 2.0), (3.0,)),
    "set": ({1.0}, {1.0, 2.0}, {3.0}),
}


def combined(x, v):
    """What a function does with what it has read; each kind of value takes a way of its own."""
    if v is None:
        return x
    if v is True or v is False:
        return x if v else -x
    if isinstance(v, str):
        return x * len(v)
    if callable(v):
        return v(x)
    if isinstance(v, list | tuple | set):
        return sum([x * a for a in v], x)
    return x * v + (1 if isinstance(v, int) else 0)


def in_place(a):
    """Change an array, a tensor or a container in place."""
    if isinstance(a, ag.Tensor):
        a.data = a.data * 3
    elif isinstance(a, np.ndarray):
        a *= 3
    elif isinstance(a, list):
        a.append(7.0)
    elif isinstance(a, set):
        a.add(7.0)


MUTABLE = ("array", "tensor", "list", "set")
environment = os.environ
