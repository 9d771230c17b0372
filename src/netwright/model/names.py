"""What the kernel and ip(8) accept as the name of a namespace or of a device."""

from ..errors import Invalid

DEVICE_BYTES = 15  # IFNAMSIZ (16) less the final NUL: linux/if.h
NAMESPACE_BYTES = 255  # NAME_MAX: a name is a file in the netns directory
ALTNAME_BYTES = 127  # ALTIFNAMSIZ less the final NUL


def is_namespace_name(name: str) -> bool:
    """True for what `ip netns add` accepts: 1..255 bytes, no '/', not '.' or '..'."""
    size = len(name.encode("utf-8", "surrogateescape"))
    return 0 < size <= NAMESPACE_BYTES and "/" not in name and "\0" not in name and name not in (".", "..")


def namespace_name(name: str) -> str:
    """`name` itself, or Invalid with the reason why ip(8) would not take it."""
    if is_namespace_name(name):
        return name
    raise Invalid(f'Invalid netns name "{name}"', why=_why_not(name))


def _why_not(name: str) -> str:
    if not name:
        return "the name is empty"
    if name in (".", ".."):
        return f"{name!r} is a directory, not a name"
    if "/" in name:
        return "a name has no '/'; it is a file directly in the netns directory"
    return f"a namespace name has at most 255 bytes, this has {len(name.encode('utf-8', 'surrogateescape'))}"


def is_device_name(name: str) -> bool:
    """True for what the kernel's dev_valid_name() accepts: 1..15 bytes, no '/', ':', zero or white space, not '.' or '..'."""
    size = len(name.encode("utf-8", "surrogateescape"))
    if not 0 < size <= DEVICE_BYTES or name in (".", ".."):
        return False
    return not any(c in "/:\0" or c in " \t\n\v\f\r\xa0" for c in name)


def why_not_device_name(name: str) -> str:
    """The reason, in words, why `name` is no device name; empty when it is one."""
    size = len(name.encode("utf-8", "surrogateescape"))
    if is_device_name(name):
        return ""
    if size > DEVICE_BYTES:
        return f"a device name has at most {DEVICE_BYTES} bytes, this has {size}"
    if not name:
        return "a device name has at least 1 byte"
    if name in (".", ".."):
        return f"{name!r} is not a device name"
    if "\0" in name:
        return "a device name has no zero byte"
    return "a device name has no '/', no ':' and no white space"
