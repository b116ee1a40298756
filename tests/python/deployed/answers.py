"""Stands between the command line and the emulator: some actions are answered as a test says, all others go through."""

import http.client
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers:
    """An endpoint of AWS. `given` has (status, body) by action, a body as JSON or as text; `asked` has what was asked."""

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.given, self.asked = {}, []
        answers = self

        class Handler(_Handler):
            owner = answers

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, headers, body):
        """The answer that a test gives to a request; None where it gives none."""
        target = headers.get("X-Amz-Target", "")
        action = target.rpartition(".")[2] or dict(urllib.parse.parse_qsl(body.decode(errors="replace"))).get("Action")
        if target:
            self.asked.append((action, json.loads(body)))
        status, given = self.given.get(action, (None, None))
        if callable(given):
            given = given(json.loads(body))
        return status and given is not None and (status, given if isinstance(given, str) else json.dumps(given))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = self.owner.answer(self.headers, body)
        if given:
            return self.reply(given[0], "application/json", given[1].encode())
        upstream = http.client.HTTPConnection(self.owner.upstream)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        self.reply(answer.status, answer.getheader("Content-Type") or "", answer.read())
        upstream.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

    def reply(self, status, content_type, body):
        self.send_response_only(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
