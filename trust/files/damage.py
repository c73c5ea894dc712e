"""What happens to files: bits flip, ends are lost, blocks are zeroed, doubled or mixed up."""

from collections.abc import Callable

from groundup.rng import Stream

NASTY = (0, 255, 10, 34, 44, 45, 127)
BLOCK = 64


def damaged(whole: bytes, other: bytes, stream: Stream) -> tuple[str, bytes]:
    """How, and the file then: another content than both of these."""
    for again in range(100):
        numbers = [int(word) for word in stream.named(str(again)).words(8)]
        how = tuple(KINDS)[numbers[0] % len(KINDS)]
        made = KINDS[how](whole, other, numbers[1:])
        if made not in (whole, other):
            return how, made
    raise AssertionError("a hundred changes changed nothing")


def _flipped(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    bad = bytearray(data)
    for number in numbers[: 1 + numbers[6] % 3]:
        place = number % (8 * len(bad))
        bad[place // 8] ^= 1 << place % 8
    return bytes(bad)


def _nasty(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    place = numbers[0] % len(data)
    return data[:place] + bytes([NASTY[numbers[1] % len(NASTY)]]) + data[place + 1 :]


def _truncated(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    return data[: numbers[0] % len(data)]


def _extended(data: bytes, other: bytes, numbers: list[int]) -> bytes:
    more = (bytes(1 + numbers[1] % 600), data, other, Stream(numbers[2]).words(9).tobytes())
    return data + more[numbers[0] % len(more)][: 1 + numbers[3] % 1000]


def _cut_out(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    begin, end = _block(data, numbers)
    return data[:begin] + data[end:]


def _zeroed(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    begin, end = _block(data, numbers)
    return data[:begin] + bytes(end - begin) + data[end:]


def _doubled(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    begin, end = _block(data, numbers)
    return data[:end] + data[begin:end] + data[end:]


def _moved(data: bytes, _: bytes, numbers: list[int]) -> bytes:
    """A block written over another, as by a disk that mixed up two sectors."""
    begin, end = _block(data, numbers)
    place = numbers[3] % len(data)
    return data[:place] + data[begin:end] + data[place + end - begin :]


def _spliced(data: bytes, other: bytes, numbers: list[int]) -> bytes:
    """The head of one file and the tail of another, as long or not."""
    place = numbers[0] % len(data)
    return data[:place] + other[place if numbers[2] % 2 else numbers[1] % len(other) :]


def _block(data: bytes, numbers: list[int]) -> tuple[int, int]:
    begin = numbers[0] % len(data)
    return begin, min(len(data), begin + 1 + numbers[1] % BLOCK)


Damage = Callable[[bytes, bytes, list[int]], bytes]
KINDS: dict[str, Damage] = {
    "bits flipped": _flipped,
    "a nasty byte": _nasty,
    "truncated": _truncated,
    "extended": _extended,
    "a block cut out": _cut_out,
    "a block zeroed": _zeroed,
    "a block doubled": _doubled,
    "a block moved": _moved,
    "spliced": _spliced,
}
