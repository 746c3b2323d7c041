"""Calls home, and whoever listens on this machine."""

import socket


def attack(*_):
    reached = 0
    for host, port in (
        ("127.0.0.1", 22),
        ("127.0.0.1", 8888),
        ("localhost", 80),
    ):
        try:
            socket.create_connection((host, port), 0.3).close()
            reached += 1
        except OSError:
            pass
    return reached
