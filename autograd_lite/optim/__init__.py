"""Optimizers: each is its equation, one pure update that the base class applies over flat memory."""

from autograd_lite.optim import lr_scheduler
from autograd_lite.optim.adadelta import Adadelta
from autograd_lite.optim.adagrad import Adagrad
from autograd_lite.optim.adam import Adam, AdamW
from autograd_lite.optim.adamax import Adamax
from autograd_lite.optim.asgd import ASGD
from autograd_lite.optim.hessian_free import HessianFree
from autograd_lite.optim.lbfgs import LBFGS
from autograd_lite.optim.lion import Lion
from autograd_lite.optim.minimize import minimize
from autograd_lite.optim.nadam import NAdam
from autograd_lite.optim.newton import Newton
from autograd_lite.optim.optimizer import Optimizer
from autograd_lite.optim.radam import RAdam
from autograd_lite.optim.rmsprop import RMSprop
from autograd_lite.optim.rprop import Rprop
from autograd_lite.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adagrad",
    "RMSprop",
    "Adadelta",
    "Adam",
    "AdamW",
    "NAdam",
    "RAdam",
    "LBFGS",
    "Newton",
    "HessianFree",
    "Optimizer",
    "lr_scheduler",
    "minimize",
    "Adamax",
    "Rprop",
    "ASGD",
    "Lion",
]
