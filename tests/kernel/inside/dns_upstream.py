"""A name server that misbehaves as the first word of the name says: dns_upstream.py ADDRESS OTHER_ADDRESS READY_FILE

good        192.0.2.80                          silent     nothing
wrongid     a lie with another number, then the truth        servfail   SERVFAIL
elsewhere   a lie from OTHER_ADDRESS, then the truth         question   a lie about another name, then the truth
big         1200 bytes, whatever was allowed    cut        TC by UDP, everything by TCP
letters     the name in capital letters         garbage    bytes, then the truth
hangup      TCP closes without an answer        slow       TCP: one byte at a time
"""

import os
import socket
import sys
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

TRUTH, LIE = "192.0.2.80", "192.0.2.66"


def made(query: dns.message.Message, address: str = TRUTH, count: int = 1) -> dns.message.Message:
    answer = dns.message.make_response(query)
    name = query.question[0].name
    addresses = [address, *(f"192.0.3.{i}" for i in range(1, count))]
    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", *addresses))
    return answer


def by_udp(one: socket.socket, other: socket.socket) -> None:
    while True:
        data, peer = one.recvfrom(65535)
        query = dns.message.from_wire(data)
        word = query.question[0].name.labels[0].decode().lower()
        sys.stdout.write(f"udp {word} {peer[1]} {query.id}\n")
        sys.stdout.flush()
        truth, lie = made(query), made(query, LIE)
        if word in ("silent",):
            continue
        if word == "wrongid":
            lie.id = query.id ^ 1
            one.sendto(lie.to_wire(), peer)
        elif word == "elsewhere":
            other.sendto(lie.to_wire(), peer)
        elif word == "question":
            false = dns.message.make_query("other.example", "A", id=query.id)
            one.sendto(made(false, LIE).to_wire(), peer)
        elif word == "garbage":
            for junk in (b"", b"x", data[:2], data, os.urandom(100)):
                one.sendto(junk, peer)
        elif word == "servfail":
            truth = dns.message.make_response(query)
            truth.set_rcode(dns.rcode.SERVFAIL)
        elif word == "big":
            truth = made(query, count=70)
        elif word == "cut":
            truth = dns.message.make_response(query)
            truth.flags |= dns.flags.TC
        wire = truth.to_wire(max_size=65535)
        if word == "letters":
            wire = wire[:12] + wire[12:].replace(b"letters", b"LETTERS")
        one.sendto(wire, peer)


def by_tcp(listening: socket.socket) -> None:
    while True:
        one, _ = listening.accept()
        threading.Thread(target=connection, args=(one,), daemon=True).start()


def connection(one: socket.socket) -> None:
    size = one.recv(2, socket.MSG_WAITALL)
    query = dns.message.from_wire(one.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    word = query.question[0].name.labels[0].decode().lower()
    sys.stdout.write(f"tcp {word}\n")
    sys.stdout.flush()
    wire = made(query, count=200 if word in ("cut", "slow") else 1).to_wire()
    out = len(wire).to_bytes(2, "big") + wire
    if word == "slow":
        for at in range(0, len(out), 97):
            one.sendall(out[at : at + 97])
    elif word == "silent":
        one.recv(1)
    elif word != "hangup":
        one.sendall(out)
    one.close()


def main() -> None:
    address, elsewhere, ready = sys.argv[1:]
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((address, 53))
    other.bind((elsewhere, 53))
    listening.bind((address, 53))
    listening.listen(50)
    with open(ready, "w"):
        pass
    threading.Thread(target=by_tcp, args=(listening,), daemon=True).start()
    by_udp(one, other)


main()
