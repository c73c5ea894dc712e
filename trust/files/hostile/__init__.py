"""Files made by hand to mislead, by kind: tables of what is tried and what has to come of it.

`doors` says how each kind is opened; every other file here has one table, CASES.
"""
