"""What an ADD has made, in no version in particular: versions.py reads and prints it for each."""

from ...model.value import value


@value
class Interface:
    """A device: `sandbox` is the path of its namespace, "" for the host's."""

    name: str
    mac: str = ""
    sandbox: str = ""
    mtu: int = 0
    socket_path: str = ""
    pci_id: str = ""


@value
class Address:
    """An address with its prefix length ("10.1.0.2/24"); `interface` is the place of its device in Result.interfaces."""

    address: str
    gateway: str = ""
    interface: "int | None" = None

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4

    @property
    def host(self) -> str:
        """The address alone."""
        return self.address.partition("/")[0]


@value
class Route:
    """A route inside the container: `to` a network ("0.0.0.0/0" is the default), `via` "" for the device itself.

    `table` and `scope` are numbers, None where nothing was said; `scope` 0 is global, 253 link.
    """

    to: str
    via: str = ""
    mtu: int = 0
    advmss: int = 0
    priority: int = 0
    table: "int | None" = None
    scope: "int | None" = None

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.to else 4


@value
class Dns:
    """What belongs into the container's resolv.conf."""

    nameservers: "tuple[str, ...]" = ()
    domain: str = ""
    search: "tuple[str, ...]" = ()
    options: "tuple[str, ...]" = ()


@value
class Result:
    """The result of an ADD; that of an IPAM plugin has no interfaces."""

    interfaces: "tuple[Interface, ...]" = ()
    addresses: "tuple[Address, ...]" = ()
    routes: "tuple[Route, ...]" = ()
    dns: Dns = Dns()
