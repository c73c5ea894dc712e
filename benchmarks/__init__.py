"""How fast groundup trains beside the libraries that one would otherwise take.

    python -m benchmarks                 every workload but the sweeps
    python -m benchmarks mlp keras-dnn   those whose names begin so
    python -m benchmarks --list          what there is

- `workloads`: what is timed, as a table; `contestants`: who takes part, as a table.
- `export`: writes a workload's network, weights and images into a folder, the same for everybody.
- `worker`: a process with one contestant; `runner`: asks the workers in turn.
- `peak`: the fastest matrix product of this machine; `tables`: what came of it.

docs/benchmarks.md says how it is measured, and why so.
"""
