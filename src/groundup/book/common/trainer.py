"""`common.trainer`: the book's training loop.   [Saito 2016, 6.4 and 7.5]"""

import math
from collections.abc import Mapping
from typing import Any

from groundup.book.chance import draw
from groundup.book.common.optimizer import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop
from groundup.errors import InputError, did_you_mean
from groundup.typing import Array

__all__ = ["Trainer"]

OPTIMIZERS: Mapping[str, Any] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSprop,
    "adam": Adam,
}
PLAIN: Mapping[str, Any] = {"lr": 0.01}


class Trainer:
    """Mini-batches drawn with replacement; both accuracies at the beginning of every epoch.

    Args:
        network: has gradient(x, t), loss(x, t), accuracy(x, t) and params.
        x_train, t_train, x_test, t_test: the data.
        epochs, mini_batch_size: epochs · N / mini_batch_size steps are made.
        optimizer, optimizer_param: "sgd", "momentum", "nesterov", "adagrad", "rmsprop" or "adam",
            and its arguments.
        evaluate_sample_num_per_epoch: how many samples the accuracies are taken of; None for all.
        verbose: print losses and accuracies.

    train_loss_list has the loss of every step's batch after the step; train_acc_list and
    test_acc_list one accuracy an epoch.
    """

    def __init__(
        self,
        network: Any,
        x_train: Array,
        t_train: Array,
        x_test: Array,
        t_test: Array,
        epochs: int = 20,
        mini_batch_size: int = 100,
        optimizer: str = "SGD",
        optimizer_param: Mapping[str, Any] = PLAIN,
        evaluate_sample_num_per_epoch: int | None = None,
        verbose: bool = True,
    ) -> None:
        if optimizer.lower() not in OPTIMIZERS:
            hint = did_you_mean(optimizer, OPTIMIZERS)
            raise InputError(f"optimizer={optimizer!r}: there is no such optimizer. {hint}")
        self.network, self.verbose = network, verbose
        self.x_train, self.t_train = x_train, t_train
        self.x_test, self.t_test = x_test, t_test
        self.epochs, self.batch_size = epochs, mini_batch_size
        self.evaluate_sample_num_per_epoch = evaluate_sample_num_per_epoch
        self.optimizer = OPTIMIZERS[optimizer.lower()](**optimizer_param)
        self.train_size = len(x_train)
        self.iter_per_epoch = max(self.train_size / mini_batch_size, 1)
        self.max_iter = int(epochs * self.iter_per_epoch)
        self.current_iter = self.current_epoch = 0
        self.train_loss_list: list[Any] = []
        self.train_acc_list: list[Any] = []
        self.test_acc_list: list[Any] = []

    def train(self) -> None:
        """All steps, then the accuracy on all test data."""
        for _ in range(self.max_iter):
            self.train_step()
        accuracy = self.network.accuracy(self.x_test, self.t_test)
        self._say(f"=============== Final Test Accuracy ===============\ntest acc:{accuracy}")

    def train_step(self) -> None:
        """One batch; at the beginning of an epoch also the accuracies."""
        batch = draw("shuffle").integers(0, self.train_size, self.batch_size)
        x, t = self.x_train[batch], self.t_train[batch]
        self.optimizer.update(self.network.params, self.network.gradient(x, t))
        self.train_loss_list.append(self.network.loss(x, t))
        self._say(f"train loss:{self.train_loss_list[-1]}")
        # Not by a remainder: epochs need not be whole numbers of steps.
        if self.current_iter == math.ceil(self.current_epoch * self.iter_per_epoch):
            self._look()
        self.current_iter += 1

    def _look(self) -> None:
        self.current_epoch += 1
        some = slice(self.evaluate_sample_num_per_epoch)
        train = self.network.accuracy(self.x_train[some], self.t_train[some])
        test = self.network.accuracy(self.x_test[some], self.t_test[some])
        self.train_acc_list.append(train)
        self.test_acc_list.append(test)
        self._say(f"=== epoch:{self.current_epoch}, train acc:{train}, test acc:{test} ===")

    def _say(self, words: str) -> None:
        if self.verbose:
            print(words)  # noqa: T201 - the book's Trainer tells the script's reader
