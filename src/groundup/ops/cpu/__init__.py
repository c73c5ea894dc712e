"""Fast kernels for float32 NumPy arrays, compiled for this machine by Numba and LLVM.

- `host`: what this CPU can do, and where compiled kernels are kept.
- `tile`: the one micro-kernel, in vector instructions.
- `philox`: random words inside a kernel, those of `groundup.rng`; `augment` draws by it.
- `convolution`, `pooling`, `activations`: ops made of it and of plain loops; each has its readable
  twin in `ops.reference`, which the tests hold it to.

Inside, images lie channels-last, (N, H, W, C): what goes out as (N, C, H, W) is a view of that, so
from one convolution to the next nothing is turned around.
"""
