"""A real HTTP server on loopback that speaks the OpenAI and the Gemini protocol, and can fail in every usual way."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from zhanggui.kernel.llm.providers.fake import instance_of

KEY = "test-key-not-a-secret"


class ModelServer(ThreadingHTTPServer):
    """`faults` are used up one a request; `answers` replace the echo, one a request. `bodies` holds every byte read."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.faults: list[str] = []
        self.answers: list[str] = []
        self.bodies: list[bytes] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_fault(self) -> str:
        with self.lock:
            return self.faults.pop(0) if self.faults else ""

    def next_answer(self) -> str | None:
        with self.lock:
            return self.answers.pop(0) if self.answers else None


@contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        return

    def end_headers(self) -> None:
        # Said, not only done: a client that keeps the connection would race with its end.
        self.send_header("Connection", "close")
        super().end_headers()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        self.server.bodies.append(raw)
        self.close_connection = True
        if self._failed(self.server.next_fault()):
            return
        body = json.loads(raw)
        if self.headers.get("authorization", "").endswith(KEY) or self.headers.get("x-goog-api-key") == KEY:
            self._gemini(body) if "generateContent" in self.path or "stream" in self.path else self._openai(body)
        else:
            self._send(401, b'{"error": {"message": "wrong key"}}')

    def _failed(self, fault: str) -> bool:
        match fault:
            case "":
                return False
            case "stall":
                self.server.released.wait(30)
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            case "garbage":
                self._send(200, b"<html>not json</html>")
            case "list":
                self._send(200, b"[1, 2]")
            case "empty":
                self._send(200, b"{}")
            case "error-200":
                self._send(200, b'{"error": {"message": "model is loading"}}')
            case "cut":
                self._send(200, b'data: {"choices": [{"delta": {"content": "half"}}], "candidates": []}\n\n')
            case "drip":
                self._drip()
            case _:
                status, _, after = fault.partition(":")
                self._send(int(status), b'{"error": {"message": "as asked"}}', after)
        return True

    def _drip(self) -> None:
        # Never silent for long, and never done.
        self.send_response(200)
        self.send_header("content-length", "100000")
        self.end_headers()
        try:
            while not self.server.released.is_set():
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return

    def _send(self, status: int, content: bytes, retry_after: str = "", kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        if retry_after:
            self.send_header("retry-after", retry_after)
        self.end_headers()
        self.wfile.write(content)

    def _text(self, last: str, schema: dict[str, Any] | None, max_tokens: int) -> tuple[str, bool]:
        text = self.server.next_answer()
        if text is None:
            text = f"echo: {last}"
            if schema is not None:
                text = json.dumps(instance_of(schema, schema.get("$defs", {}), "word"), ensure_ascii=False)
        return text[: max_tokens * 4], len(text) > max_tokens * 4

    def _openai(self, body: dict[str, Any]) -> None:
        shape = body.get("response_format", {})
        schema = shape.get("json_schema", {}).get("schema")
        text, cut = self._text(body["messages"][-1]["content"], schema, body["max_tokens"])
        usage = {"prompt_tokens": 7, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 2}}
        finish = "length" if cut else "stop"
        if not body.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": finish}
            self._send(200, json.dumps({"choices": [choice], "usage": usage}).encode())
            return
        events = [{"choices": [{"delta": {"content": piece}}]} for piece in _pieces(text)]
        events.append({"choices": [{"delta": {}, "finish_reason": finish}]})
        events.append({"choices": [], "usage": usage})
        self._events([*map(json.dumps, events), "[DONE]"])

    def _gemini(self, body: dict[str, Any]) -> None:
        wishes = body["generationConfig"]
        last = body["contents"][-1]["parts"][0]["text"]
        text, cut = self._text(last, wishes.get("responseJsonSchema"), wishes["maxOutputTokens"])
        finish = "MAX_TOKENS" if cut else "STOP"
        usage = {"promptTokenCount": 7, "candidatesTokenCount": 5, "cachedContentTokenCount": 2}
        if "streamGenerateContent" not in self.path:
            candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish}
            self._send(200, json.dumps({"candidates": [candidate], "usageMetadata": usage}).encode())
            return
        events: list[dict[str, Any]] = [
            {"candidates": [{"content": {"parts": [{"text": piece}]}}]} for piece in _pieces(text)
        ]
        events.append({"candidates": [{"content": {"parts": []}, "finishReason": finish}], "usageMetadata": usage})
        self._events([json.dumps(event) for event in events])

    def _events(self, events: list[str]) -> None:
        content = "".join(f"data: {event}\r\n\r\n" for event in events).encode()
        self._send(200, content, kind="text/event-stream")


def _pieces(text: str) -> list[str]:
    return [text[start : start + 6] for start in range(0, len(text), 6)]
