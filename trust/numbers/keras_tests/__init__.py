"""Keras's own tests as a judge: run on groundup, with the values that stand in them.

- `reading`: the test files of the installed wheel, parsed; none of their values is kept here.
- `testing`, `foreign`: what they are written with; what has no counterpart leaves a test out.
- `descending`, `measuring`, `layering`: our parts in the clothes of Keras's, a table in each.
- `judging`: the check.
"""
