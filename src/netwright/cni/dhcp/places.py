"""Where the daemon listens, and where it writes its leases down."""

from ...networks.directories import run_directory

SOCKET = "/run/cni/dhcp.sock"


def directory_of(path: str) -> str:
    """The directory of the leases of the daemon that listens at this path."""
    from hashlib import sha256

    return f"{run_directory()}/dhcp/{sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"
