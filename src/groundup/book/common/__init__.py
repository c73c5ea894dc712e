"""The modules that the book's scripts import as `common.…`."""
