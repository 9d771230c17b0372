"""A small DHCP server for tests, which can misbehave: `python dhcp_server.py '{"device": "v0", "log": "/run/log", ...}'`.

    own "10.9.0.1"   pool "10.9.0.{}" from 50 on     lease, t1, t2   seconds (0: not said)      options {"6": "0a090001"} in hex
    silent N         the first N messages are not answered         nak N         the first N REQUESTs are refused
    nak_renewals     REQUESTs with ciaddr are refused              no_renewals   they are not answered
    deaf             file: while it is there, nothing is answered  moves         each DISCOVER gets another address
    noise            before each answer: another's xid, another's hardware address, a cut message, bytes without sense
    mute             OFFERs only, never an ACK                     no_mask, bad_lease   an ACK that makes no sense

Each message that comes in is a JSON line in `log`. Its encoding is its own: it shares no code with what it tests.
"""

import json
import os
import socket
import struct
import sys

KINDS = {1: "DISCOVER", 3: "REQUEST", 4: "DECLINE", 7: "RELEASE", 8: "INFORM"}
HEAD = ">BBBBIHH4s4s4s4s16s"


def parse(data: bytes) -> dict:
    _, _, hlen, _, xid, secs, flags, ciaddr, _, _, _, mac = struct.unpack_from(HEAD, data)
    assert data[236:240] == b"\x63\x82\x53\x63"
    options, at = {}, 240
    while data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        options[data[at]] = options.get(data[at], b"") + data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return {"xid": xid, "secs": secs, "flags": flags, "ciaddr": socket.inet_ntoa(ciaddr), "mac": mac[:hlen], "options": options}


def build(ask: dict, kind: int, yours: str, options: list[tuple[int, bytes]], **changes) -> bytes:
    said = ask | changes
    head = struct.pack(
        HEAD, 2, 1, 6, 0, said["xid"], 0, said["flags"], bytes(4), socket.inet_aton(yours), bytes(4), bytes(4), said["mac"]
    )
    body = b"".join(bytes([n, len(d)]) + d for n, d in [(53, bytes([kind])), *options])
    return head + bytes(192) + b"\x63\x82\x53\x63" + body + b"\xff"


class Server:
    def __init__(self, how: dict):
        self.how = how
        self.own = how.get("own", "10.9.0.1")
        self.by_client: dict[bytes, str] = {}
        self.next = 50
        self.counts = {"silent": how.get("silent", 0), "nak": how.get("nak", 0)}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, how["device"].encode())
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.bind(("0.0.0.0", 67))

    def run(self) -> None:
        self.log({"kind": "READY"})
        while True:
            data, sender = self.socket.recvfrom(4096)
            ask = parse(data)
            kind = ask["options"][53][0]
            client = ask["options"].get(61, ask["mac"])
            self.log({
                "kind": KINDS.get(kind, kind), "from": sender[0], "ciaddr": ask["ciaddr"], "client": client.hex(), "xid": ask["xid"],
                "secs": ask["secs"], "flags": ask["flags"], "options": {n: d.hex() for n, d in ask["options"].items()},
            })  # fmt: skip
            if self.counts["silent"] > 0 or os.path.exists(self.how.get("deaf", "/nonexistent")):
                self.counts["silent"] -= 1
                continue
            for answer in self.answers(ask, kind, client):
                self.noise(ask, answer)
                to = ask["ciaddr"] if ask["ciaddr"] != "0.0.0.0" and answer[242] == 5 else "255.255.255.255"
                self.socket.sendto(answer, (to, 68))

    def answers(self, ask: dict, kind: int, client: bytes):
        how = self.how
        if kind == 1:
            yield build(ask, 2, self.address(client, ask), self.options())
        elif kind == 3:
            wanted = ask["options"].get(50)
            wanted = socket.inet_ntoa(wanted) if wanted else ask["ciaddr"]
            renews = ask["ciaddr"] != "0.0.0.0"
            if how.get("mute") or (renews and how.get("no_renewals")):
                return
            if self.counts["nak"] > 0 or (renews and how.get("nak_renewals")) or wanted != self.by_client.get(client):
                self.counts["nak"] -= 1
                yield build(ask, 6, "0.0.0.0", [(54, socket.inet_aton(self.own)), (56, b"not you")])
            else:
                yield build(ask, 5, "224.0.0.9" if how.get("bad_lease") else wanted, self.options())
        elif kind == 7:
            self.by_client.pop(client, None)

    def address(self, client: bytes, ask: dict) -> str:
        if self.how.get("moves") or client not in self.by_client:
            wanted = ask["options"].get(50)
            taken = set(self.by_client.values())
            if wanted and not self.how.get("moves") and socket.inet_ntoa(wanted) not in taken:
                self.by_client[client] = socket.inet_ntoa(wanted)
            else:
                self.by_client[client] = self.how.get("pool", "10.9.0.{}").format(self.next)
                self.next += 1
        return self.by_client[client]

    def options(self) -> list[tuple[int, bytes]]:
        how = self.how
        out = [(54, socket.inet_aton(self.own))]
        if not how.get("no_mask"):
            out.append((1, b"\xff\xff\xff\x00"))
        for number, name in ((51, "lease"), (58, "t1"), (59, "t2")):
            if how.get(name, 3600 if name == "lease" else 0):
                out.append((number, struct.pack(">I", how.get(name, 3600))))
        return out + [(int(n), bytes.fromhex(d)) for n, d in how.get("options", {}).items()]

    def noise(self, ask: dict, answer: bytes) -> None:
        if not self.how.get("noise"):
            return
        wrong = [(54, socket.inet_aton(self.own)), (1, b"\xff\xff\xff\x00"), (51, b"\0\0\0\x0a")]
        for bad in (
            build(ask, answer[242], "10.9.0.66", wrong, xid=ask["xid"] ^ 1),
            build(ask, answer[242], "10.9.0.66", wrong, mac=b"\2\2\2\2\2\2"),
            answer[:-12], answer[:100], b"", os.urandom(300), answer[:240] + b"\x35\xff",
        ):  # fmt: skip
            self.socket.sendto(bad, ("255.255.255.255", 68))

    def log(self, line: dict) -> None:
        with open(self.how["log"], "a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    Server(json.loads(sys.argv[1])).run()
