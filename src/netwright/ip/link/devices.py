"""How a device that the words name stands in an operation."""


def as_setting(name: str, index: int) -> str | int:
    """Its name; the index for a name of the form `if7`, which ip takes for the device with index 7 when nothing is called so."""
    return index if name[:2] == "if" and name[2:].isdigit() else name
