"""Parts of a matrix put side by side, so that the tile finds in one stretch what it goes through.

Read row by row in short pieces, a large matrix costs a look into far memory a row.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
import numba
from llvmlite import ir
from numba.core import types

from groundup.ops.cpu.memory import floats, intrinsic
from groundup.ops.cpu.panel import WIDTH
from groundup.ops.cpu.tile import COLUMNS, LANES


@intrinsic
def _copy_row(context, source, target):
    """WIDTH floats from one byte address to another, in whole vectors."""

    def generate(context, builder, signature, given):
        kind = ir.VectorType(ir.FloatType(), LANES)
        for column in range(COLUMNS):
            offset = ir.Constant(ir.IntType(64), 4 * LANES * column)
            source, target = (
                builder.inttoptr(builder.add(address, offset), kind.as_pointer())
                for address in given
            )
            builder.store(builder.load(source, align=4, typ=kind), target, align=4)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@numba.njit(inline="always")
def pack(matrix, row, target, height, width):
    """A matrix (height, width) in panels of WIDTH columns (height, WIDTH), the last one narrower

    matrix, target: byte addresses. row: floats from one row of the matrix to the next.
    """
    whole = width // WIDTH * WIDTH
    rest = width - whole
    for i in range(height):
        for j in range(0, whole, WIDTH):
            _copy_row(matrix + 4 * (i * row + j), target + 4 * (j * height + i * WIDTH))
    if rest:
        source, last = (
            floats(matrix, height * row),
            floats(target + 4 * whole * height, height * rest),
        )
        for i in range(height):
            for j in range(rest):
                last[i * rest + j] = source[i * row + whole + j]


@intrinsic
def _turn_square(context, source, row, target, target_row):
    """The transpose of LANES x LANES floats; byte addresses, and bytes from row to row."""

    def generate(context, builder, signature, given):
        source, row, target, target_row = given
        kind, index = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.IntType(32), LANES)

        def at(start, step, i):
            offset = builder.mul(step, ir.Constant(ir.IntType(64), i))
            return builder.inttoptr(builder.add(start, offset), kind.as_pointer())

        rows = [builder.load(at(source, row, i), align=4, typ=kind) for i in range(LANES)]
        size = 1
        while size < LANES:  # squares of this size change places across the diagonal
            upper = [i if not i & size else LANES + i - size for i in range(LANES)]
            lower = [i + size if not i & size else LANES + i for i in range(LANES)]
            for i in (i for i in range(LANES) if not i & size):
                pair = rows[i], rows[i + size]
                rows[i] = builder.shuffle_vector(*pair, ir.Constant(index, upper))
                rows[i + size] = builder.shuffle_vector(*pair, ir.Constant(index, lower))
            size *= 2
        for i, turned in enumerate(rows):
            builder.store(turned, at(target, target_row, i), align=4)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), generate


@numba.njit(inline="always")
def turn(matrix, row, target, target_row, height, width):
    """The transpose (width, height) of a matrix (height, width)

    matrix, target: byte addresses. row, target_row: floats from one row to the next.
    """
    if height >= LANES and width >= LANES:  # the last squares overlap those before
        for j in range(0, width, LANES):
            j = min(j, width - LANES)
            for i in range(0, height, LANES):
                i = min(i, height - LANES)
                from_, to = matrix + 4 * (i * row + j), target + 4 * (j * target_row + i)
                _turn_square(from_, 4 * row, to, 4 * target_row)
        return
    source, turned = floats(matrix, height * row), floats(target, width * target_row)
    for i in range(height):
        for j in range(width):
            turned[j * target_row + i] = source[i * row + j]
