"""Few of many, where what is done with them takes longer than all are worth."""


def thinned(count: int, most: int) -> slice:
    """Which of `count` things in a row to take, evenly: every so manieth, and so at most `most`

    >>> list(range(7))[thinned(7, 3)], list(range(3))[thinned(3, 3)]
    ([0, 3, 6], [0, 1, 2])
    """
    return slice(None, None, -(-count // most) or 1)
