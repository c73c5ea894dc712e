"""Modules that the book's scripts expect beside them, for scripts that have lost theirs."""
