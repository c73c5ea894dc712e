"""Data: where samples come from, how they are split, prepared and handed out in batches."""

from groundup.data.augment import Augment, augmentations
from groundup.data.batches import Batch, batches
from groundup.data.dataset import Dataset, Source, load, sources
from groundup.data.datasets import digits, mnist
from groundup.data.files import open_dataset
from groundup.data.idx import read_idx, write_idx
from groundup.data.images import read_images, read_samples
from groundup.data.labels import as_targets, class_weights, one_hot, to_categorical
from groundup.data.npz import read_npy, read_npz
from groundup.data.preprocess import (
    Decorrelate,
    MinMax,
    OneHot,
    PCAWhitening,
    Preprocessor,
    Rescale,
    Standardize,
    ZCAWhitening,
    preprocessors,
)
from groundup.data.split import stratified_split, train_validation_split

__all__ = [
    "Augment", "Batch", "Dataset", "Decorrelate", "MinMax", "OneHot", "PCAWhitening",
    "Preprocessor", "Rescale", "Source", "Standardize", "ZCAWhitening", "as_targets",
    "augmentations", "batches", "class_weights", "digits", "load", "mnist", "one_hot",
    "open_dataset", "preprocessors", "read_idx", "read_images", "read_npy", "read_npz",
    "read_samples", "sources", "stratified_split", "to_categorical", "train_validation_split",
    "write_idx",
]  # fmt: skip
