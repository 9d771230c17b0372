"""podman's side: programs that it accepts as its netavark and its aardvark-dns."""


def install(directory: str) -> "list[str]":
    """Write `netavark` and `aardvark-dns` into a directory, for containers.conf's helper_binaries_dir; their paths. Conflict, CallFailed."""
    from .scripts import write

    return write(directory)
