"""A responder without sockets: two networks, what it would have asked others, and a UDP socket that is a list."""

import dns.message

from netwright.networks.dns.answers import Responder
from netwright.networks.dns.udp import Udp
from netwright.networks.dns.zone import Host, Service, Zone

WEB = Host("c1", ("Web", "www"), ("10.1.0.2", "fd00:1::2"), (Service("_http", "_tcp", 80),))
DB = Host("c2", ("db", "www"), ("10.1.0.3",), servers=("192.0.2.99",))
BLUE = Zone("blue", ("10.1.0.1", "fd00:1::1"), domain="lab", search=("corp.example",), servers=("192.0.2.1",), hosts=(WEB, DB))
RED = Zone("red", ("10.2.0.1",), forward=False, hosts=(Host("c1", ("web2",), ("10.2.0.2",)), Host("c9", ("secret",), ("10.2.0.9",))))
ZONES = {"blue": BLUE, "red": RED}


class FakeForwarder:
    def __init__(self, takes=True):
        self.asked, self.takes, self.gone = [], takes, []

    def forward(self, question, servers, client, later, *, tcp):
        self.asked.append((question.name, tuple(servers), tcp, later))
        return self.takes and bool(servers)

    def drop(self, client):
        self.gone.append(client)


class FakeUpstream:
    ours = frozenset({"10.1.0.1", "fd00:1::1", "10.2.0.1"})

    def servers(self):
        return ("192.0.2.53",)


class FakeSocket:
    """recvfrom gives what is in `waiting`, sendto appends to `sent`."""

    def __init__(self):
        self.waiting, self.sent = [], []

    def recvfrom(self, size):
        if not self.waiting:
            raise BlockingIOError
        data, peer = self.waiting.pop(0)
        return data[:size], peer

    def sendto(self, data, peer):
        self.sent.append((data, peer))


def responder(zones=ZONES, takes=True):
    made = Responder(FakeForwarder(takes), FakeUpstream())
    made.load(zones)
    return made


class Client:
    """Asks a network by UDP from an address."""

    def __init__(self, network="blue", address="10.1.0.2", zones=ZONES, takes=True):
        self.responder = responder(zones, takes)
        self.socket = FakeSocket()
        self.udp = Udp(self.socket, self.responder, network)
        self.peer = (address, 4444)

    def raw(self, data):
        """The bytes that come back, None for silence."""
        self.socket.waiting.append((data, self.peer))
        self.udp.ready(0)
        return self.socket.sent.pop()[0] if self.socket.sent else None

    def ask(self, name, kind="A", **options):
        query = dns.message.make_query(name, kind, **options)
        data = self.raw(query.to_wire())
        if data is None:
            return None
        answer = dns.message.from_wire(data)
        assert query.is_response(answer)
        return answer


def texts(answer):
    return [str(rdata) for rrset in answer.answer for rdata in rrset]
