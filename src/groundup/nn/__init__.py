"""Networks: layers in a chain, and what trains them. Values and pure functions only."""

from groundup.nn import losses, metrics, optimizers, schedules
from groundup.nn.average import Average
from groundup.nn.chain import Chain
from groundup.nn.fuse import Fused, fuse
from groundup.nn.layout import Layout, leaves
from groundup.nn.network import Network, build
from groundup.nn.scaled_loss import ScaledLoss

__all__ = [
    "Average",
    "Chain",
    "Fused",
    "Layout",
    "Network",
    "ScaledLoss",
    "build",
    "fuse",
    "leaves",
    "losses",
    "metrics",
    "optimizers",
    "schedules",
]
