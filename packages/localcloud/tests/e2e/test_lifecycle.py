"""The command line: up, env, status, down, reset, serve; nothing is left behind, whatever ends it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import processes
from localcloud.cloud import LocalCloud
from localcloud.errors import LocalCloudError
from localcloud.home import Home

StartWorker = Callable[[LocalCloud], int]
ROOT = Path(__file__).parents[2]


def run(*arguments: str, home: Path, status: int = 0) -> str:
    """Run one command to its end; returns its output, of which errors are a part."""
    done = subprocess.run(
        [sys.executable, "-m", "localcloud", *arguments, "--home", str(home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "cloud home"  # a space: what `env` prints must be quoted where needed
    yield folder
    if folder.exists():
        run("down", home=folder)
    assert not processes.of(folder / "tmp")
    assert not (folder / "tmp").exists()


@pytest.fixture
def start_worker() -> Iterator[StartWorker]:
    """Starts a process that looks like one of the cloud's and does not end by itself."""
    started = []

    def start(cloud: LocalCloud) -> int:
        environment = {**os.environ, "TMPDIR": str(cloud.home.temporary / "job")}
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], env=environment)
        started.append(sleeper)
        assert eventually(lambda: sleeper.pid in processes.of(cloud.home.temporary))
        return sleeper.pid

    yield start
    for sleeper in started:
        sleeper.kill()
        sleeper.wait()


@pytest.fixture
def up(home: Path) -> LocalCloud:
    run("up", home=home)
    return LocalCloud.running(home)


def make_bucket(cloud: LocalCloud, name: str) -> None:
    cloud.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": cloud.region}
    )


def buckets(cloud: LocalCloud) -> list[str]:
    return [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]


def test_state_survives_down_and_up_on_the_same_port(up: LocalCloud, home: Path) -> None:
    make_bucket(up, "kept")
    up.client("s3").put_object(Bucket="kept", Key="a", Body=b"1")
    url = up.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    up.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
    assert "stopped" in run("down", home=home)
    assert "not running" in run("down", home=home)
    run("up", home=home)
    again = LocalCloud.running(home)
    assert again.endpoint_url == up.endpoint_url
    assert again.client("s3").get_object(Bucket="kept", Key="a")["Body"].read() == b"1"
    (message,) = again.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "hello"


@pytest.mark.prove
def test_catalog_and_stacks_survive_down_and_up(up: LocalCloud, home: Path) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "kept"}}}}
    up.client("cloudformation").create_stack(StackName="kept", TemplateBody=json.dumps(template))
    glue = up.client("glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    columns = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://kept/"}
    keys = [{"Name": "month", "Type": "string"}]
    table = {"Name": "t", "StorageDescriptor": columns, "PartitionKeys": keys}
    glue.create_table(DatabaseName="lake", TableInput=table)
    partition = {"Values": ["2022-12"], "StorageDescriptor": columns}
    glue.create_partition(DatabaseName="lake", TableName="t", PartitionInput=partition)
    run("down", home=home)
    run("up", home=home)
    again = LocalCloud.running(home)
    (stack,) = again.client("cloudformation").describe_stacks(StackName="kept")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    (found,) = again.client("glue").get_partitions(DatabaseName="lake", TableName="t")["Partitions"]
    assert found["Values"] == ["2022-12"]
    again.client("cloudformation").delete_stack(StackName="kept")
    assert eventually(lambda: not again.client("sns").list_topics()["Topics"])


def test_up_twice_says_so_and_changes_nothing(up: LocalCloud, home: Path) -> None:
    assert f"already running on {up.endpoint_url}" in run("up", home=home)
    assert LocalCloud.running(home).pid == up.pid


def test_status_says_where_it_runs(home: Path) -> None:
    assert json.loads(run("status", "--json", home=home, status=3)) == {"running": False}
    run("up", "--region", "eu-west-1", "--wait-scale", "0.5", home=home)
    facts = json.loads(run("status", "--json", home=home))
    assert facts["running"] is True
    assert facts["endpoint_url"] == f"http://127.0.0.1:{facts['port']}"
    assert (facts["region"], facts["wait_scale"]) == ("eu-west-1", 0.5)


def test_env_points_a_shell_at_the_cloud(up: LocalCloud, home: Path) -> None:
    make_bucket(up, "seen-from-the-shell")
    script = 'eval "$("$0" -m localcloud env --home "$1")" && "$0" -c "$2"'
    look = "import boto3; print([b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']])"
    stale = {"AWS_PROFILE": "no-such-profile", "AWS_SESSION_TOKEN": "stale"}
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, str(home), look],
        cwd=ROOT,
        env={**os.environ, **stale},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "['seen-from-the-shell']", done.stderr


def test_env_of_a_cloud_that_does_not_run_is_an_error(home: Path) -> None:
    text = run("env", home=home, status=3)
    assert len(text.splitlines()) == 1
    assert "no local cloud runs" in text


def test_reset_wipes_a_running_cloud(up: LocalCloud, home: Path) -> None:
    make_bucket(up, "wiped")
    run("reset", home=home)
    assert buckets(up) == []
    assert LocalCloud.running(home).pid == up.pid


@pytest.mark.prove
def test_reset_wipes_a_stopped_cloud(up: LocalCloud, home: Path) -> None:
    make_bucket(up, "wiped")
    run("down", home=home)
    run("reset", home=home)
    run("up", home=home)
    assert buckets(LocalCloud.running(home)) == []


def test_after_kill_9_the_next_up_recovers(up: LocalCloud, home: Path, start_worker: StartWorker) -> None:
    make_bucket(up, "survivor")
    up.client("s3").put_object(Bucket="survivor", Key="a", Body=b"1")
    worker = start_worker(up)
    os.kill(up.pid, signal.SIGKILL)
    assert eventually(lambda: not alive(up.pid))
    assert "not running" in run("status", home=home, status=3)
    run("up", home=home)
    again = LocalCloud.running(home)
    assert again.pid != up.pid
    assert again.endpoint_url == up.endpoint_url
    assert again.client("s3").get_object(Bucket="survivor", Key="a")["Body"].read() == b"1"
    assert not alive(worker)


def test_down_ends_every_process_of_the_cloud(up: LocalCloud, home: Path, start_worker: StartWorker) -> None:
    worker = start_worker(up)
    run("down", home=home)
    assert not alive(worker)
    assert not alive(up.pid)


def test_a_taken_port_is_an_error_when_it_was_asked_for(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = run("up", "--port", str(port), home=home, status=1)
    assert f"port {port} cannot be used" in text


@pytest.mark.prove
def test_another_port_is_taken_when_that_of_the_last_run_is_not_free(up: LocalCloud, home: Path) -> None:
    port = int(up.endpoint_url.rpartition(":")[2])
    run("down", home=home)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        text = run("up", home=home)
    assert f"port {port} of the last run is taken" in text
    assert LocalCloud.running(home).endpoint_url != up.endpoint_url


@pytest.mark.parametrize(
    "arguments", [["up", "--port", "http"], ["up", "--wait-scale", "2"], ["upp"], ["status", "--port", "1"]]
)
def test_a_wrong_command_line_is_refused(home: Path, arguments: list[str]) -> None:
    assert "usage:" in run(*arguments, home=home, status=2)


def test_running_in_a_home_without_a_cloud_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="no local cloud runs"):
        LocalCloud.running(tmp_path)


@contextlib.contextmanager
def serving(home: Path, *options: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "localcloud", "serve", "--home", str(home), *options]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **more) as process:
        try:
            assert eventually(lambda: Home(home.resolve()).run() is not None)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_leaves_no_process_and_no_file(
    tmp_path: Path, start_worker: StartWorker, number: signal.Signals
) -> None:
    home = tmp_path / "home"
    with serving(home, "--ephemeral") as process:
        worker = start_worker(LocalCloud.running(home))
        os.killpg(process.pid, number)
        assert process.wait(30) == 0
    assert not alive(worker)
    assert list(tmp_path.iterdir()) == []


def test_the_cloud_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    options = ("--ephemeral", "--until-stdin-closes")
    with serving(home, *options, stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


OWNER = """
import signal, sys
from localcloud.cloud import LocalCloud
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs without
with LocalCloud.ephemeral() as cloud:
    print(cloud.pid, cloud.home.path, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_ephemeral_cloud_does_not_outlive_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as owner:
        assert owner.stdout
        server, folder = owner.stdout.readline().decode().split(maxsplit=1)
        owner.send_signal(number)
        owner.wait(30)
    assert eventually(lambda: not alive(int(server)))
    assert eventually(lambda: not Path(folder.strip()).exists())


@pytest.mark.prove
def test_what_a_killed_ephemeral_cloud_has_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "localcloud-left"
    with serving(left, "--ephemeral") as process:
        process.kill()
        process.wait()
    assert left.exists()
    with LocalCloud.ephemeral() as cloud:
        assert not left.exists()
        assert cloud.home.path.parent == tmp_path.resolve()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_start_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with (
        pytest.raises(LocalCloudError, match="ended with status 2") as failure,
        LocalCloud.ephemeral(wait_scale=7),
    ):
        pytest.fail("it started")
    assert "'7' is not a wait scale" in str(failure.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_it_listens_on_the_loop_back_interface_only(cloud: LocalCloud) -> None:
    own = {str(link.readlink()) for link in Path(f"/proc/{cloud.pid}/fd").iterdir() if link.is_symlink()}
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{cloud.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                addresses.add(fields[1])
    port = int(cloud.endpoint_url.rpartition(":")[2])
    assert addresses == {f"0100007F:{port:04X}"}


def test_the_users_own_settings_do_not_reach_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("SERVICES", "s3")
    with LocalCloud.ephemeral(region="eu-west-1") as cloud:
        assert cloud.client("sqs").create_queue(QueueName="q")["QueueUrl"].startswith(cloud.endpoint_url)
        assert cloud.environment()["AWS_REGION"] == "eu-west-1"
