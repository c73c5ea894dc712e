"""The search for hyper-parameters.

- `dimensions`, `space`: where to search; `history`: what is known so far.
- `method`, `methods/`: what to try next, one file a method; `stopping`: when to give a trial up.
- `search`: all of it as a value; `plan`: the same with a configuration; `study`: what came of it.
"""
