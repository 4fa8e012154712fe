"""Package and deploy, ours and the stock tool's: python -m benchmarks.deploy [--rounds 3] [--aws PATH].

Both work on one local cloud in one run, turn by turn, as whole processes: `covidlake package` and
`covidlake deploy` beside `aws cloudformation package` and `aws cloudformation deploy`. Each deploys the
project's own template to stacks of its own, three times in each round: the first time, once more without
any change, and after one line of one Lambda function has changed. Ours builds the template as well; the
stock tool gets it built, and that time is not counted.

The stock tool asks for the state of a change set every 5 seconds and for that of a stack every 30, and it
can be told nothing else. Those waits are what they are, here as on AWS, where no operation is done at the
first question; the local cloud takes 0.3 s for each (`localcloud.cloudformation.stack_operations`).
Without that moment the stock tool would never wait here, and both would cost about the same: two Python
processes and the AWS SDK. That is the table
"as it is". "as on AWS" is the same cloud behind a gateway that, for --latency seconds after each of the two
calls, answers CREATE_IN_PROGRESS or UPDATE_IN_PROGRESS. On AWS both tools also wait for the resources
themselves: the longer those take, the nearer the ratio of a deploy comes to 1.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml
from rich.console import Console
from rich.table import Table

from localcloud.cloud import LocalCloud

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("covidlake", "environments", "infra", "jobs", "lambdas")
CASES = ("first deploy", "no change", "one changed Lambda")
AIM = 5.0
BUCKET = "stock-artifacts"

Environment = dict[str, str]
Times = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds [%(default)s]")
    parser.add_argument("--latency", type=float, default=1.0, help="seconds, as on AWS [%(default)s]")
    parser.add_argument("--aws", type=Path, default=Path(sys.executable).with_name("aws"), help="the AWS CLI")
    options = parser.parse_args()
    if not options.aws.exists():
        raise SystemExit(f"{options.aws} is missing: make install-dev, or give --aws")
    with tempfile.TemporaryDirectory() as folder, LocalCloud.ephemeral() as cloud:
        checkout = Checkout(Path(folder), options.aws)
        warm_up(checkout, cloud)
        for title, latency in (("as it is", 0.0), ("as on AWS", options.latency)):
            with gateway(cloud.endpoint_url, latency) as endpoint:
                environment = process_environment(cloud, endpoint)
                measured = [one_round(checkout, environment, title, n) for n in range(options.rounds)]
            report(f"{title}: answers {latency:g} s late", measured)


@dataclass
class Checkout:
    """A copy of what is packaged, in which a Lambda function can be changed."""

    folder: Path
    aws: Path
    changes: int = 0

    def __post_init__(self) -> None:
        for name in SOURCES:
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))

    def add_environment(self, name: str) -> dict[str, str]:
        """Copy the dev environment under another name; its parameters."""
        text = (ROOT / "environments" / "dev.yaml").read_text()
        text = text.replace('"dev"', f'"{name}"').replace("Environment: dev", f"Environment: {name}")
        (self.folder / "environments" / f"{name}.yaml").write_text(text)
        parameters: dict[str, str] = yaml.safe_load(text)["parameters"]
        return parameters

    def change_function(self) -> None:
        self.changes += 1
        with (self.folder / "lambdas" / "check_crawler" / "handler.py").open("a") as handler:
            handler.write(f"\nRELEASE = {self.changes}\n")

    def run(self, environment: Environment, *command: str) -> float:
        """The seconds of a whole process; it must succeed."""
        started = time.perf_counter()
        done = subprocess.run(
            list(command), cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(f"{' '.join(command[:4])}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return seconds

    def covidlake(self, environment: Environment, *arguments: str) -> float:
        return self.run(environment, sys.executable, "-m", "covidlake", *arguments)

    def ours(self, environment: Environment, name: str) -> float:
        package = self.covidlake(environment, "package")
        return package + self.covidlake(environment, "deploy", name)

    def stock(self, environment: Environment, name: str, parameters: dict[str, str]) -> float:
        self.covidlake(environment, "build")
        packaged, bucket = "packaged.json", ["--s3-bucket", BUCKET]
        package = self.run(
            environment,
            *(str(self.aws), "cloudformation", "package", "--template-file", "build/template.json", *bucket),
            *("--use-json", "--output-template-file", packaged),
        )
        words = [f"{key}={value}" for key, value in parameters.items()]
        return package + self.run(
            environment,
            *(str(self.aws), "cloudformation", "deploy", "--template-file", packaged, *bucket),
            *("--stack-name", f"covid-lake-{name}", "--capabilities", "CAPABILITY_NAMED_IAM"),
            *("--no-fail-on-empty-changeset", "--parameter-overrides", *words),
        )


def process_environment(cloud: LocalCloud, endpoint: str) -> Environment:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, **cloud.environment(), "AWS_ENDPOINT_URL": endpoint}


def warm_up(checkout: Checkout, cloud: LocalCloud) -> None:
    """One deploy that is not counted: the cloud loads its services when they are first used."""
    print("one deploy that is not counted ...", file=sys.stderr)
    location = {"LocationConstraint": cloud.region}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    checkout.add_environment("warm")
    checkout.ours(process_environment(cloud, cloud.endpoint_url), "warm")


def one_round(checkout: Checkout, environment: Environment, title: str, number: int) -> dict[str, Times]:
    """Both tools, turn by turn, through the three cases, on new stacks."""
    names = {tool: f"{tool}-{'a' if 'AWS' in title else 'i'}{number}" for tool in ("ours", "stock")}
    parameters = {tool: checkout.add_environment(name) for tool, name in names.items()}
    found: dict[str, Times] = {case: {} for case in CASES}
    for case in CASES:
        if case == CASES[2]:
            checkout.change_function()
        print(f"{title}, round {number + 1}, {case} ...", file=sys.stderr)
        found[case]["ours"] = [checkout.ours(environment, names["ours"])]
        found[case]["stock"] = [checkout.stock(environment, names["stock"], parameters["stock"])]
    return found


def report(title: str, measured: list[dict[str, Times]]) -> None:
    table = Table("case", "ours, s", "stock, s", "ratio", f"at least {AIM:g}", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for case in CASES:
        ours, stock = (
            statistics.median(second for found in measured for second in found[case][tool])
            for tool in ("ours", "stock")
        )
        met = "yes" if stock / ours >= AIM else "no"
        table.add_row(case, f"{ours:.2f}", f"{stock:.2f}", f"{stock / ours:.1f}", met)
    console = Console()
    console.print(table)
    console.print(f"medians of {len(measured)} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


# --- the gateway --------------------------------------------------------------------------------------


@dataclass
class Delays:
    """Until when the cloud says that a change set, or the stack it was executed on, is in progress."""

    latency: float
    until: dict[str, float] = field(default_factory=dict)

    def noted(self, call: dict[str, str], answer: bytes) -> bytes:
        """The answer to a call as AWS would give it now."""
        action = call.get("Action", "")
        subject = call.get("ChangeSetName" if "ChangeSet" in action else "StackName", "")
        if action == "CreateChangeSet":
            self._start(subject, *re.findall(r"<Id>([^<]+)</Id>", answer.decode()))
        elif action == "ExecuteChangeSet":
            self._start(call.get("StackName", ""))
        elif action == "DescribeChangeSet" and self._is_busy(subject):
            return re.sub(rb"<Status>[A-Z_]+</Status>", b"<Status>CREATE_IN_PROGRESS</Status>", answer)
        elif action == "DescribeStacks" and self._is_busy(subject):
            in_progress = rb"<StackStatus>\1_IN_PROGRESS</StackStatus>"
            return re.sub(rb"<StackStatus>(CREATE|UPDATE)_COMPLETE</StackStatus>", in_progress, answer)
        return answer

    def _start(self, *subjects: str) -> None:
        self.until.update(dict.fromkeys(subjects, time.monotonic() + self.latency))

    def _is_busy(self, subject: str) -> bool:
        return time.monotonic() < self.until.get(subject, 0.0)


@contextmanager
def gateway(endpoint: str, latency: float) -> Iterator[str]:
    """The address of the cloud, or, with a latency, of a server before it that answers late."""
    if not latency:
        yield endpoint
        return
    cloud, delays = urlsplit(endpoint), Delays(latency)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection(cloud.hostname or "", cloud.port, timeout=120)
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            given, answer = parse_qs(body.decode("latin-1")), response.read()
            answer = delays.noted({name: values[0] for name, values in given.items()}, answer)
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            length = response.getheader("Content-Length") if self.command == "HEAD" else str(len(answer))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)
            connection.close()

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Requests are not logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


if __name__ == "__main__":
    main()
