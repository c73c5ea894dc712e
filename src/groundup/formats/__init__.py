"""What other libraries have written, and what they can read."""

from groundup.formats.pytorch import load_pytorch_weights

__all__ = ["load_pytorch_weights"]
