"""HTTP by the byte, for what a well-behaved client library would never send."""

import re
import socket

from daemon_process import DEADLINE_SECONDS
from http_client import Answer


class RawConnection:
    """A TCP connection. Reading raises ConnectionError when the daemon has closed it."""

    def __init__(self, port, timeout=DEADLINE_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"closed after {self.buffer!r}")
        self.buffer += data

    def is_closed(self):
        """Waits for the daemon to close; True when it did so without sending more."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def read_until(self, mark):
        while mark not in self.buffer:
            self.receive()
        before, self.buffer = self.buffer.split(mark, 1)
        return before

    def read_answer(self, head_only=False):
        head = self.read_until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.split("\r\n")
        match = re.fullmatch(r"HTTP/1\.[01] (\d{3}) .*", status_line)
        if not match:
            raise AssertionError(f"not a status line: {status_line!r}")
        headers = {name.lower(): value.strip()
                   for name, value in (line.split(":", 1) for line in lines)}
        size = 0 if head_only or match[1] == "100" else int(headers["content-length"])
        while len(self.buffer) < size:
            self.receive()
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return Answer(int(match[1]), headers, body)


def request_bytes(method, path, body=b"", **headers):
    """A whole request; headers by name with _ for -."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
