"""What a DHCP client does, as RFC 2131 section 4.4 has it, without sockets and without a clock.

    client.start(now), client.hear(message, now), client.tick(now)   -> what to send
    client.state, client.lease, client.deadline                      when to call tick; `why` what went wrong last

    selecting -> requesting -> bound -> renewing -> rebinding -> lost
        ^            | NAK       ^         | NAK       | NAK       the address must not be used any more
        +-- pausing -+           +---------+-----------+
    rebooting: an address from before is asked for without asking who has any

How it works. A NAK during a lease does not end it at once: the server may only have lost its memory (and mostly has), so the client
asks anew, preferring its address. When it gets that one, nothing has happened; when it gets another, which cannot be put in the place
of the first (the result of the ADD stands), it gives it back, and the lease is lost.
"""

from ...model.value import replace, value
from . import packet
from .datagram import EVERYBODY
from .lease import Lease, from_ack, usable
from .packet import Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SELECTING, REQUESTING, REBOOTING, PAUSING = "selecting", "requesting", "rebooting", "pausing"
BOUND, RENEWING, REBINDING, FAILED, LOST = "bound", "renewing", "rebinding", "failed", "lost"
_ASKED = (REQUESTING, REBOOTING, RENEWING, REBINDING)
_REQUESTS, _REBOOTS = 4, 2  # how often before beginning anew
_LARGEST = 1500


@value
class Identity:
    """Who asks: the device's address, the client's id (with its type byte), options to send and to ask for."""

    mac: bytes
    client_id: bytes
    provided: "tuple[tuple[int, bytes], ...]" = ()
    requested: "tuple[int, ...]" = ()
    broadcast: bool = False


@value
class Patience:
    """Seconds: the first wait for an answer (each next one is twice as long), the longest, and when to give up."""

    first: float = 0.5
    longest: float = 10.0
    total: float = 208.0


@value
class Sending:
    """A message and where it goes to; to EVERYBODY on the link, or to the server alone."""

    message: Message
    source: str
    target: str


class Client:
    """One address of one device. `random` gives numbers from 0 to 1. With a `lease` it is bound; `preferred` is an address from before."""

    def __init__(
        self, who: Identity, patience: Patience, random: "Callable[[], float]", *, lease: "Lease | None" = None, preferred: str = ""
    ) -> None:
        self.who, self.patience, self._random = who, patience, random
        self.lease, self._preferred = lease, lease.address if lease else preferred
        self.state, self.why = BOUND if lease else SELECTING, ""
        self.deadline = self._renew_at()
        self._xid = self._tries = 0
        self._began = self._sent = self._give_up = 0.0
        self._offer: Message | None = None

    # -- what happens --------------------------------------------------------------------------------------------------

    def start(self, now: float) -> "list[Sending]":
        """Begin to look for an address."""
        self._give_up = now + self.patience.total
        return self._enter(REBOOTING if self._preferred else SELECTING, now)

    def tick(self, now: float) -> "list[Sending]":
        """What is due; nothing before the deadline."""
        if now < self.deadline:
            return []
        step = {
            SELECTING: self._search, PAUSING: self._search, REQUESTING: self._insist, REBOOTING: self._insist,
            BOUND: self._keep, RENEWING: self._keep, REBINDING: self._keep,
        }.get(self.state)  # fmt: skip
        return step(now) if step else []

    def hear(self, message: Message, now: float, sender: str = "") -> "list[Sending]":
        """What a message leads to; `sender` is the hardware address that it came from. Others' messages lead to nothing."""
        if not self._is_for_me(message):
            return []
        if self.state == SELECTING and message.kind == packet.OFFER and message.server and usable(message.yours):
            self._offer = message
            return self._enter(REQUESTING, now, keep_xid=True)
        if self.state in _ASKED and self._is_from_mine(message):
            if message.kind == packet.ACK:
                return self._agreed(message, now, sender)
            if message.kind == packet.NAK:
                return self._refused(message, now)
        return []

    def release(self) -> "list[Sending]":
        """Give the address back; RFC 2131 has no answer to that."""
        if self.lease is None or self.state == LOST:
            return []
        return [self._released(self.lease)]

    # -- looking for an address ----------------------------------------------------------------------------------------

    def _search(self, now: float) -> "list[Sending]":
        if now >= self._give_up:
            return self._end(self.why or f"no DHCP server answered in {self.patience.total:g} s", now)
        if self.state == PAUSING:
            return self._enter(SELECTING, now)
        return self._again(now)

    def _insist(self, now: float) -> "list[Sending]":
        """A server that offered, or knew us, is silent: after some time look for another."""
        if self._tries >= (_REQUESTS if self.state == REQUESTING else _REBOOTS):
            if self.state == REQUESTING and self._offer:
                self.why = f"server {self._offer.server} offered {self._offer.yours} and then did not answer"
            return self._enter(SELECTING, now) if now < self._give_up else self._search(now)
        return self._again(now)

    def _enter(self, state: str, now: float, *, keep_xid: bool = False) -> "list[Sending]":
        self.state, self._tries = state, 0
        if not keep_xid:
            self._began, self._xid = now, int(self._random() * 0xFFFFFFFF)
        return self._again(now)

    def _again(self, now: float) -> "list[Sending]":
        """Send what the state sends, and wait longer than the last time, by a different time than everybody else."""
        wait = min(self.patience.first * 2**self._tries, self.patience.longest)
        self.deadline = now + wait * (0.75 + self._random() / 2)
        self._tries += 1
        if self._tries == 1 or self.state != REQUESTING:
            self._sent = now
        return [self._question(now)]

    # -- keeping it ----------------------------------------------------------------------------------------------------

    def _keep(self, now: float) -> "list[Sending]":
        """RFC 2131, 4.4.5: ask the server from T1 on, any server from T2 on, each time after half of what is left."""
        lease = self.lease
        assert lease is not None
        if now >= lease.end:
            return self._late(lease, now)
        state = REBINDING if now >= lease.rebind_at else RENEWING
        if state != self.state:
            self.state, self._began, self._xid = state, now, int(self._random() * 0xFFFFFFFF)
        until = lease.end if state == REBINDING else lease.rebind_at
        self.deadline = min(now + max((until - now) / 2, min(60.0, lease.duration / 10)), until)
        self._sent = now
        return [self._question(now)]

    def _late(self, lease: Lease, now: float) -> "list[Sending]":
        """It is over. Where nobody was asked (the daemon was away, the machine asleep), the address may still be had."""
        self.why = f"no server has renewed {lease.address}"
        if self.state != BOUND:
            return self._end(self.why, now)
        self._give_up = now + self.patience.longest
        return self._enter(SELECTING, now)

    def _renew_at(self) -> float:
        """T1, a little earlier: containers that were started together need not renew together."""
        if self.lease is None:
            return 0.0
        return self.lease.renew_at - (self._random() * self.lease.renewal / 10 if self.lease.renew_at != float("inf") else 0.0)

    # -- answers -------------------------------------------------------------------------------------------------------

    def _is_for_me(self, message: Message) -> bool:
        ids = (None, self._client_id())  # RFC 6842: a server may send it back
        mine = message.xid == self._xid and message.mac == self.who.mac
        return message.op == 2 and mine and message.options.get(packet.CLIENT_ID) in ids

    def _is_from_mine(self, message: Message) -> bool:
        """In `requesting` only the server counts whose offer was taken."""
        return self.state != REQUESTING or self._offer is None or message.server in ("", self._offer.server)

    def _agreed(self, message: Message, now: float, sender: str) -> "list[Sending]":
        try:
            lease = from_ack(message, self._sent, sender)
        except ValueError as error:
            return self._pause(str(error), now)
        if not lease.server:
            known = self._offer.server if self._offer and self.state == REQUESTING else self.lease.server if self.lease else ""
            lease = replace(lease, server=known)
        if self.lease and lease.address != self.lease.address:
            back = self._released(lease)
            return [back, *self._end(f"the server gives {lease.address} and no longer {self.lease.address}", now)]
        self.lease, self.state, self.why, self._preferred = lease, BOUND, "", lease.address
        self.deadline = self._renew_at()
        return []

    def _refused(self, message: Message, now: float) -> "list[Sending]":
        said = message.options.get(packet.MESSAGE, b"").decode("ascii", "replace").strip("\0")
        why = f"server {message.server or 'unknown'} refused{f': {said}' if said.isprintable() and said else ''}"
        if self.state in (RENEWING, REBINDING) and self.lease:
            self._give_up = min(now + self.patience.total, self.lease.end)
            self.why = why
            return self._enter(SELECTING, now)
        if self.state == REBOOTING:  # it does not know us, or we are in another network now
            self._preferred = ""
            return self._enter(SELECTING, now)
        return self._pause(why, now)

    def _pause(self, why: str, now: float) -> "list[Sending]":
        """Begin anew, but not at once: a server that offers and refuses would be asked as fast as it can answer."""
        self.state, self.why, self.deadline = PAUSING, why, now + min(1.0, self.patience.longest)
        return []

    def _end(self, why: str, now: float) -> "list[Sending]":
        self.state, self.why, self.deadline = LOST if self.lease else FAILED, why, float("inf")
        return []

    # -- messages ------------------------------------------------------------------------------------------------------

    def _client_id(self) -> bytes:
        return dict(self.who.provided).get(packet.CLIENT_ID, self.who.client_id)

    def _question(self, now: float) -> Sending:
        """DISCOVER or REQUEST as the table in RFC 2131, 4.3.6 has it for the state."""
        who, state = self.who, self.state
        kind = packet.DISCOVER if state == SELECTING else packet.REQUEST
        options = {packet.CLIENT_ID: who.client_id, packet.LARGEST: _LARGEST.to_bytes(2, "big"), **dict(who.provided)}
        options[packet.KIND] = bytes([kind])
        if who.requested:
            options[packet.PARAMETERS] = bytes(who.requested)
        if state == REQUESTING and self._offer:
            options[packet.REQUESTED_ADDRESS] = packet.packed(self._offer.yours)
            options[packet.SERVER] = packet.packed(self._offer.server)
        elif state in (SELECTING, REBOOTING) and self._preferred:
            options[packet.REQUESTED_ADDRESS] = packet.packed(self._preferred)
        seconds = max(int(now - self._began), 0)
        if state in (RENEWING, REBINDING) and self.lease:
            own = self.lease.address
            target = self.lease.server if state == RENEWING and self.lease.server else EVERYBODY
            return Sending(Message(1, self._xid, who.mac, options, seconds, client=own), own, target)
        return Sending(Message(1, self._xid, who.mac, options, seconds, who.broadcast), packet.NOWHERE, EVERYBODY)

    def _released(self, lease: Lease) -> Sending:
        options = {packet.KIND: bytes([packet.RELEASE]), packet.CLIENT_ID: self._client_id()}
        if lease.server:
            options[packet.SERVER] = packet.packed(lease.server)
        message = Message(1, int(self._random() * 0xFFFFFFFF), self.who.mac, options, client=lease.address)
        return Sending(message, lease.address, lease.server or EVERYBODY)
