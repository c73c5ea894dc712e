"""The module that the book's scripts import as `dataset.mnist`."""
