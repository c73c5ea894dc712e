"""Every op as the textbook writes it: each function beside its derivative.

Written against the array namespace of the arguments (NumPy, JAX, …), without writing into an array
and without branching on a value, so that the same lines run in float64 as the specification, under
`jax.jit`, and as the oracle of every faster kernel. Adam's step alone consumes its arguments.
"""
