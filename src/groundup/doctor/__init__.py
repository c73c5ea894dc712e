"""The doctor: what is wrong with a network that does not learn, and what would help."""
