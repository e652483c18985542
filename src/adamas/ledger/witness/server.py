"""The witness's HTTP service (C2SP tlog-witness): POST /add-checkpoint, and reads for monitors.

    POST /add-checkpoint                    cosignature lines, or 400 403 404 409 413 422; 503 if the disk fails or the
                                            clock is wrong, and then nothing was signed
    GET  /<sha256 of origin>/checkpoint     the last cosigned checkpoint with the log's and our signatures
    GET  /witness.json                      who this is and what it watches: name, keys, logs
    GET  /                                  the same for people

409 has the size that was cosigned last, as the specification says; it leaves the body of other refusals open, and
there it is a problem document (RFC 9457) with a stable ``code`` beside the sentence.

A log that signs a second root for the size that we cosigned last has convicted itself: both checkpoints are
kept as evidence beside the state (split-view/). A failing proof convicts nobody, since the sender may have
garbled it.

Time: cosignatures of one witness never go back in time. A clock that is behind its own last cosignature by up
to MAX_STEP seconds signs with that last time again; behind by more, the witness refuses (503) until somebody
looks, since a cosignature that is dated too early would rescue statements signed with a stolen key.

Nobody gets more than his share: a body has at most MAX_BODY bytes, and a request that is not there whole after
MAX_SECONDS is cut off, however steadily it drips.
"""

from __future__ import annotations

import hashlib
import json
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from types import FrameType
from typing import TYPE_CHECKING, Any

from waitress import create_server

from adamas.ledger import merkle, splitview
from adamas.ledger.cosignature import CosignatureSigner
from adamas.ledger.errors import LedgerError, MirrorError, WitnessFault
from adamas.ledger.note import Note, NoteSignature, VerifierKey
from adamas.ledger.witness import request as requests
from adamas.ledger.witness.config import Keys, WitnessConfig, address, load_keys, make_logs
from adamas.ledger.witness.request import TEXT_TYPE, Refused, Request
from adamas.ledger.witness.state import Head, WitnessState

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

MAX_STEP = 60
"""Seconds that the clock may be behind the last cosignature: what time servers correct in a running system."""
MAX_SECONDS = 30.0
"""Seconds from a request's first byte to its last."""
JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
MAX_EVIDENCE = 1000
"""Files of evidence that are kept; a log that forks more often than this is sufficiently known."""
_log = logging.getLogger("adamas.witness")


class Witness:
    """A witness: its keys, the logs that it knows, and its memory. Also the WSGI application that serves it."""

    def __init__(
        self,
        name: str,
        signers: Sequence[CosignatureSigner],
        state: WitnessState,
        logs: Mapping[str, Sequence[VerifierKey]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not signers or any(signer.verifier.name != name for signer in signers):
            raise WitnessFault("witness.config", f"The witness {name} has no keys under its name.")
        self.name = name
        self.state = state
        self._signers = tuple(signers)
        self._clock = clock
        self.logs: dict[str, tuple[VerifierKey, ...]] = {}
        self._hashes: dict[str, str] = {}
        self.set_logs(logs)

    @property
    def vkeys(self) -> tuple[str, ...]:
        """The verifier keys, as words for a policy."""
        return tuple(signer.verifier.vkey for signer in self._signers)

    def set_logs(self, logs: Mapping[str, Sequence[VerifierKey]]) -> None:
        """Replaces the list of known logs; what is remembered of others stays."""
        self.logs = make_logs((origin, key) for origin, keys in logs.items() for key in keys)
        self._hashes = {hashlib.sha256(origin.encode()).hexdigest(): origin for origin in self.logs}

    def add_checkpoint(self, body: bytes) -> str:
        """Cosigns a checkpoint; returns the signature lines. Raises Refused, or WitnessFault if the disk fails."""
        request = requests.parse(body)
        origin = request.checkpoint.origin
        keys = self.logs.get(origin)
        if keys is None:
            raise Refused(404, "witness.unknown-log", f"unknown log: “{origin[:200]}” is not watched here.")
        log_signatures = requests.verify_log(request, keys)
        requests.check_form(request)
        made: list[str] = []

        def step(head: Head | None, latest: int) -> Head:
            size, root = (0, merkle.EMPTY_ROOT) if head is None else (head.size, head.root)
            try:
                requests.decide(request, size, root)
            except Refused as refused:
                if refused.code == "witness.root" and head is not None:
                    self._convict(head, request, keys)
                raise
            now = self._time(latest)
            lines = [signer.cosign(request.note.text, now).note_signature for signer in self._signers]
            made.extend(line.line for line in lines)
            note = Note(request.note.text, (*log_signatures, *lines))
            return Head(origin, request.checkpoint.size, request.checkpoint.root, note.to_bytes(), now)

        self.state.advance(origin, step)
        return "".join(made)

    def _time(self, latest: int) -> int:
        now = int(self._clock())
        if now < 1 or now < latest - MAX_STEP:
            raise WitnessFault(
                "witness.clock",
                f"The clock says {_utc(now)}, but this witness cosigned at {_utc(latest)} already.",
                advice="Set the clock right. If the earlier time was wrong, make a new witness with new keys.",
            )
        return max(now, latest)

    def _convict(self, head: Head, request: Request, keys: Sequence[VerifierKey]) -> None:
        folder = self.state.path.parent
        try:
            if sum(1 for _ in (folder / splitview.FOLDER).glob("*.txt")) >= MAX_EVIDENCE:
                return
            evidence = splitview.of_same_size(
                head.note,
                request.note.to_bytes(),
                keys,
                found_by=f"witness {self.name}",
                found_at=max(int(self._clock()), 0),
            )
            place = splitview.save(folder, evidence)
        except (MirrorError, OSError):
            # The refusal stands without the file; the operator sees why it is missing.
            _log.exception("evidence of a split view of %s could not be kept", head.origin)
        else:
            _log.error("split view of %s: evidence in %s", head.origin, place)

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """The last cosigned checkpoint of the log with this hash of its origin, or None."""
        origin = self._hashes.get(origin_hash)
        head = None if origin is None else self.state.head(origin)
        return None if head is None else head.note

    def metadata(self) -> dict[str, Any]:
        """Name, keys, and the logs with what was last cosigned of each (times in POSIX seconds)."""
        heads = {head.origin: head for head in self.state.heads()}
        logs = []
        for origin_hash, origin in sorted(self._hashes.items(), key=lambda item: item[1]):
            head = heads.get(origin)
            size, cosigned_at = (head.size, head.time) if head is not None else (None, None)
            logs.append({"origin": origin, "hash": origin_hash, "size": size, "cosigned_at": cosigned_at})
        return {"name": self.name, "vkeys": list(self.vkeys), "logs": logs}

    def facts(self) -> str:
        """The same for people: the page at /."""
        lines = [f"witness {self.name}", "", "keys:", *(f"  {vkey}" for vkey in self.vkeys), "", "logs:"]
        for log in self.metadata()["logs"]:
            told = "nothing cosigned yet"
            if log["size"] is not None:
                told = f"{log['size']} entries, cosigned {_utc(log['cosigned_at'])}"
            lines.append(f"  {log['origin']}: {told}")
        lines += [
            "",
            "Speaks c2sp.org/tlog-witness: POST /add-checkpoint, GET /<sha256 of origin>/checkpoint.",
            "The same for programs: GET /witness.json.",
        ]
        return "\n".join(lines) + "\n"

    # ── HTTP ────────────────────────────────────────────────────────────────────────────────────────────────

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        headers = {"Content-Type": TEXT_TYPE}
        try:
            status, body = self._answer(environ, headers)
        except Refused as refused:
            status, body = refused.status, refused.body.encode()
            headers["Content-Type"] = refused.media_type
            if refused.media_type == TEXT_TYPE:
                body = _problem(headers, status, refused.code, refused.sentence)
            _log.info("%d %s %s", status, refused.code, refused.sentence)
        except LedgerError as error:
            # The disk, the clock or the key: ours to mend, and nothing was signed.
            status = 503
            body = _problem(
                headers, status, error.code, "The witness cannot sign now; its operator can see why."
            )
            _log.error("503 %s %s", error.code, error)
        headers["Content-Length"] = str(len(body))
        headers["X-Content-Type-Options"] = "nosniff"
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: WSGIEnvironment, headers: dict[str, str]) -> tuple[int, bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if path == "/add-checkpoint":
            if method != "POST":
                headers["Allow"] = "POST"
                return 405, _problem(headers, 405, "witness.method", "Use POST.")
            headers["Cache-Control"] = "no-store"
            return 200, self.add_checkpoint(_body(environ)).encode()
        found: bytes | None
        if path == "/":
            found = self.facts().encode()
        elif path == "/witness.json":
            headers["Content-Type"] = JSON_TYPE
            found = json.dumps(self.metadata(), ensure_ascii=False).encode()
        else:
            origin_hash, slash, rest = path.removeprefix("/").partition("/")
            found = self.checkpoint(origin_hash) if slash and rest == "checkpoint" else None
        if found is None:
            return 404, _problem(headers, 404, "witness.path", "There is nothing here.")
        if method not in {"GET", "HEAD"}:
            headers["Allow"] = "GET, HEAD"
            return 405, _problem(headers, 405, "witness.method", "Use GET.")
        headers["Cache-Control"] = "max-age=5"
        return 200, found


def _problem(headers: dict[str, str], status: int, code: str, sentence: str) -> bytes:
    """A problem document (RFC 9457); sets its media type."""
    headers["Content-Type"] = PROBLEM_TYPE
    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": sentence, "code": code}
    return json.dumps(problem, ensure_ascii=False).encode()


def _body(environ: WSGIEnvironment) -> bytes:
    """The request's body; never more than one byte above the limit is read."""
    try:
        stated = int(environ.get("CONTENT_LENGTH") or requests.MAX_BODY + 1)
    except ValueError:
        stated = requests.MAX_BODY + 1
    if stated < 0:
        stated = requests.MAX_BODY + 1
    body: bytes = environ["wsgi.input"].read(min(stated, requests.MAX_BODY + 1))
    if len(body) > requests.MAX_BODY:
        raise requests.too_large()
    return body


def _utc(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"POSIX second {seconds}"


class WitnessServer:
    """A witness on a socket: ``url`` once it is made, ``run()`` until ``stop()`` is called from a signal
    handler or another thread.
    """

    def __init__(
        self, witness: Witness, listen: str, *, threads: int = 8, seconds: float = MAX_SECONDS
    ) -> None:
        host, port = address(listen)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=256)
        except OSError as error:
            raise WitnessFault(
                "witness.listen", f"The witness cannot listen on {listen}: {error.strerror}.", where=listen
            ) from None
        self.witness = witness
        bound_host, bound_port = self._socket.getsockname()[:2]
        self.url = (
            f"http://[{bound_host}]:{bound_port}" if ":" in host else f"http://{bound_host}:{bound_port}"
        )
        self._server: Any = create_server(
            witness,
            sockets=[self._socket],
            threads=threads,
            ident=None,
            # One above ours, so that our own refusal answers; a body far above it is cut off by the server.
            max_request_body_size=2 * requests.MAX_BODY,
            max_request_header_size=16 * 1024,
            channel_timeout=30,
            cleanup_interval=5,
            connection_limit=500,
            asyncore_use_poll=True,
            expose_tracebacks=False,
        )
        self._stopping = False
        self._seconds = seconds
        self._begun: dict[Any, tuple[Any, float]] = {}

    def run(self) -> None:
        """Serves until stopped, then lets running requests end and sends their answers."""
        from waitress import wasyncore

        try:
            while not self._stopping:
                wasyncore.loop(timeout=0.5, map=self._server._map, use_poll=True, count=1)
                self._cut_slow()
        except (SystemExit, KeyboardInterrupt):
            pass
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
        for channel in list(self._server.active_channels.values()):
            channel.handle_write()
            channel.handle_close()
        self._server.close()

    def _cut_slow(self) -> None:
        """Ends connections whose request has been coming in for too long; waitress itself counts idle time only."""
        now = time.monotonic()
        begun: dict[Any, tuple[Any, float]] = {}
        for channel in list(self._server.active_channels.values()):
            if channel.request is None:
                continue
            request, since = self._begun.get(channel, (None, now))
            begun[channel] = (channel.request, since if request is channel.request else now)
            if now - begun[channel][1] > self._seconds:
                channel.will_close = True
        self._begun = begun

    def stop(self) -> None:
        """Ends ``run`` at the next turn of its loop."""
        self._stopping = True
        self._server.pull_trigger()


def open_witness(
    config: WitnessConfig, store: Keys, *, create: bool = False, clock: Callable[[], float] = time.time
) -> Witness:
    """The witness of a configuration, with keys from an open KeyStore. ``create`` is for the first start
    alone.

    Raises WitnessFault, KeyRefused.
    """
    if create:
        config.state.parent.mkdir(parents=True, exist_ok=True)
    state = WitnessState(config.state, create=create)
    return Witness(config.name, load_keys(store, config.name), state, config.logs, clock=clock)


def serve(
    config: WitnessConfig | str,
    store: Keys,
    *,
    ready: Callable[[str], None] | None = None,
    reload: Callable[[], WitnessConfig] | None = None,
) -> None:
    """Serves a witness in the main thread until SIGTERM or Ctrl-C; ``ready`` is told the address.

    On SIGHUP ``reload`` (or the same file) is read again and the list of logs replaced. Raises WitnessFault,
    KeyRefused.
    """
    path = config if isinstance(config, str) else None
    settings = WitnessConfig.load(config) if isinstance(config, str) else config
    again = reload or ((lambda: WitnessConfig.load(path)) if path else None)
    witness = open_witness(settings, store)
    server = WitnessServer(witness, settings.listen)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.stop()

    def renew(_signal: int, _frame: FrameType | None) -> None:
        if again is None:
            return
        try:
            witness.set_logs(again().logs)
        except LedgerError as error:
            _log.error("the list of logs stays as it was: %s", error)

    before = {
        number: signal.signal(number, handler)
        for number, handler in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, renew))
    }
    try:
        if ready is not None:
            ready(server.url)
        server.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        witness.state.close()


def lines_of(text: str) -> list[NoteSignature]:
    """The signature lines of an answer to add-checkpoint. Raises NoteError."""
    return [NoteSignature.parse(line) for line in text.removesuffix("\n").split("\n")]
