"""The table of a model's layers: any model, any inputs, and the model is left as it was."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

IMAGES = np.zeros((2, 1, 12, 12), np.float32)


def convolutional():
    first = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
    return nn.Sequential(first, nn.Flatten(), nn.Dropout(0.5), nn.Linear(100, 3))


class Shared(nn.Module):
    """Two inputs, a layer that is used twice, one in a list, one that is never called; gives a dict."""

    def __init__(self):
        self.twice, self.idle = nn.Linear(4, 4), nn.Linear(2, 2)
        self.more = [nn.Linear(4, 1).requires_grad_(False)]
        self.again = self.twice

    def forward(self, x, y):
        return {"a": self.more[0](self.again(self.twice(x))), "b": (y, 2 * y)}


class Recurrent(nn.Module):
    def __init__(self):
        self.cell, self.last = nn.LSTMCell(3, 5), nn.Linear(5, 1)

    def forward(self, x):
        state = None
        for step in x:
            state = self.cell(step, state)
        return self.last(state[0])


def rows(found):
    return {layer.name: layer for layer in found.layers}


def test_a_convolutional_net():
    model = convolutional()
    found = ag.summary(model, IMAGES)
    outputs = {name: layer.output for name, layer in rows(found).items()}
    assert outputs["0.0"] == "(2, 4, 10, 10)" and outputs["0"] == "(2, 4, 5, 5)" and outputs["the model"] == "(2, 3)"
    assert [layer.depth for layer in found.layers] == [0, 1, 2, 2, 2, 2, 1, 1, 1]
    assert found.parameters == 40 + 8 + 303 == sum(p.size for p in model.parameters())
    assert rows(found)["0"].parameters == 48 and rows(found)["3"].parameters == 303
    assert all(layer.seconds > 0 and layer.calls == 1 for layer in found.layers)
    table = str(found).splitlines()
    assert table[0].split() == ["layer", "parameters", "output", "calls", "ms"]
    assert table[-1] == "351 parameters; 0.00 MB" and repr(found) == str(found)
    assert "    0      Conv2d" in table[3] or table[3].split()[:3] == ["0.0", "Conv2d", "40"]


def test_a_module_of_ones_own_with_several_inputs():
    found = ag.summary(Shared(), np.zeros((7, 4)), np.zeros(3))
    table = rows(found)
    assert table["the model"].output == "{a: (7, 1), b: ((3,), (3,))}"
    assert table["twice"].calls == 2 and table["idle"].calls == 0 and "again" not in table
    assert table["more.0"].depth == 1 and table["more.0"].frozen == 5
    assert found.parameters == 20 + 6 + 5 and found.frozen == 5 and "not called" in str(found)
    assert str(found).endswith("31 parameters, 5 frozen; 0.00 MB")


def test_a_recurrent_net():
    table = rows(ag.summary(Recurrent(), np.zeros((4, 2, 3))))
    assert table["cell"].output == "((2, 5), (2, 5))" and table["cell"].calls == 4
    assert table["last"].output == "(2, 1)"


def test_without_inputs_there_are_the_parameters():
    text = str(ag.summary(convolutional()))
    assert "output" not in text and text.endswith("351 parameters; 0.00 MB")


def test_the_model_is_left_as_it_was():
    ag.manual_seed(0)
    model = convolutional()
    nn.CrossEntropyLoss()(model(IMAGES + 1), np.array([0, 1])).backward()
    model[0].eval()
    before = model.state_dict(), [p.grad.copy() for p in model.parameters()], [m.training for m in model.modules()]
    place = ag.default_generator().bit_generator.state
    ag.summary(model, IMAGES)
    assert all(np.array_equal(a, before[0][name]) for name, a in model.state_dict().items())
    assert all(np.array_equal(p.grad, g) for p, g in zip(model.parameters(), before[1], strict=True))
    assert [m.training for m in model.modules()] == before[2]
    assert ag.default_generator().bit_generator.state == place
    assert not any(m.forward_hooks or m.forward_pre_hooks for m in model.modules())


def test_inputs_that_do_not_fit_are_told_with_the_layer():
    model = convolutional()
    with pytest.raises(ValueError, match="100") as caught:
        ag.summary(model, np.zeros((2, 1, 20, 20)))
    assert caught.value.__notes__[-1] == "in 3, Linear"
    assert not any(m.forward_hooks or m.forward_pre_hooks for m in model.modules())
    with pytest.raises(TypeError, match=r"summary: model must be a Module.*the class Linear"):
        ag.summary(nn.Linear, IMAGES)
