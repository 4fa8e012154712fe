"""An S3 gateway that Hadoop's own WebHDFS client can talk to, on the loop-back interface.

`https://hadoop.apache.org/docs/r3.3.4/hadoop-project-dist/hadoop-hdfs/WebHDFS.html` is the protocol.
The first part of every path is a random token, which keeps this machine's other programs out.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import boto3
from botocore.config import Config

from localcloud.glue.jobs.s3a_tree import ObjectTree
from localcloud.glue.jobs.scratch import CHUNK
from localcloud.glue.jobs.webhdfs import REMOTE_EXCEPTIONS, UnsupportedError, file_status, located_blocks

PREFIX = "/webhdfs/v1"

Found = TypeVar("Found")


def s3_client(environment: Mapping[str, str]) -> Any:
    """An S3 client with the role's credentials, taken from a job run's environment."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
        config=Config(
            max_pool_connections=32,
            retries={"mode": "standard", "max_attempts": 3},
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


class TruncatedBodyError(Exception):
    """The client went away in the middle of a file."""


class Gateway(ThreadingHTTPServer):
    """Serves on a socket that is already listening, so that its port is known before it starts."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, token: str, s3: Any, scratch: Path) -> None:
        super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.root = f"/{token}"
        self.tree = ObjectTree(s3, scratch)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news: Hadoop closes a stream as soon as it has read enough."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms
    wbufsize = 1 << 16
    server: Gateway
    query: dict[str, str]
    content: Iterator[bytes]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """The job's own lines are what its log is for."""

    def answer(self) -> None:
        # Hadoop sends a path's letters beyond ASCII as they are, in UTF-8; http.server reads Latin-1.
        self.path = self.path.encode("latin-1").decode()
        url = urlsplit(self.path)
        self.content = self._body()
        self.query = {name.lower(): values[-1] for name, values in parse_qs(url.query).items()}
        operation = self.query.get("op", "").upper()
        if operation == "GETHOMEDIRECTORY":
            self._json({"Path": "/"})
            return
        try:
            path = self._inside(unquote(url.path).removeprefix(PREFIX))
            action = ACTIONS.get(operation)
            if action is None:
                raise UnsupportedError(f"S3 has no {operation}")
            action(self, path)
        except (BrokenPipeError, ConnectionResetError, TruncatedBodyError):
            self.close_connection = True
        except Exception as error:
            self._fail(error)

    do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server calls

    def _inside(self, path: str) -> str:
        """The path below the token; anything else is not there."""
        root = self.server.root
        if not f"{path}/".startswith(f"{root}/") or ".." in path.split("/"):
            raise FileNotFoundError("no such path")
        return path[len(root) :] or "/"

    def _fail(self, error: Exception) -> None:
        self._drain()  # a client that is still sending would not see the answer
        status, name = REMOTE_EXCEPTIONS.get(type(error), (500, "java.io.IOException"))
        known = type(error) in REMOTE_EXCEPTIONS
        self._exception(status, name, str(error) if known else f"{type(error).__name__}: {error}")

    def _exception(self, status: int, java_class: str, message: str) -> None:
        details = {
            "exception": java_class.rpartition(".")[2],
            "javaClassName": java_class,
            "message": message,
        }
        self._json({"RemoteException": details}, status)

    def _json(self, value: Mapping[str, Any], status: int = 200, **headers: str) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
                yield from self._exactly(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield from self._exactly(int(self.headers.get("Content-Length") or 0))

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            chunk = self.rfile.read(min(size, CHUNK))
            if not chunk:
                raise TruncatedBodyError
            size -= len(chunk)
            yield chunk

    def _drain(self) -> None:
        for _ in self.content:
            continue

    def status(self, path: str) -> None:
        self._json({"FileStatus": file_status(_present(self.server.tree.status(path), path))})

    def listing(self, path: str) -> None:
        entries = _present(self.server.tree.listing(path), path)
        statuses = {"FileStatuses": {"FileStatus": [file_status(entry) for entry in entries]}}
        if self.query["op"].upper() == "LISTSTATUS":
            self._json(statuses)
        else:
            self._json({"DirectoryListing": {"partialListing": statuses, "remainingEntries": 0}})

    def summary(self, path: str) -> None:
        size, files, folders = _present(self.server.tree.summary(path), path)
        counts = {"length": size, "spaceConsumed": size, "fileCount": files, "directoryCount": folders}
        self._json({"ContentSummary": {**counts, "quota": -1, "spaceQuota": -1}})

    def block_locations(self, path: str) -> None:
        entry = _present(self.server.tree.status(path), path)
        self._json({"LocatedBlocks": located_blocks(entry)})

    def access(self, path: str) -> None:
        _present(self.server.tree.status(path), path)
        self._json({})

    def open(self, path: str) -> None:
        length = int(self.query["length"]) if "length" in self.query else None
        size, chunks = _present(self.server.tree.read(path, int(self.query.get("offset", 0)), length), path)
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        try:
            for chunk in chunks:
                self.wfile.write(chunk)
        except Exception:  # too late for an error answer; a cut stream is one that Hadoop notices
            self.close_connection = True

    def create(self, path: str) -> None:
        if "gateway" not in self.query:  # the first request of a write has no body; it asks where to send it
            if self.query.get("overwrite", "false") != "true":
                self.server.tree.require_absent(path)
            here = quote(self.path, safe="/%?&=:")
            port = self.server.server_address[1]
            self._json({}, 307, Location=f"http://127.0.0.1:{port}{here}&gateway=1")
            return
        self.server.tree.write(path, self._copy_into)
        self._json({}, 201)

    def _copy_into(self, stream: IO[bytes]) -> None:
        for chunk in self.content:
            stream.write(chunk)

    def make_folder(self, path: str) -> None:
        self.server.tree.make_folder(path)
        self._json({"boolean": True})

    def delete(self, path: str) -> None:
        recursive = self.query.get("recursive", "false") == "true"
        self._json({"boolean": self.server.tree.delete(path, recursive)})

    def rename(self, path: str) -> None:
        target = self._inside(self.query["destination"])
        self._json({"boolean": self.server.tree.rename(path, target)})

    def ignore(self, path: str) -> None:  # noqa: ARG002 - the signature of an action
        """Permissions, owners and times: an S3 object has none of them, and S3A ignores them too."""
        self._json({})


ACTIONS: Mapping[str, Callable[[_Handler, str], None]] = {
    "GETFILESTATUS": _Handler.status,
    "LISTSTATUS": _Handler.listing,
    "LISTSTATUS_BATCH": _Handler.listing,
    "GETCONTENTSUMMARY": _Handler.summary,
    "GET_BLOCK_LOCATIONS": _Handler.block_locations,
    "CHECKACCESS": _Handler.access,
    "OPEN": _Handler.open,
    "CREATE": _Handler.create,
    "MKDIRS": _Handler.make_folder,
    "DELETE": _Handler.delete,
    "RENAME": _Handler.rename,
    "SETPERMISSION": _Handler.ignore,
    "SETOWNER": _Handler.ignore,
    "SETTIMES": _Handler.ignore,
}


def _present(found: Found | None, path: str) -> Found:
    if found is None:
        raise FileNotFoundError(f"no such path: s3:/{path}")
    return found
