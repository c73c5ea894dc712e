"""Fast kernels for float32 NumPy arrays, compiled for this machine by Numba and LLVM.

To be read in this order:

- `ops.tape`, beside this folder: what a network computes, written down as rows, each the call of a
  kernel.
- `memory`: what a kernel is, and the few things of the machine that Numba does not offer.
- `tile`, `panel`: the one micro-kernel, in vector instructions, and a matrix product cut into it;
  `packing`: parts of large matrices put side by side for it.
- `affine`, `convolution`, `pooling`, `normalization`, `elementwise`, `dropout`, `losses`, `gather`,
  `optimizers`, …: for each op a function that writes its rows, and their kernels. Each has its
  readable twin in `ops.reference`, which the tests hold it to.
- `program`: a tape made ready to run. `crew`: the threads that carry it out.
- `alone`: one op by itself, on arrays.
- `host`: what this CPU can do, and where compiled kernels are kept.
- `philox`: random words inside a kernel, those of `groundup.rng`. `augment`: kernels over arrays
  with `threads` of their own.

Inside, images lie channels-last, (N, H, W, C), with a margin of zeros that is the padding: from one
convolution to the next nothing is turned around or copied.
"""
