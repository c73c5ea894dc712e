"""The networks of the book and the notes, by name, for inputs of any fitting shape.

`classes` is the number of outputs of a classifier, which ends in softmax; 0 asks for regression,
`values` outputs as they are. Dense networks take anything and flatten images first. Convolutional
ones take images (C, H, W), with poolings that leave out a last odd row or column.

>>> model = zoo.resolve({"name": "multi-layer", "units": 50, "depth": 2})
>>> [layer.kind for layer in model.layers((1, 28, 28), classes=10)]
['flatten', 'dense', 'dense', 'dense']
"""

from groundup.nn.zoo.convolutional import DeepConvNet, SimpleConvNet
from groundup.nn.zoo.dense import KerasDNN, MultiLayer, TwoLayer
from groundup.nn.zoo.model import Model, zoo

__all__ = ["DeepConvNet", "KerasDNN", "Model", "MultiLayer", "SimpleConvNet", "TwoLayer", "zoo"]
