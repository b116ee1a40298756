"""Ports of the loopback interface for servers that take their ports as arguments."""

import random
import socket


def free_ports(count: int) -> list[int]:
    """Different ports that are free, and the ones 10,000 above them, which some servers take as well.

    All are below 32,768, where Linux begins to number outgoing connections: one of those could take a port between its
    choice and the start of the server.
    """
    ports = filter(lambda port: free(port) and free(port + 10000), random.sample(range(10000, 20000), 10000))
    return [next(ports) for _ in range(count)]


def free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
