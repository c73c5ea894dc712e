"""How often the doctor is right: trainings with a planted fault, and healthy ones.

    python -m benchmarks.faults                     both halves; cases are kept in build/faults
    python -m benchmarks.faults --half tuning       the half on which thresholds are set
    python -m benchmarks.faults --half judged --prove   and the prescriptions tried
    python -m benchmarks.faults --only plateau healthy

- `initial_values`, `signals`, `steps`, `capacity`, `samples`: the faults, a row each: a sound
  training, and what is done to it; `healthy`: trainings with nothing wrong.
- `setups`: networks and settings in few words; `plants`, `validations`: what is done to data.
- `fault`, `faults`: what a fault is; all of them.
- `cases`: observes them, once; `judge`: counts; `proofs`: tries prescriptions; `harm`: what a fault
  does to its training; `tables`: all of it in Markdown.

docs/doctor.md says how it is made, and shows the tables.
"""
