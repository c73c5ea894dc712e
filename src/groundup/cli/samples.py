"""Files that a network is asked about, as the raw inputs that it was trained on."""

from dataclasses import dataclass
from pathlib import Path

from groundup import data
from groundup.cli.output import note
from groundup.cli.runs import Trained
from groundup.data.files import TABLES
from groundup.data.picture import SUFFIXES
from groundup.data.preprocess import Rescale
from groundup.data.table import read_known
from groundup.errors import DataError, InputError, ShapeError
from groundup.storage import shown
from groundup.train.inputs import check_inputs, raw_shape
from groundup.train.run import data_of
from groundup.typing import Array, Shape


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
        learner = self.trained.learner
        in_shape = raw_shape(learner) or learner.network.in_shape
        if file.suffix.lower() in TABLES:
            return self._rows(file, in_shape)
        is_picture = file.suffix.lower() in SUFFIXES
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

    def _rows(self, file: Path, in_shape: Shape) -> Array:
        """The rows of a table, its columns by the names that the network knows."""
        if len(in_shape) != 1:
            raise ShapeError(f"{shown(file)}: a table; the network takes images {in_shape}.")
        config = self.trained.config
        target = config.data.target if config else None
        features = self.trained.learner.features
        samples = read_known(file, features, in_shape[0], target, labeled=False)
        for remark in samples.notes:
            note(remark)
        return samples.x

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
            return float(data_of(self.trained.config).x_train.max())
        raise InputError(
            "the model file does not say what white is in its data: add --white, such as 255."
        )
