"""A trained network together with what it needs to meet raw tables: column names, scales, class names.

It is kept in one ``.npz`` file without pickled objects, so that opening a stranger's file runs no code.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_lite import nn
from autograd_lite.data.preparation import Standardizer
from autograd_lite.engine.grad_mode import no_grad
from autograd_lite.support.atomic_write import write_arrays

__all__ = ["Architecture", "ModelFileError", "Predictor"]

FORMAT = "autograd_lite predictor"
VERSION = 1
ROWS_AT_ONCE = 4096


class ModelFileError(ValueError):
    """A file that is no model saved by this program, or a damaged one."""


@dataclass(frozen=True)
class Architecture:
    """The shape of a multilayer perceptron; no hidden layers make it a linear model."""

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    dropout: float = 0.0

    def build(self) -> nn.Sequential:
        """Return a freshly initialised network with ReLU between its linear layers.

        Examples
        --------
        >>> len(list(Architecture(4, (8, 8), 3).build().parameters()))
        6
        """
        layers: list[nn.Module] = []
        width = self.inputs
        for units in self.hidden:
            layers += [nn.Linear(width, units), nn.ReLU()]
            if self.dropout:
                layers.append(nn.Dropout(self.dropout))
            width = units
        return nn.Sequential(*layers, nn.Linear(width, self.outputs))

    def __str__(self) -> str:
        return " -> ".join(str(units) for units in (self.inputs, *self.hidden, self.outputs))


@dataclass(frozen=True, eq=False)
class Predictor:
    """A network with the scales and names that turn a raw table into predictions.

    Attributes
    ----------
    network : Module, built from `architecture`
    features : Standardizer of the input columns
    target : Standardizer or None
        Of the target, for regression.
    feature_names : tuple of str
    class_names : tuple of str or None
        For classification.
    target_name : str
    """

    architecture: Architecture
    network: nn.Sequential
    features: Standardizer
    target: Standardizer | None
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] | None
    target_name: str

    def predict(self, features: NDArray[Any]) -> NDArray[Any]:
        """Predict from raw features.

        Parameters
        ----------
        features : array of shape (rows, columns)
            Columns in the order of `feature_names`, not standardised.

        Returns
        -------
        array of shape (rows,)
            int64 class numbers, or float64 values on the scale of the target.

        Raises
        ------
        FloatingPointError
            If an output is not finite, because a row lies far outside of everything seen in training.
        """
        was_training = self.network.training
        self.network.eval()
        with no_grad(), np.errstate(over="ignore", invalid="ignore"):
            parts = [
                np.asarray(self.network(self.features(features[start : start + ROWS_AT_ONCE])))
                for start in range(0, len(features), ROWS_AT_ONCE)
            ]
        self.network.train(was_training)
        outputs = np.concatenate(parts)
        bad = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        if len(bad):
            raise FloatingPointError(f"row {bad[0] + 1} lies too far outside of the training data to predict from")
        return outputs.argmax(axis=1) if self.target is None else self.target.inverse(outputs[:, 0])

    def save(self, path: str | Path) -> None:
        """Write the predictor to one ``.npz`` file: complete, or (on any failure) not at all.

        Raises
        ------
        OSError
            If the file cannot be written, or something other than a file has that name.
        """
        meta = {
            "format": FORMAT,
            "version": VERSION,
            "architecture": asdict(self.architecture),
            "feature_names": self.feature_names,
            "class_names": self.class_names,
            "target_name": self.target_name,
        }
        arrays: dict[str, NDArray[Any]] = {"meta": np.array(json.dumps(meta))}
        arrays |= {"features.shift": self.features.shift, "features.scale": self.features.scale}
        if self.target is not None:
            arrays |= {"target.shift": self.target.shift, "target.scale": self.target.scale}
        arrays |= {f"network/{name}": array for name, array in self.network.state_dict().items()}
        write_arrays(Path(path), arrays)

    @classmethod
    def load(cls, path: str | Path) -> Predictor:
        """Read what `save` wrote.

        Raises
        ------
        OSError
            If the file cannot be opened.
        ModelFileError
            If it was not written by `save`, is damaged, or comes from a newer version.
        """
        arrays = _read_arrays(path)
        try:
            meta = json.loads(str(arrays["meta"]))
            if meta["format"] != FORMAT:
                raise KeyError("format")
            if meta["version"] > VERSION:
                raise ModelFileError(f"{path} was written by a newer version of autograd_lite: upgrade to read it")
            return _assemble(meta, arrays)
        except ModelFileError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, MemoryError):
            raise _not_a_model(path) from None


def _read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    with open(path, "rb") as file:
        try:
            loaded = np.load(file, allow_pickle=False)
            return {name: loaded[name] for name in loaded.files}
        except Exception:  # the readers of zip files and of array headers raise nearly anything on damaged bytes
            raise _not_a_model(path) from None


def _not_a_model(path: str | Path) -> ModelFileError:
    return ModelFileError(f"{path} is not a model saved by `autograd-lite train --save`, or is damaged")


def _assemble(meta: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Predictor:
    shape = meta["architecture"]
    architecture = Architecture(shape["inputs"], tuple(shape["hidden"]), shape["outputs"], shape["dropout"])
    state = {name.removeprefix("network/"): a for name, a in arrays.items() if name.startswith("network/")}
    widths = [shape["inputs"], *shape["hidden"], shape["outputs"]]
    expected = [(outputs, inputs) for inputs, outputs in itertools.pairwise(widths)]
    if [array.shape for array in state.values() if array.ndim == 2] != expected:
        raise ValueError("the weights do not fit the architecture")
    network = architecture.build()
    network.load_state_dict(state)
    network.eval()
    target = Standardizer(arrays["target.shift"], arrays["target.scale"]) if "target.shift" in arrays else None
    return Predictor(
        architecture,
        network,
        Standardizer(arrays["features.shift"], arrays["features.scale"]),
        target,
        _texts(meta["feature_names"]),
        None if meta["class_names"] is None else _texts(meta["class_names"]),
        str(meta["target_name"]),
    )


def _texts(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(name) for name in names)
