"""Pooling by windows of 2x2, in whole vectors of channels.

The loops that the compiler makes of `pooling` by itself spend their time on the few channels that
do not fill a vector; here the last vector is masked, as in the tile.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from groundup.ops.cpu.memory import intrinsic
from groundup.ops.cpu.tile import LANES

_F32, _I8, _I32, _I64 = ir.FloatType(), ir.IntType(8), ir.IntType(32), ir.IntType(64)
_KINDS = {"f32": ir.VectorType(_F32, LANES), "i8": ir.VectorType(_I8, LANES)}
_INDEX = ir.VectorType(_I32, LANES)


class _Lanes:
    """Loads and stores of the first `count` lanes, or of all where `count` is None."""

    def __init__(self, builder: Any, count: Any) -> None:
        self.builder, self.count = builder, count
        if count is not None:
            lanes = ir.Constant(_INDEX, list(range(LANES)))
            self.mask = builder.icmp_unsigned("<", lanes, self.splat(count, _INDEX))

    def splat(self, value: Any, kind: ir.VectorType) -> Any:
        undefined = ir.Constant(kind, ir.Undefined)
        one = self.builder.insert_element(undefined, value, ir.Constant(_I32, 0))
        zeros = ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES)
        return self.builder.shuffle_vector(one, undefined, zeros)

    def load(self, address: Any, name: str = "f32") -> Any:
        kind = _KINDS[name]
        pointer = self.builder.inttoptr(address, kind.as_pointer())
        if self.count is None:
            return self.builder.load(pointer, align=1, typ=kind)
        arguments = [kind.as_pointer(), _I32, self.mask.type, kind]
        function = self._intrinsic(f"llvm.masked.load.v{LANES}{name}.p0", kind, arguments)
        nothing = ir.Constant(kind, None)
        return self.builder.call(function, [pointer, ir.Constant(_I32, 1), self.mask, nothing])

    def store(self, value: Any, address: Any, name: str = "f32") -> None:
        kind = _KINDS[name]
        pointer = self.builder.inttoptr(address, kind.as_pointer())
        if self.count is None:
            self.builder.store(value, pointer, align=1)
            return
        arguments = [kind, kind.as_pointer(), _I32, self.mask.type]
        name = f"llvm.masked.store.v{LANES}{name}.p0"
        function = self._intrinsic(name, ir.VoidType(), arguments)
        self.builder.call(function, [value, pointer, ir.Constant(_I32, 1), self.mask])

    def _intrinsic(self, name: str, result: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(result, arguments)
        return cgutils.get_or_insert_function(self.builder.module, kind, name)


def _whole_or_part(builder: Any, count: Any, emit: Any) -> None:
    """`emit` for all lanes, or, where fewer are left, for those."""
    full = builder.icmp_signed(">=", count, ir.Constant(_I64, LANES))
    with builder.if_else(full) as (whole, part):
        with whole:
            emit(_Lanes(builder, None))
        with part:
            emit(_Lanes(builder, builder.trunc(count, _I32)))


def _places(builder: Any, row: Any, pixel: Any, k: Any, KW: Any) -> list[tuple[Any, Any]]:
    """(bytes from the corner, place in the window) of the four, in their order."""
    one, k, KW = ir.Constant(_I8, 1), builder.trunc(k, _I8), builder.trunc(KW, _I8)
    below = builder.add(k, KW)
    return [
        (ir.Constant(_I64, 0), k),
        (pixel, builder.add(k, one)),
        (row, below),
        (builder.add(row, pixel), builder.add(below, one)),
    ]


@intrinsic
def best_of_four(context, corner, row, pixel, k, KW, y, place, count):
    """The largest of four pixels and its place, for the first `count` channels, at most LANES

    corner, y, place: byte addresses. row, pixel: bytes to the next of each. k: the corner's place
    in a window of KW columns. The first of equals wins; a NaN beats every number.
    """

    def generate(context, builder, signature, given):
        corner, row, pixel, k, KW, y, place, count = given
        four = _places(builder, row, pixel, k, KW)

        def emit(lanes):
            best = at = None
            for offset, where in four:
                value = lanes.load(builder.add(corner, offset))
                here = lanes.splat(where, _KINDS["i8"])
                if best is None:
                    best, at = value, here
                    continue
                larger = builder.fcmp_ordered(">", value, best)
                unknown = builder.fcmp_unordered("uno", value, value)
                known = builder.fcmp_ordered("ord", best, best)
                wins = builder.or_(larger, builder.and_(unknown, known))
                best, at = builder.select(wins, value, best), builder.select(wins, here, at)
            lanes.store(best, y)
            lanes.store(at, place, "i8")

        _whole_or_part(builder, count, emit)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 8), generate


@intrinsic
def to_the_winner(context, corner, row, pixel, k, KW, dy, place, gate, count):
    """dy to the one of four pixels that won, 0 to the others; arguments as `best_of_four`

    gate: where the four's largest value lies, if dy shall only pass where it is positive, or 0.
    """

    def generate(context, builder, signature, given):
        corner, row, pixel, k, KW, dy, place, gate, count = given
        gated = builder.icmp_signed("!=", gate, ir.Constant(_I64, 0))
        gate = builder.select(gated, gate, dy)  # somewhere to read from
        four = _places(builder, row, pixel, k, KW)

        def emit(lanes):
            value, won = lanes.load(dy), lanes.load(place, "i8")
            zeros = ir.Constant(_KINDS["f32"], None)
            positive = builder.fcmp_ordered(">", lanes.load(gate), zeros)
            open_ = builder.or_(positive, lanes.splat(builder.not_(gated), positive.type))
            value = builder.select(open_, value, zeros)
            for offset, where in four:
                here = builder.icmp_unsigned("==", won, lanes.splat(where, _KINDS["i8"]))
                lanes.store(builder.select(here, value, zeros), builder.add(corner, offset))

        _whole_or_part(builder, count, emit)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 9), generate
