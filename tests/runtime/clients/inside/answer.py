"""python answer.py PORT: a server for TCP and UDP, IPv4 and IPv6, that tells each client its address as the server sees it."""

import selectors
import socket
import sys

port = int(sys.argv[1])
tcp = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
udp.bind(("::", port))
doors = selectors.DefaultSelector()
doors.register(tcp, selectors.EVENT_READ)
doors.register(udp, selectors.EVENT_READ)
while True:
    for key, _ in doors.select():
        if key.fileobj is udp:
            _, peer = udp.recvfrom(4096)
            udp.sendto(f"{peer[0]}\n".encode(), peer)
        else:
            client, peer = tcp.accept()
            with client:
                client.settimeout(2)
                try:
                    client.recv(4096)
                    client.sendall(f"{peer[0]}\n".encode())
                except OSError:
                    pass
