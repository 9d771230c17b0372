"""netwright: Linux network namespaces and the container networks made of them."""

__version__ = "0.1.0"
