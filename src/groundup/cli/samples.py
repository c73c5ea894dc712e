"""Files that a network is asked about, as the raw inputs that it was trained on."""

from dataclasses import dataclass
from pathlib import Path

from groundup import data
from groundup.cli.runs import Trained
from groundup.data.preprocess import Rescale
from groundup.errors import DataError, InputError, ShapeError
from groundup.storage import shown
from groundup.train.inputs import check_inputs
from groundup.typing import Array


@dataclass(frozen=True)
class Reading:
    """How files are read for a network.

    Args:
        trained: the network.
        resize: scale pictures to the size that it takes.
        invert: exchange black and white in pictures.
        given_white: the value of white in its data; None finds out.
    """

    trained: Trained
    resize: bool
    invert: bool
    given_white: float | None

    def samples(self, file: Path) -> Array:
        """The samples of one file, (N, …); errors name the file."""
        in_shape = self.trained.learner.network.in_shape
        is_picture = file.suffix.lower() == ".png"
        white = self._white() if is_picture else 255.0
        try:
            x = data.read_samples(file, in_shape, resize=self.resize, white=white)
        except ShapeError as error:  # names the argument; here it is an option
            raise ShapeError(str(error).replace("Pass resize=True", "Add --resize")) from None
        if is_picture and self.invert:
            x = white - x
        try:
            return check_inputs(x, in_shape)
        except DataError as error:
            raise DataError(f"{shown(file)}: {error}") from None

    def _white(self) -> float:
        """The largest value in the training data, from the model or else from the data."""
        if self.given_white is not None:
            if not 0 < self.given_white < float("inf"):
                raise InputError(f"--white {self.given_white}: expected a number above 0.")
            return self.given_white
        preparation = self.trained.learner.preparation
        if preparation.parameters and isinstance(preparation.preprocessors[0], Rescale):
            return float(preparation.parameters[0]["scale"].item())
        if self.trained.config is not None:
            return float(data.load(self.trained.config.data.name).x_train.max())
        raise InputError(
            "the model file does not say what white is in its data: add --white, such as 255."
        )
