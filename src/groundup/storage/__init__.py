"""Files that can be trusted: written whole or not at all, read with budgets, held by one writer.

- `atomic`: a file is replaced in one step or not touched.
- `log`: records appended one by one, each with its checksum; it repairs a torn end.
- `lock`: one holder at a time, freed when its process dies.
- `tables`: rows as CSV, plain data as JSON.
- `reads`: the door for bytes from outside: sizes, nesting and encodings are checked first.
"""

from groundup.storage.atomic import make_directory, rename, sweep, write_bytes, write_text, writing
from groundup.storage.lock import Lock
from groundup.storage.log import Log, has_writer, read_log, understood
from groundup.storage.paths import AnyPath, cache_folder, exists, is_file, shown
from groundup.storage.reads import read_bytes, read_json_bytes, read_text, read_toml
from groundup.storage.tables import finite, write_csv, write_json

__all__ = [
    "AnyPath",
    "Lock",
    "Log",
    "cache_folder",
    "exists",
    "finite",
    "has_writer",
    "is_file",
    "make_directory",
    "read_bytes",
    "read_json_bytes",
    "read_log",
    "read_text",
    "read_toml",
    "rename",
    "shown",
    "sweep",
    "understood",
    "write_bytes",
    "write_csv",
    "write_json",
    "write_text",
    "writing",
]
