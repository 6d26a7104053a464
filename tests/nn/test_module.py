"""Attributes are the registration: what a module finds in itself, and what it does with all of it."""

import copy
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn


class Branches(nn.Module):
    """Everything that can be registered, deliberately without super().__init__()."""

    def __init__(self):
        self.head = nn.Linear(3, 1)
        self.scale = nn.Parameter(np.ones(3))
        self.layers = [nn.Linear(3, 3, bias=False), [nn.Parameter(np.zeros(2))]]
        self.pair = (nn.Linear(3, 3, bias=False), "text")
        self.by_name = {"a": nn.Parameter([1.0]), "b": {"c": nn.BatchNorm1d(3, affine=False)}}
        self.constant = ag.tensor([1.0])
        self.array = np.zeros(3)
        self.register_buffer("mask", np.array([1.0, 0.0, 1.0]))
        self.later = None

    def forward(self, x):
        return self.head(x * self.scale * self.mask)


def names(pairs):
    return [name for name, _ in pairs]


def test_parameters_come_in_definition_order_own_ones_first_as_in_pytorch():
    assert names(Branches().named_parameters()) == [
        "scale",
        "layers.1.0",
        "by_name.a",
        "head.weight",
        "head.bias",
        "layers.0.weight",
        "pair.0.weight",
    ]


def test_buffers_modules_and_children_are_found_in_containers_too():
    model = Branches()
    assert names(model.named_buffers()) == [
        "mask",
        "by_name.b.c.running_mean",
        "by_name.b.c.running_var",
        "by_name.b.c.num_batches_tracked",
    ]
    assert names(model.named_modules()) == ["", "head", "layers.0", "pair.0", "by_name.b.c"]
    assert names(model.named_children()) == ["head", "layers.0", "pair.0", "by_name.b.c"]
    assert list(model.children()) == [model.head, model.layers[0], model.pair[0], model.by_name["b"]["c"]]
    assert next(iter(model.modules())) is model
    assert len(list(model.buffers())) == 4
    assert len(list(model.parameters())) == 7


def test_plain_tensors_and_arrays_are_not_part_of_the_state():
    assert not {"constant", "array"} & set(Branches().state_dict())


def test_an_attribute_set_later_counts_and_one_set_to_none_does_not():
    model = Branches()
    model.later = nn.Parameter([0.0])
    model.head = None
    assert "later" in names(model.named_parameters())
    assert "head.weight" not in names(model.named_parameters())


def test_a_set_of_modules_is_refused_because_it_has_no_order():
    class Unordered(nn.Module):
        def __init__(self):
            self.layers = {nn.Linear(1, 1)}

    with pytest.raises(TypeError, match="layers is a set, which has no order"):
        list(Unordered().parameters())


class Tied(nn.Module):
    def __init__(self):
        self.first = nn.Linear(2, 2)
        self.second = nn.Linear(2, 2)
        self.second.weight = self.first.weight
        self.again = self.first


def test_what_is_shared_comes_once_but_is_saved_under_each_name_as_in_pytorch():
    model = Tied()
    assert names(model.named_parameters()) == ["first.weight", "first.bias", "second.bias"]
    assert names(model.named_modules()) == ["", "first", "second"]
    assert list(model.state_dict()) == [
        "first.weight",
        "first.bias",
        "second.weight",
        "second.bias",
        "again.weight",
        "again.bias",
    ]
    assert not model.load_state_dict(model.state_dict()).missing


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_share_what_the_original_shares_and_nothing_with_it(again):
    model = Tied()
    twin = again(model)
    assert twin.second.weight is twin.first.weight
    assert twin.again is twin.first
    twin.first.weight.data = np.zeros((2, 2))
    assert model.first.weight.data.any()


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_whole_network_can_be_copied_and_computes_the_same(again):
    model = nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.LayerNorm(8), nn.Linear(8, 2)
    )
    x = np.random.default_rng(0).normal(size=(6, 4))
    model(x).sum().backward()
    model.eval()
    twin = again(model)
    np.testing.assert_array_equal(twin(x).data, model(x).data)
    assert not twin.training
    assert not twin[3].training
    twin.train()(x)
    assert model[1].num_batches_tracked.item() == 1
    assert twin[1].num_batches_tracked.item() == 2


def test_a_module_that_refers_to_its_owner_is_no_endless_tree():
    model = Branches()
    model.head.owner = model
    assert names(model.named_modules())[:2] == ["", "head"]
    assert "..." in repr(model)


def test_train_and_eval_reach_every_module_and_give_the_module():
    model = Branches()
    assert model.training
    assert model.eval() is model
    assert not any(module.training for module in model.modules())
    assert model.train() is model
    assert all(module.training for module in model.modules())


def test_zero_grad_forgets_all_gradients():
    model = Branches()
    model(np.ones((2, 3))).sum().backward()
    assert model.head.weight.grad is not None
    model.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_requires_grad_freezes_and_thaws():
    model = nn.Linear(2, 1)
    assert not model.requires_grad_(False)(np.ones((1, 2))).requires_grad
    assert model.requires_grad_()(np.ones((1, 2))).requires_grad


def test_to_converts_parameters_gradients_and_floating_buffers():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    model(np.array([[1.0, 2.0], [3.0, -1.0]])).sum().backward()
    before = model.state_dict()
    assert model.double() is model
    assert {tensor.dtype.name for tensor in model.parameters()} == {"float64"}
    assert {parameter.grad.dtype.name for parameter in model.parameters()} == {"float64"}
    assert [buffer.dtype.name for buffer in model.buffers()] == ["float64", "float64", "int64"]
    assert model(np.zeros((2, 2))).dtype == np.float64
    assert model.float()(np.zeros((2, 2))).dtype == np.float32
    for name, array in before.items():
        if name != "1.num_batches_tracked":
            assert array.dtype == model.state_dict()[name].dtype
    with pytest.raises(TypeError, match="floating numbers, not with int32"):
        model.to("int32")


def test_apply_visits_children_first():
    order = []
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.ReLU()))
    assert model.apply(lambda module: order.append(type(module).__name__)) is model
    assert order == ["Linear", "ReLU", "Sequential", "Sequential"]


def test_apply_can_initialise():
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    model.apply(lambda module: nn.init.zeros_(module.weight) if isinstance(module, nn.Linear) else None)
    assert not model[0].weight.data.any()
    assert not model[2].weight.data.any()


def test_parameters_take_their_paths_for_names_and_these_grow_with_the_network():
    encoder = nn.Sequential(nn.Linear(2, 2))
    encoder[0].bias.name = "my own"
    list(encoder.parameters())
    assert encoder[0].weight.name == "0.weight"
    model = nn.Sequential(nn.ReLU(), encoder)
    list(model.parameters())
    assert encoder[0].weight.name == "1.0.weight"
    list(encoder.parameters())
    assert encoder[0].weight.name == "1.0.weight"
    assert encoder[0].bias.name == "my own"


def test_register_buffer_is_an_attribute_like_any_other():
    module = nn.Module()
    module.register_buffer("steps", 0)
    assert isinstance(module.steps, nn.Buffer)
    assert list(module.state_dict()) == ["steps"]
    with pytest.raises(ValueError, match=r"'a\.b' cannot be the name"):
        module.register_buffer("a.b", 0)


def test_a_module_without_forward_says_so():
    class Unfinished(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Unfinished has no forward\(\)"):
        Unfinished()(1)


def test_settings_reach_forward():
    class Scaled(nn.Module):
        def forward(self, x, *, by=1):
            return x * by

    assert Scaled()(ag.tensor([2.0]), by=3).tolist() == [6]


def test_repr_is_nested_and_counts_parameters():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 1, bias=False), nn.Dropout(0.1)))
    assert repr(model) == (
        "Sequential(\n"
        "  (0): Linear(in_features=2, out_features=3)  # 9 parameters\n"
        "  (1): ReLU()\n"
        "  (2): Sequential(\n"
        "    (0): Linear(in_features=3, out_features=1, bias=False)  # 3 parameters\n"
        "    (1): Dropout(p=0.1)\n"
        "  )  # 3 parameters\n"
        ")  # 12 parameters"
    )


def test_repr_counts_shared_parameters_once_and_says_what_is_frozen():
    layer = nn.Linear(1000, 2)
    model = nn.Sequential(layer, layer)
    assert repr(model).endswith(")  # 2,002 parameters")
    model[0].bias.requires_grad = False
    assert repr(model).endswith(")  # 2,002 parameters, 2 frozen")
    assert repr(nn.Module()) == "Module()"


def test_forward_and_back_through_a_module_of_ones_own():
    x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    model = Branches().double()
    model(x).sum().backward()
    weight = model.head.weight.data[0]
    np.testing.assert_allclose(model.scale.grad, x.sum(0) * [1, 0, 1] * weight)


@pytest.mark.parametrize("name", ["weight", "running_mean"])
def test_a_parameter_or_buffer_does_not_vanish(name):
    layer = nn.BatchNorm1d(2)
    kind = type(getattr(layer, name)).__name__
    for value in (getattr(layer, name) * 0.5, np.zeros(2), 3.0):
        with pytest.raises(TypeError, match=rf"BatchNorm1d.{name} is a {kind}, .* self.{name} = nn.{kind}"):
            setattr(layer, name, value)
    assert name in layer.state_dict()
    setattr(layer, name, nn.Parameter([1.0, 2.0]))
    setattr(layer, name, None)
    layer = nn.BatchNorm1d(2)
    delattr(layer, name)
    setattr(layer, name, np.zeros(2))
