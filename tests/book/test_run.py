"""Scripts run unchanged: what they import, where they run, what they leave behind."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from groundup.book import modules, run_script
from groundup.cli import main
from groundup.errors import DataError, InputError

IMPORTS = """
import sys, os
sys.path.append(os.pardir)
from common import functions, gradient, layers, multi_layer_net, multi_layer_net_extend
from common import optimizer, trainer, util
from common.functions import *
from dataset.mnist import load_mnist
print(functions.__name__, layers.Affine.__module__, softmax(np.zeros(2)))
"""

TRAINING = """
import numpy as np
from collections import OrderedDict
from dataset.mnist import load_mnist
from common.layers import *

class Net:
    def __init__(self):
        self.params = {'W1': 0.1 * np.random.randn(784, 20), 'b1': np.zeros(20),
                       'W2': 0.1 * np.random.randn(20, 10), 'b2': np.zeros(10)}
        self.layers = OrderedDict()
        self.layers['Affine1'] = Affine(self.params['W1'], self.params['b1'])
        self.layers['Relu1'] = Relu()
        self.layers['Affine2'] = Affine(self.params['W2'], self.params['b2'])
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def gradient(self, x, t):
        loss = self.last.forward(self.predict(x), t)
        dout = self.last.backward(1)
        for layer in reversed(list(self.layers.values())):
            dout = layer.backward(dout)
        return loss, {'W1': self.layers['Affine1'].dW, 'b1': self.layers['Affine1'].db,
                      'W2': self.layers['Affine2'].dW, 'b2': self.layers['Affine2'].db}

(x, t), (x_test, t_test) = load_mnist(one_hot_label=True)
net = Net()
for i in range(150):
    batch = np.random.choice(len(x), 100)
    loss, grads = net.gradient(x[batch], t[batch])
    for key in grads:
        net.params[key] -= 0.3 * grads[key]
    if i % 50 == 0:
        print(loss)
print(np.mean(np.argmax(net.predict(x_test), axis=1) == t_test.argmax(axis=1)))
"""


def pixels(path):
    """The picture in gray."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"))


def test_the_books_modules_are_ours_even_beside_the_books_own(script, tmp_path):
    for folder in ("common", "dataset"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("raise SystemExit('the wrong one')")
    out = script(IMPORTS)
    assert out == "groundup.book.common.functions groundup.book.common.layers [0.5 0.5]\n"


def test_a_network_of_the_scripts_own_learns(script, small_mnist):
    lines = script(TRAINING).splitlines()
    assert float(lines[0]) > 2 and float(lines[2]) < 0.5
    assert float(lines[-1]) > 0.97


def test_seeds(script, small_mnist):
    text = TRAINING + "\nfrom common.util import shuffle_dataset"
    text += "\nfrom common.multi_layer_net import MultiLayerNet"
    text += "\nprint(shuffle_dataset(x, t)[0].sum(axis=1)[:3])"
    text += "\nprint(MultiLayerNet(784, [10], 10).params['W1'][:2, :2], np.random.rand(2))"
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    script(text)
    first, again, other = (script(text, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert all(a != b for a, b in zip(first.splitlines()[:1], other.splitlines(), strict=False))
    assert first.splitlines()[-4:] != other.splitlines()[-4:]
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    with pytest.raises(InputError, match="seed=-1: expected 0 <= seed"):
        script("", seed=-1)


def test_arguments_folder_and_name(script, tmp_path):
    before = sys.argv, Path.cwd(), list(sys.path), list(sys.meta_path)
    out = script(
        "import os, sys\nprint(__name__, os.path.dirname(__file__) == os.getcwd(), sys.argv[1:])"
        "\nprint(sys.argv[0] == __file__, os.path.basename(os.getcwd()))",
        "--epochs", "3",
    )  # fmt: skip
    assert out == "__main__ True ['--epochs', '3']\nTrue ch00\n"
    assert (sys.argv, Path.cwd(), sys.path, sys.meta_path) == before


def test_neighbors_are_the_scripts_own_and_leave_with_it(script, tmp_path):
    own = tmp_path / "ch00" / "two_layer_net.py"
    ask = "from two_layer_net import TwoLayerNet\nprint(TwoLayerNet.__module__)"
    assert script(ask) == "groundup.book.siblings.two_layer_net\n"
    own.write_text("import pickle\nclass TwoLayerNet: pass\nprint(pickle.__name__)")
    assert script(ask) == "groundup.book.pickles\ntwo_layer_net\n"
    assert "two_layer_net" not in sys.modules and "common.layers" not in sys.modules
    own.unlink()
    assert script(ask) == "groundup.book.siblings.two_layer_net\n"


def test_a_library_below_the_scripts_folder_stays_a_library(script, tmp_path):
    library = tmp_path / "ch00" / "env" / "site-packages"
    library.mkdir(parents=True)
    (library / "some_library.py").write_text("import pickle\nname = pickle.__name__")
    ask = f"import sys\nsys.path.append({str(library)!r})\nimport some_library, pickle\n"
    out = script(ask + "print(some_library.name, pickle.__name__)")
    assert out == "pickle groundup.book.pickles\n"
    del sys.modules["some_library"]


def test_all_networks_are_there(script):
    out = script(
        "from simple_convnet import SimpleConvNet\nfrom deep_convnet import DeepConvNet\n"
        "print(len(SimpleConvNet().params), len(DeepConvNet().params))"
    )
    assert out == "6 16\n"


def test_a_module_that_nobody_has(script):
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        script("import no_such_module")


def test_a_scripts_pickle_is_the_careful_one(script, tmp_path):
    import pickle

    (tmp_path / "ch00" / "evil.pkl").write_bytes(pickle.dumps(os.getcwd))
    keep = "import pickle, numpy as np\nwith open('w.pkl', 'wb') as f:\n"
    keep += "    pickle.dump({'W1': np.ones(2)}, f)\n"
    read = "with open('{}.pkl', 'rb') as f:\n    print(pickle.load(f))\n"
    assert script(keep + read.format("w")) == "{'W1': array([1., 1.])}\n"
    with pytest.raises(DataError, match=r"asks for posix\.getcwd"):
        script("import pickle\n" + read.format("evil"))
    assert sys.modules["pickle"] is pickle


def test_figures_become_files(script, tmp_path):
    pytest.importorskip("matplotlib")
    text = (
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2, 4])\nplt.show()\n"
        "plt.figure()\nplt.plot([4, 2])\nplt.figure(figsize=(2, 1))\nplt.show()\n"
        "print(plt.get_fignums())"
    )
    for _ in range(2):
        assert script(text, name="curve") == "[]\n"
    files = sorted((tmp_path / "figures").iterdir())
    assert [file.name for file in files] == ["curve-1.png", "curve-2.png", "curve-3.png"]
    first, last = (pixels(tmp_path / "figures" / f"curve-{n}.png") for n in (1, 3))
    assert first.shape == (480, 640) and last.shape == (100, 200)
    assert (first < 128).sum() > 1000  # axes and a line


def test_pictures_become_files_too(script, tmp_path):
    script(
        "from PIL import Image\nimport numpy as np\n"
        "Image.fromarray(np.full((4, 6), 77, np.uint8)).show()"
    )
    assert pixels(tmp_path / "figures" / "script-1.png").tolist() == [[77] * 6] * 4


def test_without_matplotlib_the_extra_is_named(script, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(InputError, match=r'needs matplotlib.*pip install "groundup\[book\]"'):
        script("import matplotlib.pyplot as plt")


def test_with_a_display_figures_are_left_alone(script, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    ask = "import os; print(os.environ.get('MPLBACKEND'))"
    assert script(ask, out=None) == "None\n"
    assert script(ask) == "module://groundup.book.backend\n"


def test_what_cannot_be_run(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        run_script(tmp_path / "nothing.py")
    (tmp_path / "bad.py").write_text("def f(:")
    with pytest.raises(InputError, match="is not a Python script"):
        run_script(tmp_path / "bad.py")


def test_a_script_that_fails_leaves_all_in_order(script):
    before = Path.cwd(), list(sys.path), dict(os.environ)
    with pytest.raises(ZeroDivisionError):
        script("from common.layers import *\n1 / 0")
    assert (Path.cwd(), sys.path, dict(os.environ)) == before
    assert "common" not in sys.modules


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hello.py"
    path.write_text("import sys\nfrom common.functions import *\nprint(np.pi > 3, sys.argv[1:])")
    assert main(["book", "run", "hello.py", "--seed", "1", "--", "-v", "x"]) == 0
    assert capsys.readouterr().out == "True ['-v', 'x']\n"
    path.write_text("raise SystemExit(5)")
    assert main(["book", "run", "hello.py"]) == 5
    assert main(["book", "run", "other.py"]) == 2
    assert "other.py. Did you mean 'hello.py'?" in capsys.readouterr().err
    assert main(["book", "run", "hello.py", "--seed", "-1"]) == 2


def test_everything_that_is_promised_is_there():
    room = Path(modules.__file__).parent
    for name in (*modules.ALWAYS, *(f"siblings/{name}" for name in modules.IF_MISSING)):
        path = room / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file()
