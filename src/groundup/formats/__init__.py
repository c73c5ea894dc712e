"""What other libraries have written, and what they can read."""

from groundup.formats.onnx_file import onnx_difference, to_onnx
from groundup.formats.onnx_layers import onnx_writer
from groundup.formats.python_script import to_python
from groundup.formats.pytorch import load_pytorch_weights

__all__ = ["load_pytorch_weights", "onnx_difference", "onnx_writer", "to_onnx", "to_python"]
