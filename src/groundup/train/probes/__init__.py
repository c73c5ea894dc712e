"""Looking into a network while it learns, without changing a bit of it."""
