"""groundup: deep learning from the ground up.

Every name in `__init__.pyi` can be had as `groundup.NAME`; it is imported when first asked for, so
that `import groundup` costs next to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
