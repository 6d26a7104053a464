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
from autograd_lite.cli.linear import probabilities
from autograd_lite.data.preparation import Standardizer
from autograd_lite.data.tables.encoder import TableEncoder
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
    encoder : TableEncoder or None
        Makes the features of the columns of a file; None where all are plain numbers.
    """

    architecture: Architecture
    network: nn.Sequential
    features: Standardizer
    target: Standardizer | None
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] | None
    target_name: str
    encoder: TableEncoder | None = None

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
        outputs = self.outputs(features)
        return outputs.argmax(axis=1) if self.target is None else self.target.inverse(outputs[:, 0])

    def probabilities(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of every class, of shape (rows, classes)."""
        return probabilities(self.outputs(features))

    def outputs(self, features: NDArray[Any]) -> NDArray[np.float32]:
        """Return what the network says, of shape (rows, outputs); raises as `predict` does."""
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
        return outputs

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
            "columns": None if self.encoder is None else self.encoder.to_json(),
        }
        arrays: dict[str, NDArray[Any]] = {"meta": np.array(json.dumps(meta))}
        arrays |= {"features.shift": self.features.shift, "features.scale": self.features.scale}
        if self.features.fill is not None:
            arrays["features.fill"] = self.features.fill
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
        except _Disagreement as error:
            raise ModelFileError(f"{path} is not a model saved by `autograd-lite train --save`: {error}") from None
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, MemoryError):
            raise _not_a_model(path) from None


class _Disagreement(ValueError):
    """Parts of a model file that cannot belong together, by name."""


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
    names, classes = _texts(meta["feature_names"]), None if meta["class_names"] is None else _texts(meta["class_names"])
    _check_names(architecture, names, classes, "target.shift" in arrays)
    for name, array in arrays.items():
        if name != "meta" and not (array.dtype.kind == "f" and np.isfinite(array).all()):
            raise _Disagreement(f"the array {name!r} has to hold finite numbers")
    state = {name.removeprefix("network/"): a for name, a in arrays.items() if name.startswith("network/")}
    widths = [architecture.inputs, *architecture.hidden, architecture.outputs]
    expected = [(outputs, inputs) for inputs, outputs in itertools.pairwise(widths)]
    if [array.shape for array in state.values() if array.ndim == 2] != expected:
        raise _Disagreement(f"the shapes of the weights do not fit the layers {architecture}")
    network = architecture.build()
    network.load_state_dict(state)
    network.eval()
    columns = meta.get("columns")
    encoder = None if columns is None else TableEncoder.from_json(columns)
    if encoder is not None and encoder.feature_names != names:
        raise _Disagreement("the kinds of the columns do not make the features that it names")
    features = _standardizer(arrays, "features", (architecture.inputs,))
    target = _standardizer(arrays, "target", ()) if classes is None else None
    return Predictor(architecture, network, features, target, names, classes, str(meta["target_name"]), encoder)


def _check_names(
    architecture: Architecture, names: tuple[str, ...], classes: tuple[str, ...] | None, has_scale: bool
) -> None:
    if len(names) != architecture.inputs:
        raise _Disagreement(f"{len(names)} names of features for {architecture.inputs} inputs")
    if len(set(names)) != len(names):
        raise _Disagreement("two features have the same name")
    if classes is not None and (len(classes) != architecture.outputs or len(set(classes)) != len(classes)):
        raise _Disagreement(f"{len(classes)} names of classes for {architecture.outputs} outputs, or one twice")
    if classes is None and (architecture.outputs != 1 or not has_scale):
        raise _Disagreement("values need one output, and the scale of the target")


def _standardizer(arrays: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> Standardizer:
    shift, scale, fill = arrays[f"{name}.shift"], arrays[f"{name}.scale"], arrays.get(f"{name}.fill")
    for part, array in (("shift", shift), ("scale", scale), ("fill", fill)):
        if array is not None and array.shape != shape:
            raise _Disagreement(f"{name}.{part} has shape {array.shape} where {shape} is needed")
    if (scale < 0).any():
        raise _Disagreement(f"{name}.scale has negative numbers")
    return Standardizer(shift, scale, fill)


def _texts(names: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _Disagreement("its names are no list of texts")
    return tuple(names)
