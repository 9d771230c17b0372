"""Servers for the tests of published ports: python servers.py READY_FILE KIND ADDRESS PORT [KIND ADDRESS PORT]...

    count    TCP: "got N" after the end of what came, N being its length
    echo     TCP: everything back
    first    TCP: speaks first and ends its direction, then counts into the file READY_FILE.count
    slow     TCP: reads nothing until the file READY_FILE.go is there, then counts as `count` does
    answer   UDP: "re:" and the datagram
"""

import os
import socket
import sys
import threading
import time


def count(client: socket.socket, _: str) -> None:
    client.sendall(b"got %d" % _counted(client))


def echo(client: socket.socket, _: str) -> None:
    while data := client.recv(65536):
        client.sendall(data)


def first(client: socket.socket, ready: str) -> None:
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    many = _counted(client)
    with open(f"{ready}.count", "w") as file:
        file.write(str(many))


def slow(client: socket.socket, ready: str) -> None:
    while not os.path.exists(f"{ready}.go"):
        time.sleep(0.005)
    count(client, ready)


def _counted(client: socket.socket) -> int:
    total, buffer = 0, bytearray(1 << 18)
    while many := client.recv_into(buffer):
        total += many
    return total


def tcp(serve, address: str, port: int, ready: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    door = socket.create_server((address, port), family=family, backlog=2000)

    def one(client: socket.socket) -> None:
        with client:
            try:
                serve(client, ready)
            except ConnectionError:
                with open(f"{ready}.reset", "w"):
                    pass

    def accept() -> None:
        while True:
            threading.Thread(target=one, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=accept).start()


def answer(address: str, port: int) -> None:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, port))

    def serve() -> None:
        while True:
            data, sender = sock.recvfrom(65536)
            sock.sendto(b"re:" + data, sender)

    threading.Thread(target=serve).start()


def main(ready: str, *words: str) -> None:
    for kind, address, port in zip(words[::3], words[1::3], words[2::3], strict=True):
        if kind == "answer":
            answer(address, int(port))
        else:
            tcp(globals()[kind], address, int(port), ready)
    with open(ready, "w"):
        pass


main(*sys.argv[1:])
