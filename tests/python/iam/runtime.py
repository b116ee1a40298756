"""Lambda's runtime API for one invocation: it runs a bootstrap with the credentials that it is given."""

import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 120


def invoke(bootstrap, event, environment):
    """Runs a function once: (its answer, None), or (None, its error)."""
    ended = threading.Event()
    answers = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        given = False

        def do_GET(self):
            if Handler.given:
                # The bootstrap waits for the next event, until it is ended.
                ended.wait(PATIENCE)
                return
            Handler.given = True
            body = json.dumps(event).encode()
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", "request")
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            answers.append((self.path.rsplit("/", 1)[1], json.loads(body)))
            ended.set()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAMBDA_"))}
    place = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": bootstrap.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
    }
    process = subprocess.Popen(
        [bootstrap], env=kept | environment | place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        end = time.monotonic() + PATIENCE
        while not ended.wait(0.1) and process.poll() is None and time.monotonic() < end:
            pass
    finally:
        ended.set()
        process.kill()
        said = process.communicate()[0]
        server.shutdown()
        server.server_close()
    assert answers, f"no answer: {said}"
    kind, body = answers[0]
    return (body, None) if kind == "response" else (None, body | {"log": said})
