"""Models from files."""

from pathlib import Path

from groundup.train import model_file
from groundup.train.sequential import Sequential


def load_model(path: Path | str) -> Sequential:
    """The model in a file that `Sequential.save`, a checkpoint or the command line wrote

    Raises:
        InputError: there is no such file.
        CorruptFile: its content is not what its checksum says, or no model.

    >>> import tempfile
    >>> import groundup as gu
    >>> model = gu.Sequential([gu.Dense(2, kernel_initializer="ones", input_shape=(3,))])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(f"{folder}/sum.safetensors")
    ...     again = gu.load_model(f"{folder}/sum.safetensors")
    >>> again.predict([[1.0, 2.0, 3.0]])
    array([[6., 6.]], dtype=float32)
    """
    return Sequential.of(model_file.load(path).learner)
