"""JSON as the model reads and writes it."""

from ...model.jsontext import Twice, read, write

__all__ = ["Twice", "read", "write"]
