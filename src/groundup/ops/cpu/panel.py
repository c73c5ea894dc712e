"""A block of a matrix product of any size, cut into tiles."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
import numba
import numpy as np

from groundup.ops.cpu.tile import COLUMNS, LANES, ROWS, tile

NO_FLOOR, RELU = np.float32(-np.inf), np.float32(0)
WIDTH = COLUMNS * LANES
_ROWS = ROWS


@numba.njit(cache=True, error_model="numpy")
def panel(M, F, a, a_row, a_k, a_r, b, b_k, b_r, c0, c0_row, c, c_row, K, R, floor):
    """C (M, F) = max(C0 + Σᵣ Σₖ A[r, :, k] · B[r, k, :], floor); arguments as for `tile`."""
    blocks = (M + _ROWS - 1) // _ROWS
    height = (M + blocks - 1) // blocks  # tiles of about one height beat full ones and a stump
    for f in range(0, F, WIDTH):
        width = min(F - f, WIDTH)
        columns = (width + LANES - 1) // LANES
        tail = width - (columns - 1) * LANES
        for i in range(0, M, height):
            tile(
                columns,
                min(height, M - i),
                a + 4 * i * a_row,
                a_row,
                a_k,
                a_r,
                b + 4 * f,
                b_k,
                b_r,
                c0 + 4 * (f + i * c0_row),
                c0_row,
                c + 4 * (f + i * c_row),
                c_row,
                K,
                R,
                tail,
                floor,
            )
