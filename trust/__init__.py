"""What groundup promises, tried: figures that anyone can make again.

    python -m trust                      every claim, in the short form
    python -m trust files bits           those whose names begin so
    python -m trust --list               what there is
    python -m trust numbers --long       in the long form
    python -m trust --long --record      and kept: docs/trust.json, and docs/trust.md made from it

- `claims`: every claim, its sizes and the function that tries it, as a table.
- `claim`: the values Claim and Outcome; `worker`: a process that tries one claim.
- `running`: some workers at a time; `pages`: what came of it, as text and as docs/trust.md.
- One folder for each group of claims; a file tries one claim, or a few that share their means.
"""
