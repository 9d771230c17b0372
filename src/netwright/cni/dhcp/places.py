"""Where the daemon listens, and where it writes its leases down."""

from ...networks.directories import run_directory

SOCKET = "/run/cni/dhcp.sock"


def directory_of(path: str) -> str:
    """The directory of the leases of the daemon that listens at this path."""
    return f"{run_directory()}/.dhcp/{path.replace('%', '%25').replace('/', '%2F')}"
