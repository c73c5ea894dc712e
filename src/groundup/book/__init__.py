"""Book mode: scripts of *Deep Learning from Scratch* run unchanged, on this library's layers.

- `run`: one script; what it imports, where its figures go, where its chance comes from.
- `modules`: which of the modules below stand for the book's, and how a script finds them.
- `common/`, `dataset/`, `siblings/`: the book's names, signatures and arrays, as thin adapters.
- `wrapped`: a stateful layer on a pure one; `line`, `program`: layers computed together; `network`:
  what networks share; `normalization`: the book's batch normalization.
- `precision`: when float64; `chance`: what the adapters draw.
- `pickles`: files of weights, read with care; `figures`, `backend`: pictures as files.
"""

from groundup.book.run import run_script

__all__ = ["run_script"]
