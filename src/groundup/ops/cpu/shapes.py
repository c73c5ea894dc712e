"""Channels-last images laid out as rows in the order (C, H, W), and back."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from groundup.ops.cpu.gather import again, from_samples
from groundup.ops.cpu.memory import floats, kernel, words
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
    x.tape.emit(_flatten, [x], [y], C, H, W, over="images", moved=4 * x.size)
    return y


def unflatten(y: Value, shape: Shape) -> Value:
    """As `ops.reference.shapes.unflatten`, the way back."""
    if len(shape) == 2:
        return y
    C, H, W = _image(shape)[1:]
    x = y.tape.value(shape, images=True)
    y.tape.emit(_unflatten, [y], [x], C, H, W, over="images", moved=4 * x.size)
    return x


def _image(shape: Shape) -> Shape:
    if len(shape) != 4:
        raise Untraceable(f"images of shape {shape}")
    return shape


@kernel
def _flatten(w, first, end, slot):
    """Written in order: the row goes to far memory, the image is near."""
    w = words(w)
    C, H, W = w[8], w[9], w[10]
    x, y = w[0] + first * w[1] + slot * w[2], floats(w[4] + first * w[5], C * H * W)
    for c in range(C):
        for i in range(H):
            line = floats(x + i * w[3], W * C)
            for j in range(W):
                y[(c * H + i) * W + j] = line[j * C + c]


@kernel
def _unflatten(w, first, end, slot):
    w = words(w)
    C, H, W = w[8], w[9], w[10]
    y, x = floats(w[0] + first * w[1], C * H * W), w[4] + first * w[5] + slot * w[6]
    for c in range(C):
        for i in range(H):
            line = floats(x + i * w[7], W * C)
            for j in range(W):
                line[j * C + c] = y[(c * H + i) * W + j]
