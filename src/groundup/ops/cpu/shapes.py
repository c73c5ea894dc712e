"""Channels-last images laid out as rows in the order (C, H, W), and back."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from groundup.ops.cpu.gather import again, from_samples
from groundup.ops.cpu.memory import kernel, words
from groundup.ops.cpu.packing import turn
from groundup.ops.tape import Untraceable, Value
from groundup.typing import Shape


def flatten(x: Value) -> Value:
    """As `ops.reference.shapes.flatten`: channels-last images to rows in the order (C, H, W)."""
    if from_samples(x):
        return again(x, (x.shape[0], x.size // x.shape[0]))
    if x.ndim == 2:
        return x
    N, C, H, W = _image(x.shape)
    y = x.tape.value((N, C * H * W))
    x.tape.emit(_flatten, [x], [y], C, H, W, over="images", moved=x.size)
    return y


def unflatten(y: Value, shape: Shape) -> Value:
    """As `ops.reference.shapes.unflatten`, the way back."""
    if len(shape) == 2:
        return y
    C, H, W = _image(shape)[1:]
    x = y.tape.value(shape, images=True)
    y.tape.emit(_unflatten, [y], [x], C, H, W, over="images", moved=x.size)
    return x


def _image(shape: Shape) -> Shape:
    if len(shape) != 4:
        raise Untraceable(f"images of shape {shape}")
    return shape


@kernel
def _flatten(w, first, end, slot):
    w = words(w)
    C, H, W = w[8], w[9], w[10]
    x, y = w[0] + first * w[1] + slot * w[2], w[4] + first * w[5]
    lines, pixels = (1, H * W) if w[3] == 4 * W * C else (H, W)  # without a margin, all at once
    for i in range(lines):
        turn(x + i * w[3], C, y + 4 * i * W, H * W, pixels, C)


@kernel
def _unflatten(w, first, end, slot):
    w = words(w)
    C, H, W = w[8], w[9], w[10]
    y, x = w[0] + first * w[1], w[4] + first * w[5] + slot * w[6]
    lines, pixels = (1, H * W) if w[7] == 4 * W * C else (H, W)
    for i in range(lines):
        turn(y + 4 * i * W, H * W, x + i * w[7], C, C, pixels)
