"""A PyTorch network and ours with its weights say the same."""

import numpy as np
import pytest

import groundup as gu
from groundup.formats import load_pytorch_weights

torch = pytest.importorskip("torch")
nn = torch.nn


def shaken(net):
    """With running statistics and slopes that are not those of the beginning."""
    torch.manual_seed(0)
    net.train()
    for _ in range(5):
        net(torch.randn(16, 1, 12, 12) * 2 + 1)
    return net.eval()


def convolutional():
    theirs = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, bias=False), nn.PReLU(8), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(32, 20), nn.BatchNorm1d(20), nn.PReLU(), nn.Dropout(0.3),
        nn.Linear(20, 4),
    )  # fmt: skip
    ours = gu.Sequential(
        [
            gu.Conv2D(6, 3, padding=1), gu.BatchNormalization(), gu.ReLU(), gu.MaxPooling2D(2),
            gu.Conv2D(8, 3, use_bias=False), gu.PReLU(), gu.AveragePooling2D(2),
            gu.Flatten(), gu.Dense(20), gu.BatchNormalization(), gu.PReLU(shared=True),
            gu.Dropout(0.3), gu.Dense(4),
        ]
    )  # fmt: skip
    return theirs, ours


def multi_layer():
    layers = [nn.Flatten(), nn.Linear(144, 30), nn.ReLU()]
    for _ in range(11):
        layers += [nn.Linear(30, 30), nn.ReLU()]
    theirs = nn.Sequential(*layers, nn.Linear(30, 4))
    return theirs, gu.Sequential([gu.Flatten(), *[gu.Dense(30, "relu")] * 12, gu.Dense(4)])


@pytest.mark.parametrize("make", [convolutional, multi_layer])
@pytest.mark.parametrize("file", [True, False])
def test_the_same_answers(make, file, tmp_path):
    theirs, ours = make()
    theirs = shaken(theirs)
    ours.build((1, 12, 12))
    source = theirs.state_dict()
    if file:
        from safetensors.torch import save_file

        save_file(source, tmp_path / "net.safetensors")
        source = tmp_path / "net.safetensors"
    load_pytorch_weights(ours, source)
    x = np.random.default_rng(0).standard_normal((7, 1, 12, 12)).astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(ours.predict(x), expected, rtol=1e-4, atol=1e-5)
    assert np.abs(expected).max() > 0.01


def test_a_type_that_numpy_lacks(tmp_path):
    from safetensors.torch import save_file

    theirs = nn.Linear(3, 2).bfloat16()
    ours = gu.Sequential([gu.Dense(2, input_shape=(3,))])
    with pytest.raises(gu.errors.DataError, match="float"):
        load_pytorch_weights(ours, theirs.state_dict())
    save_file(theirs.state_dict(), tmp_path / "half.safetensors")
    load_pytorch_weights(ours, tmp_path / "half.safetensors")  # where it is spelled out
    expected = theirs.weight.detach().float().numpy().T
    np.testing.assert_array_equal(ours.params["dense_1"]["W"], expected)
    save_file(theirs.half().state_dict(), tmp_path / "half.safetensors")
    load_pytorch_weights(ours, tmp_path / "half.safetensors")
    expected = theirs.half().weight.detach().numpy().T
    np.testing.assert_array_equal(ours.params["dense_1"]["W"], expected)
