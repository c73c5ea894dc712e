"""The end of a training step: softmax and cross-entropy with its gradient, and what to report."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
import numpy as np

from groundup.ops.cpu.exponential import exp
from groundup.ops.cpu.memory import doubles, floats, integers, kernel, number, words
from groundup.ops.tape import Slot, Untraceable, Value

_ALL = 1 << 40  # numbers: as many as there are
BLOCK = 16_384  # numbers looked through at a time


def cross_entropy_step(z: Value, smoothing: float) -> tuple[Value, Value, Value]:
    """Loss of each sample, dL/dz, and 1 where the largest logit is the right one

        lossₙ = -Σₖ tₙₖ log softmax(zₙ)ₖ    dz = (softmax(z) - t) · scaleₙ

    z: (N, C). Told for each run: where "labels" (int64) and "weights" (float32, or 0 for none) of
    the batch lie, and "scale", 1/N.
    """
    N, C = z.shape
    tape = z.tape
    each, right, dz = tape.value((N, 1)), tape.value((N, 1)), tape.value((N, C))
    numbers = (C, float(smoothing), Slot("labels"), Slot("weights"), Slot("scale"))
    tape.emit(_cross_entropy, [z], [each, dz, right], *numbers, over="samples", moved=8 * z.size)
    return each, dz, right


def softmax(z: Value) -> Value:
    """As `ops.reference.softmax.softmax`, rows of (N, C)."""
    if z.ndim != 2:
        raise Untraceable(f"softmax over the last axis of {z.shape}")
    N, C = z.shape
    y = z.tape.value((N, C))
    z.tape.emit(_softmax, [z], [y], C, over="samples", moved=6 * z.size)
    return y


def total(each: Value, weighted: bool = False) -> Value:
    """(1,) float64: the sum over samples, each times its weight if "weights" are told."""
    made = each.tape.value((1,), item=8)
    N = each.shape[0]
    weights = Slot("weights") if weighted else 0
    each.tape.emit(_total, [each], [made], N, weights, over=1, moved=N)
    return made


def largest_bits(vector: Value) -> Value:
    """The largest bits of |vᵢ|, by blocks: 0x7F800000 or more where one is not finite."""
    blocks = -(-vector.size // BLOCK)
    made = vector.tape.value((blocks,))
    vector.tape.emit(_largest, [vector], [made], vector.size, over=blocks, moved=vector.size)
    return made


@kernel
def _cross_entropy(w, first, end, slot):
    w = words(w)
    C, smoothing = w[16], number(w[17])
    labels, weights, scale = words(w[18]), w[19], number(w[20])
    base = smoothing / np.float32(C)
    for n in range(first, end):
        z, dz = floats(w[0] + n * w[1], C), floats(w[8] + n * w[9], C)
        label = labels[n]
        best = z[0]
        place = 0
        known = True
        for k in range(C):
            if z[k] > best:
                best, place = z[k], k
            known &= z[k] == z[k]
        norm = np.float32(0)
        for k in range(C):
            dz[k] = exp(z[k] - best)
        for k in range(C):
            norm += dz[k]
        log_norm = np.float32(np.log(np.float64(norm)))
        factor = scale
        if weights != 0:
            factor *= floats(weights, _ALL)[n]
        loss = np.float32(0)
        for k in range(C):
            t = base + (np.float32(1) - smoothing if k == label else np.float32(0))
            if t != 0:
                loss += t * (log_norm - (z[k] - best))  # best + log_norm would lose the latter
            dz[k] = (dz[k] / norm - t) * factor
        floats(w[4] + n * w[5], 1)[0] = loss if known else np.float32(np.nan)
        floats(w[12] + n * w[13], 1)[0] = (
            np.float32(1) if place == label and known else np.float32(0)
        )


@kernel
def _softmax(w, first, end, slot):
    w = words(w)
    C = w[8]
    for n in range(first, end):
        z, y = floats(w[0] + n * w[1], C), floats(w[4] + n * w[5], C)
        best = z[0]
        for k in range(C):
            if z[k] > best or z[k] != z[k]:
                best = z[k]
        norm = np.float32(0)
        for k in range(C):
            y[k] = exp(z[k] - best)
        for k in range(C):
            norm += y[k]
        for k in range(C):
            y[k] /= norm


@kernel
def _total(w, first, end, slot):
    w = words(w)
    N, weights = w[8], w[9]
    each = floats(w[0], N)
    total = 0.0
    for n in range(N):
        v = np.float64(each[n])
        if weights != 0:
            v *= np.float64(floats(weights, _ALL)[n])
        total += v
    doubles(w[4], 1)[0] = total


@kernel
def _largest(w, first, end, slot):
    w = words(w)
    size = w[8]
    made = integers(w[4], end)
    for block in range(first, end):
        begin = block * BLOCK
        bits = integers(w[0] + 4 * begin, BLOCK)
        largest = np.int32(0)
        for i in range(min(BLOCK, size - begin)):
            largest = max(largest, bits[i] & np.int32(0x7FFFFFFF))
        made[block] = largest
