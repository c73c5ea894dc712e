"""Pure array functions, each beside its derivative. Layers call these and never choose a kernel."""

from groundup.ops import fits
from groundup.ops.dispatch import in_steps_alone, traced, with_kernel
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
from groundup.ops.reference.eigen import eigh
from groundup.ops.reference.normalization import (
    batch_norm,
    batch_norm_backward,
    batch_statistics,
    blend,
    count_up,
)
from groundup.ops.reference.optimizers import (
    adagrad_step,
    adam_step,
    momentum_step,
    rmsprop_step,
    sgd_step,
)
from groundup.ops.reference.philox import Draws, philox_words
from groundup.ops.reference.pooling import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)
from groundup.ops.reference.product import product
from groundup.ops.reference.rescale import rescale, rescale_backward
from groundup.ops.reference.shapes import flatten, unflatten
from groundup.ops.reference.softmax import (
    cross_entropy,
    cross_entropy_backward,
    log_softmax,
    softmax,
    softmax_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)

affine = traced(affine, "affine", fits.affine)
affine_relu = traced(affine_relu, "affine", fits.affine)
affine_backward = traced(affine_backward, "affine", fits.affine_backward)
conv2d = traced(conv2d, "convolution", fits.conv2d)
conv2d_relu = traced(conv2d_relu, "convolution", fits.conv2d)
conv2d_backward = traced(conv2d_backward, "convolution", fits.conv2d_backward)
max_pool = traced(max_pool, "pooling", fits.max_pool)
max_pool_backward = traced(max_pool_backward, "pooling", fits.max_pool_backward)
average_pool = traced(average_pool, "pooling", fits.average_pool)
average_pool_backward = traced(average_pool_backward, "pooling", fits.average_pool_backward)
philox_words = with_kernel(philox_words, "philox")
warp = with_kernel(warp, "augment")
blur = with_kernel(blur, "augment")
add_noise = with_kernel(add_noise, "augment")
batch_statistics = traced(batch_statistics, "normalization", in_steps_alone)
batch_norm = traced(batch_norm, "normalization", in_steps_alone)
batch_norm_backward = traced(batch_norm_backward, "normalization", in_steps_alone)
blend = traced(blend, "normalization", in_steps_alone)
count_up = traced(count_up, "normalization", in_steps_alone)
dropout = traced(dropout, "dropout", in_steps_alone)
dropout_backward = traced(dropout_backward, "dropout", in_steps_alone)
flatten = traced(flatten, "shapes", in_steps_alone)
unflatten = traced(unflatten, "shapes", in_steps_alone)
relu = traced(relu, "elementwise", in_steps_alone)
relu_backward = traced(relu_backward, "elementwise", in_steps_alone)
leaky_relu = traced(leaky_relu, "elementwise", in_steps_alone)
leaky_relu_backward = traced(leaky_relu_backward, "elementwise", in_steps_alone)
sigmoid = traced(sigmoid, "elementwise", in_steps_alone)
sigmoid_backward = traced(sigmoid_backward, "elementwise", in_steps_alone)
tanh = traced(tanh, "elementwise", in_steps_alone)
tanh_backward = traced(tanh_backward, "elementwise", in_steps_alone)
rescale = traced(rescale, "elementwise", in_steps_alone)
rescale_backward = traced(rescale_backward, "elementwise", in_steps_alone)
softmax = traced(softmax, "losses", in_steps_alone)
sgd_step = traced(sgd_step, "optimizers", fits.update)
momentum_step = traced(momentum_step, "optimizers", fits.update)
adagrad_step = traced(adagrad_step, "optimizers", fits.update)
rmsprop_step = traced(rmsprop_step, "optimizers", fits.update)
adam_step = traced(adam_step, "optimizers", fits.update)

__all__ = [
    "Draws",
    "Fill",
    "adagrad_step",
    "blend",
    "count_up",
    "flatten",
    "unflatten",
    "momentum_step",
    "rmsprop_step",
    "sgd_step",
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
    "eigh",
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
    "product",
    "relu",
    "relu_backward",
    "rescale",
    "rescale_backward",
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
