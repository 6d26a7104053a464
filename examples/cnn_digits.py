"""A small convolutional net on handwritten digits (8 x 8 pixels): at least 98 % right on images that it never saw.

Settings are chosen on a validation part of the training images; the test part is looked at once, at the end.

    python examples/cnn_digits.py
"""

import sys
from itertools import product

import numpy as np

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data.datasets import load

SEED = 0


def net(width: int, dropout: float) -> nn.Module:
    """Two convolutions, each with batch normalisation, then pooling and an affine map to the ten scores."""
    return nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, 2 * width, 3, padding=1),
        nn.BatchNorm2d(2 * width),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(2 * width * 16, 10),
    )


def accuracy(scores, labels) -> float:
    """The share of images whose highest score is that of their digit."""
    return float(np.mean(scores.argmax(axis=1) == labels))


def trained(images, labels, epochs: int, **settings) -> nn.Module:
    """A net after training."""
    ag.manual_seed(SEED)
    model = net(**settings)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    ag.fit(model, (images, labels), nn.CrossEntropyLoss(), optimizer, epochs=epochs, batch_size=64, progress=False)
    return model.eval()


def main(epochs: int = 20, widths: tuple[int, ...] = (8, 16), dropouts: tuple[float, ...] = (0.0, 0.4)) -> float:
    """Choose the settings, train with them on all but the test part, and give the accuracy on the test part."""
    digits = load("digits")
    images = (digits.features / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    order = np.random.default_rng(SEED).permutation(len(images))
    test, validation, training = np.split(order, [360, 720])

    measured = {}
    for width, dropout in product(widths, dropouts):
        model = trained(images[training], digits.target[training], epochs, width=width, dropout=dropout)
        with ag.no_grad():
            measured[width, dropout] = accuracy(model(images[validation]).numpy(), digits.target[validation])
        print(f"width {width:2}, dropout {dropout}: validation accuracy {measured[width, dropout]:.4f}")
    width, dropout = max(measured, key=measured.get)

    rest = np.concatenate([validation, training])
    model = trained(images[rest], digits.target[rest], epochs, width=width, dropout=dropout)
    with ag.no_grad():
        found = accuracy(model(images[test]).numpy(), digits.target[test])
    print(model)
    print(f"width {width}, dropout {dropout}, {len(rest)} images: accuracy {found:.4f} on the {len(test)} held out")
    return found


if __name__ == "__main__":
    sys.exit(main() < 0.98)
