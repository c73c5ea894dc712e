"""Pure array functions, each beside its derivative. Layers call these and never choose a kernel."""

from groundup.ops.dispatch import with_kernel
from groundup.ops.geometry import (
    Padding,
    Pair,
    Rounding,
    Window,
    check_padding,
    check_pair,
    fit_window,
)
from groundup.ops.reference.activations import (
    elu,
    elu_backward,
    leaky_relu,
    leaky_relu_backward,
    prelu,
    prelu_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    step,
    step_backward,
    tanh,
    tanh_backward,
)
from groundup.ops.reference.adam import adam_step
from groundup.ops.reference.affine import affine, affine_backward, affine_relu
from groundup.ops.reference.augment import (
    Fill,
    add_noise,
    blur,
    cut_out,
    salt_and_pepper,
    shade,
    warp,
)
from groundup.ops.reference.convolution import (
    col2im,
    conv2d,
    conv2d_backward,
    conv2d_relu,
    im2col,
)
from groundup.ops.reference.dropout import dropout, dropout_backward
from groundup.ops.reference.normalization import (
    batch_norm,
    batch_norm_backward,
    batch_statistics,
)
from groundup.ops.reference.philox import Draws, philox_words
from groundup.ops.reference.pooling import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)
from groundup.ops.reference.softmax import (
    cross_entropy,
    cross_entropy_backward,
    log_softmax,
    softmax,
    softmax_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)

adam_step = with_kernel(adam_step, "adam")
# BLAS cuts large matrices into blocks for the caches, which the tile alone does not.
affine = with_kernel(affine, "affine", lambda x, W, b: W.size <= 2**19)
affine_relu = with_kernel(affine_relu, "affine", lambda x, W, b: W.size <= 2**19)
affine_backward = with_kernel(affine_backward, "affine", lambda dy, x, W, *_: W.size <= 2**19)
relu = with_kernel(relu, "activations")
relu_backward = with_kernel(relu_backward, "activations")
conv2d = with_kernel(conv2d, "convolution", lambda x, W, b, window: not window.overhangs)
conv2d_relu = with_kernel(conv2d_relu, "convolution", lambda x, W, b, window: not window.overhangs)
conv2d_backward = with_kernel(
    conv2d_backward, "convolution", lambda dy, x, W, window, *_: not window.overhangs
)
philox_words = with_kernel(philox_words, "philox")
warp = with_kernel(warp, "augment")
blur = with_kernel(blur, "augment")
add_noise = with_kernel(add_noise, "augment")
max_pool = with_kernel(max_pool, "pooling", lambda x, window: _pools(window))
max_pool_backward = with_kernel(
    max_pool_backward, "pooling", lambda dy, place, shape, window: _pools(window)
)


def _pools(window: Window) -> bool:
    """A place in the window fits into a byte, and every window sees a value."""
    return window.size[0] * window.size[1] <= 256 and not window.overhangs


__all__ = [
    "Draws",
    "Fill",
    "Padding",
    "Pair",
    "Rounding",
    "Window",
    "adam_step",
    "add_noise",
    "affine",
    "affine_backward",
    "affine_relu",
    "average_pool",
    "average_pool_backward",
    "batch_norm",
    "batch_norm_backward",
    "batch_statistics",
    "blur",
    "check_padding",
    "check_pair",
    "col2im",
    "conv2d",
    "conv2d_backward",
    "conv2d_relu",
    "cross_entropy",
    "cross_entropy_backward",
    "cut_out",
    "dropout",
    "dropout_backward",
    "elu",
    "elu_backward",
    "fit_window",
    "im2col",
    "leaky_relu",
    "leaky_relu_backward",
    "log_softmax",
    "max_pool",
    "max_pool_backward",
    "philox_words",
    "prelu",
    "prelu_backward",
    "relu",
    "relu_backward",
    "salt_and_pepper",
    "shade",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_backward",
    "softmax_cross_entropy",
    "softmax_cross_entropy_backward",
    "step",
    "step_backward",
    "tanh",
    "tanh_backward",
    "warp",
]
