"""Named cases at the ends of what numbers can say, each with the value it must have."""
