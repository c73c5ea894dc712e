"""The figures of the textbook and of the notes, made again, and each of their claims checked."""
