"""PyTorch's operator database as a judge: what it tries of our operators, and what it refuses.

- `sample`: a sample, an answer, and the question between both, with the samples it leaves out.
- `elementwise`, `windows`, `losses`: the questions, a table in each.
- `agreement`: the check of values and gradients; `refusals`: the check of error inputs.
"""
