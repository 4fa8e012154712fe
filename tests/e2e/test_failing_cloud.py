"""Whatever is wrong with credentials, settings or the cloud: a verb ends with one line, not a traceback."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer.main

from covidlake import aws
from covidlake.bundle.package import package
from covidlake.commands import command_line as cli
from localcloud.cloud import LocalCloud
from tests.sampling import sampled

NOBODY = {"AWS_ACCESS_KEY_ID": "AKIANOBODY0000000000", "AWS_SECRET_ACCESS_KEY": "nothing"}
REGION = {"AWS_DEFAULT_REGION": "us-east-2"}
CLOSED = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
# `run` starts a cloud of its own, with credentials of its own; `issue` asks GitHub and no cloud.
VERBS = sorted(
    name
    for name, command in typer.main.get_group(cli.app).commands.items()
    if name not in {"run", "issue"} and any(parameter.name == "environment" for parameter in command.params)
)


class Answering(BaseHTTPRequestHandler):
    """Gives every request the server's one answer; no answer closes the connection."""

    def answer(self) -> None:
        assert isinstance(self.server, OneAnswer)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        if self.server.status:
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(self.server.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(self.server.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Quiet."""


class OneAnswer(ThreadingHTTPServer):
    status = 0
    body = b""


@pytest.fixture(scope="module")
def server() -> Iterator[OneAnswer]:
    with OneAnswer(("127.0.0.1", 0), Answering) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("package") / "bundle").folder


@contextmanager
def settings(values: dict[str, str], folder: Path) -> Iterator[None]:
    """This process with these AWS settings and no other, in a home folder without AWS files."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.upper().startswith("AWS_") or "proxy" in name.lower()]:
        del os.environ[name]
    files = {"AWS_CONFIG_FILE": str(folder / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none")}
    os.environ.update({"AWS_EC2_METADATA_DISABLED": "true", **files, **values})
    aws.forget()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        aws.forget()


@dataclass(frozen=True)
class Ended:
    code: int | str | None
    errors: list[str]
    text: str


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> Callable[..., Ended]:
    """Run a verb as the command line does, without its waits."""
    monkeypatch.setattr("time.sleep", lambda _: None)

    def call(verb: str, values: dict[str, str], config: str = "") -> Ended:
        (tmp_path / "config").write_text(config, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["covidlake", verb, *arguments(verb, bundle)])
        with settings(values, tmp_path), pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        text = printed.out + printed.err
        errors = [line for line in printed.err.splitlines() if line.startswith("error:")]
        return Ended(ended.value.code, errors, text)

    return call


def arguments(verb: str, bundle: Path) -> list[str]:
    """The environment, the bundle where one is taken, and some value for whatever else is required."""
    given = []
    for parameter in typer.main.get_group(cli.app).commands[verb].params:
        value = "dev" if parameter.name == "environment" else None
        if parameter.name == "bundle":
            value = str(bundle)
        elif parameter.required and value is None:
            value = "owner/name" if parameter.name == "repository" else "1"
        if value is not None:
            given += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    if any(parameter.name == "yes" for parameter in typer.main.get_group(cli.app).commands[verb].params):
        given.append("--yes")
    return given


def check(ended: Ended, said: str) -> None:
    assert ended.code not in (0, None), ended.text
    assert "Traceback" not in ended.text
    assert len(ended.errors) <= 1, ended.text
    assert said in " ".join(ended.text.split())


SSO = """[default]
sso_session = company
sso_account_id = 111122223333
sso_role_name = developer
[sso-session company]
sso_region = us-east-2
sso_start_url = https://company.awsapps.com/start
"""


@pytest.mark.parametrize("verb", sampled(VERBS, 6))
@pytest.mark.parametrize(
    ("values", "config", "said"),
    [
        (REGION, "", "no AWS credentials"),
        (NOBODY, "", "no AWS region"),
        (REGION | {"AWS_PROFILE": "nobody"}, "", "correct AWS_PROFILE"),
        (REGION, "[default\nregion =", "correct the file"),
        (REGION | {"AWS_ACCESS_KEY_ID": "x"}, "", "AWS_SECRET_ACCESS_KEY"),
        (REGION, SSO, "aws sso login"),
        (REGION, "[default]\ncredential_process = false\n", "custom-process"),
        (REGION | NOBODY | CLOSED, "", "cannot reach the cloud"),
        (REGION | NOBODY | {"AWS_ENDPOINT_URL": "localhost:4566"}, "", "correct AWS_ENDPOINT_URL"),
        (
            REGION | NOBODY | {"AWS_ENDPOINT_URL": "http://aws.invalid", "HTTP_PROXY": "http://127.0.0.1:9"},
            "",
            "check HTTPS_PROXY",
        ),
    ],
)
def test_wrong_settings(
    call: Callable[..., Ended], verb: str, values: dict[str, str], config: str, said: str
) -> None:
    check(call(verb, values, config), said)


def refusal(code: str, message: str) -> bytes:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return f"<ErrorResponse>{error}</ErrorResponse>".encode()


@pytest.mark.parametrize("verb", sampled(VERBS, 6))
@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, refusal("ExpiredToken", "The security token is expired"), "have expired: sign in again"),
        (403, refusal("SignatureDoesNotMatch", "Signature expired: now earlier"), "clock"),
        (403, refusal("RequestTimeTooSkewed", "too large"), "clock"),
        (400, refusal("Throttling", "Rate exceeded"), "still throttling after 10 attempts"),
        (
            403,
            refusal("AccessDenied", "User: arn:aws:iam::1:user/u is not authorized to perform: a:B"),
            "arn:aws:iam::1:user/u may not a:B",
        ),
        (500, refusal("InternalFailure", ""), "AWS itself failed, also after 4 attempts"),
        (503, b"<html>down</html>", "AWS"),
        (200, b"<html><p>a web site</html>", "AWS_ENDPOINT_URL"),
        (0, b"", "cannot reach the cloud"),
    ],
)
def test_a_cloud_that_refuses(
    call: Callable[..., Ended], server: OneAnswer, verb: str, status: int, body: bytes, said: str
) -> None:
    server.status, server.body = status, body
    endpoint = f"http://127.0.0.1:{server.server_port}"
    check(call(verb, REGION | NOBODY | {"AWS_ENDPOINT_URL": endpoint}), said)


@pytest.mark.parametrize("verb", VERBS)
def test_keys_that_the_cloud_does_not_know(cloud: LocalCloud, call: Callable[..., Ended], verb: str) -> None:
    values = REGION | NOBODY | {"AWS_ENDPOINT_URL": cloud.endpoint_url}
    check(call(verb, values), "does not know these credentials")


@pytest.mark.parametrize("verb", VERBS)
def test_http_where_https_is_expected(cloud: LocalCloud, call: Callable[..., Ended], verb: str) -> None:
    endpoint = cloud.endpoint_url.replace("http://", "https://")
    check(
        call(verb, REGION | NOBODY | {"AWS_ENDPOINT_URL": endpoint}),
        "whether AWS_ENDPOINT_URL is http or https",
    )
