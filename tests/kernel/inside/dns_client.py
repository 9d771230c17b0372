"""Asking a name server by hand, for snippets that run in a box."""

import os
import socket
import time

import dns.message
import dns.rcode

PATIENCE = 30.0


def until(true, seconds=PATIENCE):
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.005)


def ended(pid):
    """Whether a process has; nobody need have asked how."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def udp(server, name, kind="A", *, port=53, source="", edns=0, payload=1232, seconds=PATIENCE):
    """(rcode, records in order, the answer), or None for silence.

    Asked again after ten seconds, which is longer than a responder that does its work takes: the queue of a processor, which all
    namespaces share, may have lost one.
    """
    query = dns.message.make_query(name, kind, use_edns=edns, payload=payload)
    end = time.monotonic() + seconds
    with _socket(server, socket.SOCK_DGRAM, source) as made:
        made.connect((server, port))
        while (left := end - time.monotonic()) > 0:
            made.settimeout(min(left, 10.0))
            made.send(query.to_wire())
            try:
                return _read(query, made.recv(65535))
            except TimeoutError:
                continue
    return None


def tcp(server, name, kind="A", *, port=53, source=""):
    """The same by TCP."""
    query = dns.message.make_query(name, kind)
    with _socket(server, socket.SOCK_STREAM, source) as made:
        made.connect((server, port))
        return exchange(made, query)


def exchange(made, query):
    wire = query.to_wire()
    made.sendall(len(wire).to_bytes(2, "big") + wire)
    size = made.recv(2, socket.MSG_WAITALL)
    if len(size) < 2:
        return None
    return _read(query, made.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))


def _socket(server, kind, source):
    made = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, kind)
    made.settimeout(PATIENCE)
    if source:
        made.bind((source, 0))
    return made


def _read(query, wire):
    answer = dns.message.from_wire(wire)
    assert answer.id == query.id
    assert answer.question == query.question
    records = [str(rdata) for rrset in answer.answer for rdata in rrset]
    return dns.rcode.to_text(answer.rcode()), records, answer


def sockets(pid):
    """Which sockets a process has open."""
    out = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            link = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            continue
        if link.startswith("socket:"):
            out.add(link)
    return out
