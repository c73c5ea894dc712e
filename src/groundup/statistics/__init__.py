"""Statistics of comparisons, as pure functions of numbers."""
