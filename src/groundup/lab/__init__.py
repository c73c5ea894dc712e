"""The laboratory: techniques compared fairly, over seeds.

- `plan`: what is compared, as data; `methods`: each one checked against the data.
- `tuning`: which learning rate suits a method; `runs`: the trainings, each done once.
- `standing`: who is better, and who cannot be told apart; `comparison`: all of it together.
- `page`, `tables`: what a reader gets.
"""

from groundup.lab.comparing import compare, resume
from groundup.lab.comparison import Comparison

__all__ = ["Comparison", "compare", "resume"]
