"""Networks: layers in a chain, and what trains them. Values and pure functions only."""

from groundup.nn import losses, metrics, optimizers, schedules
from groundup.nn.chain import Chain
from groundup.nn.fuse import Fused, fuse
from groundup.nn.layout import Layout, leaves
from groundup.nn.network import Network, build

__all__ = [
    "Chain",
    "Fused",
    "Layout",
    "Network",
    "build",
    "fuse",
    "leaves",
    "losses",
    "metrics",
    "optimizers",
    "schedules",
]
