"""The computational graph: calculating with variables that remember, forward and backward.

A graph to look into, step by step, and to draw (`report.graph_picture`, `report.graph_steps`).
Networks are not trained with it: the library's layers have their backward written by hand, and the
graphs in `textbook` show that it is the same mathematics.   [Saito 2016, chapter 5]
"""

from groundup.layers.graph import textbook
from groundup.layers.graph.functions import exp, log, maximum, relu, sigmoid, tanh
from groundup.layers.graph.layered import of_layers
from groundup.layers.graph.operations import Operation, elementwise
from groundup.layers.graph.story import Flow, flows, numerical
from groundup.layers.graph.variable import Variable, apply, topological

__all__ = [
    "Flow",
    "Operation",
    "Variable",
    "apply",
    "elementwise",
    "exp",
    "flows",
    "log",
    "maximum",
    "numerical",
    "of_layers",
    "relu",
    "sigmoid",
    "tanh",
    "textbook",
    "topological",
]
