"""The micro-kernel: a block of a matrix product that stays in the vector registers.

    C[i, :] = max(C0[i, :] + Σᵣ Σₖ A[r, i, k] · B[r, k, :], floor)      i < m, r < R, k < K

A's numbers are broadcast one by one, B's rows are loaded as vectors, the sums never leave the
registers until they are complete. All strides are free, so that one tile serves a dense layer and
the three products of a convolution: an image's rows are just another stride (r), the values of a
window's row lie side by side (k), and neither im2col nor a transposed copy is ever made.

It is written as a Numba intrinsic: Python that emits LLVM instructions. C0 with a row stride of 0
is a bias; floor = 0 is a ReLU, floor = -∞ nothing. The last vector is masked: any width will do.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from groundup.ops.cpu.host import tile_shape
from groundup.ops.cpu.memory import intrinsic

LANES, COLUMNS, ROWS = tile_shape()

_F32, _I32, _I64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
_VECTOR = ir.VectorType(_F32, LANES)
_INDEX = ir.VectorType(_I32, LANES)
_MASK = ir.VectorType(ir.IntType(1), LANES)


def _i64(value: int) -> ir.Constant:
    return ir.Constant(_I64, value)


class _Emitter:
    """Writes the instructions of one tile of `rows` x `columns` vectors."""

    def __init__(self, builder: Any, rows: int, columns: int, tail: Any) -> None:
        self.builder, self.rows, self.columns = builder, rows, columns
        lanes = ir.Constant(_INDEX, list(range(LANES)))
        count = self.splat(builder.trunc(tail, _I32), _INDEX)
        self.mask = builder.icmp_unsigned("<", lanes, count)

    def splat(self, value: Any, kind: ir.VectorType) -> Any:
        undefined = ir.Constant(kind, ir.Undefined)
        one = self.builder.insert_element(undefined, value, ir.Constant(_I32, 0))
        zeros = ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES)
        return self.builder.shuffle_vector(one, undefined, zeros)

    def intrinsic(self, name: str, result: Any, arguments: Sequence[Any]) -> Any:
        kind = ir.FunctionType(result, arguments)
        return cgutils.get_or_insert_function(self.builder.module, kind, name)

    def pointer(self, address: Any, column: int) -> Any:
        moved = self.builder.add(address, _i64(4 * LANES * column))
        return self.builder.inttoptr(moved, _VECTOR.as_pointer())

    def load(self, address: Any, column: int) -> Any:
        """A vector of B or C0; the last one of a row masked."""
        pointer = self.pointer(address, column)
        if column < self.columns - 1:
            return self.builder.load(pointer, align=4, typ=_VECTOR)
        arguments = [_VECTOR.as_pointer(), _I32, _MASK, _VECTOR]
        load = self.intrinsic(f"llvm.masked.load.v{LANES}f32.p0", _VECTOR, arguments)
        zeros = ir.Constant(_VECTOR, [0.0] * LANES)
        return self.builder.call(load, [pointer, ir.Constant(_I32, 4), self.mask, zeros])

    def store(self, value: Any, address: Any, column: int) -> None:
        """A vector of C; the last one of a row masked."""
        pointer = self.pointer(address, column)
        if column < self.columns - 1:
            self.builder.store(value, pointer, align=4)
            return
        arguments = [_VECTOR, _VECTOR.as_pointer(), _I32, _MASK]
        store = self.intrinsic(f"llvm.masked.store.v{LANES}f32.p0", ir.VoidType(), arguments)
        self.builder.call(store, [value, pointer, ir.Constant(_I32, 4), self.mask])

    def each(self, make: Any) -> list[list[Any]]:
        return [[make(i, v) for v in range(self.columns)] for i in range(self.rows)]

    def multiply_add(self, a: Any, a_row: Any, b: Any, sums: list[list[Any]]) -> list[list[Any]]:
        """sums + A[:, k] · B[k, :]"""
        builder = self.builder
        fma = self.intrinsic(f"llvm.fma.v{LANES}f32", _VECTOR, [_VECTOR] * 3)
        row_of_b = [self.load(b, v) for v in range(self.columns)]
        after = []
        for i in range(self.rows):
            address = builder.add(a, builder.mul(a_row, _i64(i)))
            number = builder.load(builder.inttoptr(address, _F32.as_pointer()), align=4, typ=_F32)
            x = self.splat(number, _VECTOR)
            after.append(
                [builder.call(fma, [x, y, s]) for y, s in zip(row_of_b, sums[i], strict=True)]
            )
        return after


def _emit(builder: Any, rows: int, columns: int, arguments: Sequence[Any]) -> None:
    """Two nested loops, over r and k, around one `multiply_add`; then floor and store."""
    a, a_row, a_k, a_r, b, b_k, b_r, c0, c0_row, c, c_row, K, R, tail, floor = arguments
    tile = _Emitter(builder, rows, columns, tail)
    first = tile.each(lambda i, v: tile.load(builder.add(c0, builder.mul(c0_row, _i64(i))), v))
    entry = builder.block
    outer, inner, leave, end = (
        builder.append_basic_block(name) for name in ("outer", "inner", "leave", "end")
    )
    builder.branch(outer)

    builder.position_at_end(outer)
    r, a_outer, b_outer = (builder.phi(_I64) for _ in range(3))
    before = tile.each(lambda i, v: builder.phi(_VECTOR))
    builder.branch(inner)

    builder.position_at_end(inner)
    k, a_inner, b_inner = (builder.phi(_I64) for _ in range(3))
    sums = tile.each(lambda i, v: builder.phi(_VECTOR))
    after = tile.multiply_add(a_inner, a_row, b_inner, sums)
    k_next = builder.add(k, _i64(1))
    moved = (k_next, builder.add(a_inner, a_k), builder.add(b_inner, b_k))
    _join((k, a_inner, b_inner), (_i64(0), a_outer, b_outer), outer, moved, inner)
    tile.each(lambda i, v: _join(sums[i][v], before[i][v], outer, after[i][v], inner))
    builder.cbranch(builder.icmp_signed("<", k_next, K), inner, leave)

    builder.position_at_end(leave)
    r_next = builder.add(r, _i64(1))
    moved = (r_next, builder.add(a_outer, a_r), builder.add(b_outer, b_r))
    _join((r, a_outer, b_outer), (_i64(0), a, b), entry, moved, leave)
    tile.each(lambda i, v: _join(before[i][v], first[i][v], entry, after[i][v], leave))
    builder.cbranch(builder.icmp_signed("<", r_next, R), outer, end)

    builder.position_at_end(end)
    lowest = tile.splat(floor, _VECTOR)
    for i in range(rows):
        row = builder.add(c, builder.mul(c_row, _i64(i)))
        for v in range(columns):
            y = after[i][v]
            below = builder.fcmp_ordered("<", y, lowest)  # false for NaN, which stays
            tile.store(builder.select(below, lowest, y), row, v)


def _join(phis: Any, first: Any, came_from: Any, later: Any, looped_from: Any) -> None:
    """The two values of each phi: on entry and after a round of the loop."""
    if not isinstance(phis, tuple):
        phis, first, later = (phis,), (first,), (later,)
    for phi, start, next_value in zip(phis, first, later, strict=True):
        phi.add_incoming(start, came_from)
        phi.add_incoming(next_value, looped_from)


@intrinsic
def tile(
    context, columns, rows, a, a_row, a_k, a_r, b, b_k, b_r, c0, c0_row, c, c_row, K, R, tail, floor
):
    """One tile of `rows` (1 … ROWS) by `columns` (1 … COLUMNS) vectors, `tail` lanes in the last.

    a, b, c0, c: byte addresses. Strides in floats: a_row, c0_row, c_row from row to row; a_k, b_k
    from k to k + 1; a_r, b_r from r to r + 1. K, R >= 1.
    """
    signature = types.void(*[types.intp] * 16, types.float32)

    def generate(target, builder, signature, given):
        columns, rows, *arguments = given
        strides = (1, 2, 3, 5, 6, 8, 10)
        for place in strides:
            arguments[place] = builder.mul(arguments[place], _i64(4))
        done = builder.append_basic_block("done")
        which = builder.add(builder.mul(columns, _i64(ROWS + 1)), rows)
        choice = builder.switch(which, done)
        for width in range(1, COLUMNS + 1):
            for height in range(1, ROWS + 1):
                block = builder.append_basic_block(f"tile_{height}x{width}")
                choice.add_case(_i64(width * (ROWS + 1) + height), block)
                builder.position_at_end(block)
                _emit(builder, height, width, arguments)
                builder.branch(done)
        builder.position_at_end(done)
        return target.get_dummy_value()

    return signature, generate
