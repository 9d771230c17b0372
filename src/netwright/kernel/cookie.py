"""The number of a network namespace that no other one gets until the next boot: SO_NETNS_COOKIE, socket(7).

Inode numbers of /proc/PID/ns/net do not serve: the kernel gives the smallest free one to the next namespace.
"""

from .spaces import run_inside

_SO_NETNS_COOKIE = 71  # Linux 5.14


def cookie(inside: int) -> int:
    """The number of the namespace of the open file; 0 where the kernel has none to tell. OSError when it cannot be entered."""
    return run_inside(inside, own)


def own() -> int:
    """That of the namespace that this thread is in."""
    import _socket

    with_socket = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
    try:
        return int.from_bytes(with_socket.getsockopt(_socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8), "little")
    except OSError:
        return 0
    finally:
        with_socket.close()
