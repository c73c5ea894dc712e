"""The mathematics beside judges that nobody here wrote."""

from trust.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "numbers.gradients",
        "Every derivative is the numerical one to 1e-8, of each layer, loss and penalty with "
        "options as drawn and of whole networks, and float32 adds no more than rounding.",
        "numbers.gradients:numerical",
        short=540,
        long=3600,
        unit="configurations",
    ),
    Claim(
        "numbers.extremes",
        "At the ends of what numbers can say, from logits of ±1e4 to batches in which nothing "
        "varies, every answer is the exact one or a refusal that names the remedy.",
        "numbers.extremes:named",
        short=913,
        long=913,
    ),
    Claim(
        "numbers.torch-ops",
        "Forward and backward, every operator agrees with PyTorch to 1e-12 on those samples of "
        "PyTorch's own operator database that it can answer; the others are counted by reason.",
        "numbers.torch_ops.agreement:agreement",
        short=1461,
        long=43_830,
        unit="samples",
    ),
    Claim(
        "numbers.torch-errors",
        "Of what PyTorch's operators refuse, all that can be asked here is refused here, too, "
        "before anything is computed.",
        "numbers.torch_ops.refusals:refusals",
        short=47,
        long=47,
        unit="error inputs",
    ),
    Claim(
        "numbers.torch-optimizers",
        "A hundred steps of every optimizer agree with PyTorch to 1e-12 under the same convention, "
        "and the options that PyTorch refuses are refused by their names.",
        "numbers.torch_optimizers:optimizers",
        short=359,
        long=6000,
        unit="configurations",
    ),
    Claim(
        "numbers.keras",
        "Keras's own tests of optimizers, losses, metrics and layers, as far as they ask for what "
        "is here, hold with the values and tolerances that stand in them.",
        "numbers.keras_tests.judging:golden",
        short=165,
        long=165,
        unit="tests",
    ),
    Claim(
        "numbers.keras-live",
        "Step by step every optimizer agrees with Keras on JAX to 1e-12 in float64; in float32 it "
        "is no farther from that path than Keras and 1e-6.",
        "numbers.keras_trajectories:live",
        short=416,
        long=3000,
        unit="configurations",
    ),
)
