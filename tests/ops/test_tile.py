"""The micro-kernel by itself: the instructions that it writes, run beside NumPy's product."""

import ctypes

import llvmlite.binding as llvm
import numpy as np
import pytest
from llvmlite import ir

from groundup.ops.cpu.tile import COLUMNS, LANES, ROWS, _emit

WORD, FLOAT = ir.IntType(64), ir.FloatType()
SIZES = sorted({(1, 1), (1, COLUMNS), (ROWS, 1), (ROWS, COLUMNS)})


@pytest.fixture(scope="module", params=SIZES, ids=str)
def tile(request):
    """(rows, columns, a function of one tile of that size), compiled for this machine."""
    rows, columns = request.param
    module = ir.Module()
    kind = ir.FunctionType(ir.VoidType(), [WORD] * 14 + [FLOAT])
    function = ir.Function(module, kind, "tile")
    builder = ir.IRBuilder(function.append_basic_block())
    _emit(builder, rows, columns, function.args)
    builder.ret_void()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten()
    )
    with llvm.create_mcjit_compiler(parsed, machine) as engine:
        engine.finalize_object()
        types = [ctypes.c_int64] * 14 + [ctypes.c_float]
        call = ctypes.CFUNCTYPE(None, *types)(engine.get_function_address("tile"))
        yield rows, columns, call


def carried_out(tile, A, B, C0, tail, floor):
    """C (rows, columns * LANES), NaN where nothing was written; the strides are those in memory."""
    rows, columns, call = tile
    C = np.full((rows, columns * LANES), np.nan, np.float32)
    a_r, a_row, a_k = A.strides
    b_r, b_k, _ = B.strides
    call(
        A.ctypes.data, a_row, a_k, a_r, B.ctypes.data, b_k, b_r, C0.ctypes.data, C0.strides[0],
        C.ctypes.data, C.strides[0], A.shape[2], A.shape[0], tail, floor,
    )  # fmt: skip
    return C


@pytest.mark.parametrize(("R", "K"), [(1, 1), (1, 7), (3, 1), (3, 5)])
@pytest.mark.parametrize("tail", sorted({1, LANES // 2, LANES}))
def test_a_tile_is_a_sum_of_products(tile, R, K, tail):
    rows, columns, _ = tile
    width = (columns - 1) * LANES + tail
    rng = np.random.default_rng(R * K)
    # Wider in memory than it is taken, and A turned: all strides are free.
    A = rng.standard_normal((R, K + 2, rows + 1)).astype("f").transpose(0, 2, 1)[:, :rows, :K]
    B = rng.standard_normal((R, K + 1, columns * LANES)).astype("f")[:, :K]
    C0 = rng.standard_normal((rows, columns * LANES)).astype("f")
    for bias, floor in ((C0, -np.inf), (C0, 0.0), (np.broadcast_to(C0[:1], C0.shape), 0.25)):
        C = carried_out(tile, A, B, bias, tail, floor)
        exact = bias + np.einsum("rik,rkj->ij", A.astype(float), B.astype(float))
        wanted = np.maximum(exact, floor)[:, :width]
        np.testing.assert_allclose(C[:, :width], wanted, rtol=1e-5, atol=1e-5)
        assert np.isnan(C[:, width:]).all()  # behind its last lane nothing is written


def test_nan_is_no_number_below_the_floor(tile):
    rows, columns, _ = tile
    A = np.ones((1, rows, 1), np.float32)
    A[0, -1] = np.nan
    B, C0 = np.ones((1, 1, columns * LANES), "f"), np.zeros((rows, columns * LANES), "f")
    C = carried_out(tile, A, B, C0, LANES, 0.0)
    assert np.isnan(C[-1]).all()
    assert (C[:-1] == 1).all()
