"""Stands between the functions and the emulator's S3: what a test asks for goes wrong there, all else goes through."""

import http.client
import re
import threading
import urllib.parse
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Request = namedtuple("Request", "method bucket key headers")

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "date", "server"}
ERROR_CODES = {403: "AccessDenied", 500: "InternalError", 503: "SlowDown"}


class Proxy:
    """An S3 endpoint with faults. Each of them sees the requests until it is removed."""

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.faults = []
        self.lock = threading.Lock()
        proxy = self

        class Handler(_Handler):
            owner = proxy

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, request, client_address):
                """A function that was ended with its connection open is no fault of the test."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fail(self, status, key, method="GET", times=None, chunk=None):
        """Answers `status` to requests for keys that `key` matches: `times` times, or until cleared.

        `chunk`: only to the read of the object that begins this chunk. With 200 an upload is lost unnoticed.
        """
        return self.add(Fault(method, key, times, lambda request: status, chunk))

    def before_reading(self, chunk, key, action):
        """Calls `action` once, before the read that begins this chunk."""
        return self.add(Fault("GET", key, 1, lambda request: action(), chunk))

    def add(self, fault):
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear(self):
        with self.lock:
            self.faults.clear()

    def answer(self, request):
        """The status to answer with, or None to pass the request on."""
        with self.lock:
            fault = next((fault for fault in self.faults if fault.takes(request)), None)
            if fault:
                fault.seen += 1
        return fault and fault.action(request)


class Fault:
    """What goes wrong; `seen` counts how often it did."""

    def __init__(self, method, key, times, action, chunk=None):
        self.method, self.key, self.times, self.action, self.chunk = method, re.compile(key), times, action, chunk
        self.seen = 0

    def takes(self, request):
        if self.times is not None and self.seen >= self.times:
            return False
        if self.chunk and not self.begins_chunk(request.headers):
            return False
        return request.method == self.method and bool(self.key.search(request.key))

    def begins_chunk(self, headers):
        """A processor reads with If-Match, and from a few bytes before its chunk, to see a terminator there."""
        first = re.match(r"bytes=(\d+)-", headers.get("Range", ""))
        start = self.chunk["start"]
        return bool(first) and "If-Match" in headers and start - 4 <= int(first[1]) <= start


def cut(headers, body, asked):
    """The answer to a request for a range: (status, headers, body)."""
    first, last = (int(text) for text in re.fullmatch(r"bytes=(\d+)-(\d+)", asked).groups())
    last = min(last, len(body) - 1)
    # A checksum is that of all bytes.
    headers = [header for header in headers if not header[0].lower().startswith("x-amz-checksum")]
    return 206, [*headers, ("Content-Range", f"bytes {first}-{last}/{len(body)}")], body[first : last + 1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.connection_up = http.client.HTTPConnection(self.owner.upstream)

    def finish(self):
        self.connection_up.close()
        super().finish()

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.unquote(self.path.partition("?")[0])
        bucket, _, key = path.lstrip("/").partition("/")
        status = self.owner.answer(Request(self.command, bucket, key, self.headers))
        if status:
            code = ERROR_CODES.get(status)
            text = f"<Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode() if code else b""
            return self.reply(status, [("Content-Type", "application/xml")], text)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        self.connection_up.request(self.command, self.path, body, headers)
        answer = self.connection_up.getresponse()
        status, headers, body = answer.status, answer.getheaders(), answer.read()
        if status == 200 and "versionId" in self.path and "Range" in self.headers:
            # The emulator forgets the range of a version.
            status, headers, body = cut(headers, body, self.headers["Range"])
        self.reply(status, headers, body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

    def reply(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
