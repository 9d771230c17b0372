"""A name server on port 53, UDP: www.example is 198.51.100.7; nothing else exists."""

import socket

FOUND = bytes([192, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 7])  # the question's name, A, IN, a minute
door = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
door.bind(("::", 53))
while True:
    query, peer = door.recvfrom(4096)
    end = query.index(b"\0", 12) + 5  # of the question: name, type, class
    known = query[12 : end - 4].lower() == b"\3www\7example\0"
    answers = FOUND if known and query[end - 4 : end - 2] == b"\0\1" else b""
    flags = b"\x85\x80" if known else b"\x85\x83"
    door.sendto(query[:2] + flags + b"\0\1" + bytes([0, len(answers) > 0]) + bytes(4) + query[12:end] + answers, peer)
