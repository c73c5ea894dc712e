"""Where a window lands on an image: strides, padding, output size, and what does not fit.

OH = (H + top + bottom - KH) / SH + 1, and the same for the width.   [Saito 2016, 7.2]
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from groundup.checks import check_whole, refusal
from groundup.errors import ShapeError
from groundup.typing import is_whole

Pair: TypeAlias = tuple[int, int]
Padding: TypeAlias = Literal["valid", "same"] | int
Rounding: TypeAlias = Literal["error", "floor"]


@dataclass(frozen=True, slots=True)
class Window:
    """A window of `size` (KH, KW) that moves by `strides` over an image padded by `pads`."""

    size: Pair
    strides: Pair = (1, 1)
    pads: tuple[Pair, Pair] = ((0, 0), (0, 0))  # ((top, bottom), (left, right))

    @property
    def overhangs(self) -> bool:
        """Whether some window sees nothing but padding."""
        return any(p >= k for k, pads in zip(self.size, self.pads, strict=True) for p in pads)

    def output(self, height: int, width: int) -> Pair:
        """(OH, OW); what is left over at the lower and right edge is not seen."""
        oh, ow = (
            (length + sum(pad) - size) // stride + 1
            for length, pad, size, stride in zip(
                (height, width), self.pads, self.size, self.strides, strict=True
            )
        )
        return oh, ow


def fit_window(
    image: Pair, size: Pair, strides: Pair, padding: Padding, rounding: Rounding, who: str
) -> Window:
    """The `Window` for an image (H, W); `who` names the layer in a `ShapeError`.

    >>> fit_window((7, 7), (3, 3), (2, 2), "valid", "error", "Conv2D").output(7, 7)
    (3, 3)
    >>> fit_window((28, 28), (5, 5), (3, 3), 0, "error", "Conv2D")
    Traceback (most recent call last):
    groundup.errors.ShapeError: Conv2D: a 5x5 window with strides (3, 3) and padding 0 does not \
divide 28x28: (28 + 0 - 5) / 3 is no whole number. Change padding or strides, or say \
rounding="floor" to leave the last 2 rows unseen.
    """
    pads = tuple(
        _pads(length, k, stride, padding)
        for length, k, stride in zip(image, size, strides, strict=True)
    )
    for length, k, stride, pad, axis in zip(
        image, size, strides, pads, ("rows", "columns"), strict=True
    ):
        what = f"{who}: a {size[0]}x{size[1]} window with strides {strides} and padding {padding}"
        room = length + sum(pad) - k
        if room < 0:
            raise ShapeError(
                f"{what} is larger than its {image[0]}x{image[1]} input. "
                "Use a smaller window, more padding, or fewer poolings before."
            )
        if room % stride and rounding == "error" and padding != "same":
            raise ShapeError(
                f"{what} does not divide {image[0]}x{image[1]}: ({length} + {sum(pad)} - {k}) / "
                f"{stride} is no whole number. Change padding or strides, or say "
                f'rounding="floor" to leave the last {room % stride} {axis} unseen.'
            )
    return Window(size, strides, (pads[0], pads[1]))


def _pads(length: int, size: int, stride: int, padding: Padding) -> Pair:
    if padding == "valid":
        return 0, 0
    if padding == "same":  # as Keras: ⌈length / stride⌉ outputs, the odd one after
        total = max((-(-length // stride) - 1) * stride + size - length, 0)
        return total // 2, total - total // 2
    return padding, padding


def check_pair(owner: object, option: str) -> None:
    """Refuse an option that is neither a whole number n, which becomes (n, n), nor two of them."""
    value = getattr(owner, option)
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(is_whole(n) and n >= 1 for n in both):
        expected = "a whole number of at least 1, or two of them"
        raise refusal(option, value, expected, type(owner).__name__)
    object.__setattr__(owner, option, (int(both[0]), int(both[1])))


def check_padding(owner: Any) -> None:
    """Refuse an option `padding` that is neither "valid", "same" nor a number of at least 0."""
    if not (isinstance(owner.padding, str) and owner.padding in ("valid", "same")):
        check_whole(owner, "padding", 0, instead='"valid", "same"')
