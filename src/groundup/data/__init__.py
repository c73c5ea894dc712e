"""Data: where samples come from, how they are split, prepared and handed out in batches."""

from groundup.data.batches import Batch, batches
from groundup.data.dataset import Dataset, Source, load, sources
from groundup.data.datasets import digits, mnist
from groundup.data.idx import read_idx, write_idx
from groundup.data.images import read_images, read_samples
from groundup.data.labels import as_targets, class_weights, one_hot, to_categorical
from groundup.data.npz import read_npy, read_npz
from groundup.data.preprocess import Preprocessor, Rescale, Standardize, preprocessors
from groundup.data.split import stratified_split, train_validation_split

__all__ = [
    "Batch", "Dataset", "Preprocessor", "Rescale", "Source", "Standardize", "as_targets", "batches",
    "class_weights", "digits", "load", "mnist", "one_hot", "preprocessors", "read_idx",
    "read_images", "read_npy", "read_npz", "read_samples", "sources", "stratified_split",
    "to_categorical", "train_validation_split", "write_idx",
]  # fmt: skip
