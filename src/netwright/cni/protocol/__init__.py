"""The CNI protocol, versions 0.1.0 to 1.1.0, as values: a call with its configuration, a result, an error.

Source: SPEC.md of CNI 1.1.0. Nothing here acts; cni/main.py reads the process's environment and input and answers.
"""

from .call import Call
from .config import Config
from .errors import CniError
from .result import Address, Dns, Interface, Result, Route
from .section import Section

__all__ = ["Address", "Call", "CniError", "Config", "Dns", "Interface", "Result", "Route", "Section"]
