"""The S3 gateway, spoken to as Hadoop's WebHDFS client does, on moto's S3."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from localcloud.glue.jobs import s3a_tree, webhdfs
from localcloud.glue.jobs.gateway import Gateway
from localcloud.glue.jobs.s3_errors import AccessDeniedError, S3Error
from localcloud.glue.jobs.s3a_tree import ObjectTree
from localcloud.glue.jobs.scratch import Entry
from localcloud.glue.jobs.webhdfs import BLOCK_SIZE

TOKEN = "secret-token"


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )


@pytest.fixture
def s3(moto: Any) -> Iterator[Any]:
    moto.create_bucket(Bucket="lake")
    yield moto
    for key in keys(moto):
        moto.delete_object(Bucket="lake", Key=key)
    moto.delete_bucket(Bucket="lake")


class Hadoop:
    """One WebHDFS client: (status, JSON) of an operation, bytes of a file."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def ask(self, method: str, op: str, path: str, body: Any = None, token: str = TOKEN, **query: Any) -> Any:
        url = f"/webhdfs/v1/{token}{quote(path)}?{urlencode({'op': op, **query})}"
        self.connection.request(method, url, body, encode_chunked=body is not None)
        answer = self.connection.getresponse()
        content = answer.read()
        location = answer.getheader("Location")
        if answer.getheader("Content-Type") == "application/json":
            return answer.status, {"location": location} if location else json.loads(content)
        return answer.status, content

    def create(self, path: str, *chunks: bytes, **query: Any) -> Any:
        status, answer = self.ask("PUT", "CREATE", path, **query)
        assert status == 307
        target = answer["location"].partition(f":{self.port}")[2]
        self.connection.request("PUT", target, iter(chunks), encode_chunked=True)
        reply = self.connection.getresponse()
        return reply.status, json.loads(reply.read())

    def names(self, path: str) -> list[str]:
        _, answer = self.ask("GET", "LISTSTATUS", path)
        return [entry["pathSuffix"] for entry in answer["FileStatuses"]["FileStatus"]]


@pytest.fixture
def hadoop(s3: Any, tmp_path: Path) -> Iterator[Hadoop]:
    listener = socket.create_server(("127.0.0.1", 0))
    gateway = Gateway(listener, TOKEN, s3, tmp_path / "scratch")
    thread = threading.Thread(target=gateway.serve_forever, args=(0.01,))
    thread.start()
    client = Hadoop(listener.getsockname()[1])
    yield client
    client.connection.close()
    gateway.shutdown()
    gateway.server_close()
    thread.join()


def keys(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket="lake").get("Contents", [])]


def exception(answer: Any) -> tuple[int, str, str]:
    status, body = answer
    return status, body["RemoteException"]["javaClassName"], body["RemoteException"]["message"]


def test_status_of_file_folder_bucket_and_nothing(s3: Any, hadoop: Hadoop) -> None:
    s3.put_object(Bucket="lake", Key="a/b", Body=b"12345")
    status, answer = hadoop.ask("GET", "GETFILESTATUS", "/lake/a/b")
    assert (status, answer["FileStatus"]["type"], answer["FileStatus"]["length"]) == (200, "FILE", 5)
    for folder in ("/lake/a", "/lake/a/", "/lake"):
        status, answer = hadoop.ask("GET", "GETFILESTATUS", folder)
        assert (status, answer["FileStatus"]["type"]) == (200, "DIRECTORY")
    nothing = exception(hadoop.ask("GET", "GETFILESTATUS", "/lake/a/bb"))
    assert nothing[:2] == (404, "java.io.FileNotFoundException")


@pytest.mark.parametrize("key", ["a b", "a+b", "a%20b", "ä/é", "x=y&z", "100%", "p#q?r", "day=1/é %2F+.json"])
def test_names_of_every_kind_go_both_ways(s3: Any, hadoop: Hadoop, key: str) -> None:
    assert hadoop.create(f"/lake/t/{key}", b"new")[0] == 201
    assert keys(s3) == [f"t/{key}"]
    assert hadoop.ask("GET", "OPEN", f"/lake/t/{key}") == (200, b"new")
    assert hadoop.names("/lake/t") == [key.partition("/")[0]]
    assert hadoop.ask("DELETE", "DELETE", f"/lake/t/{key}") == (200, {"boolean": True})


def test_raw_letters_in_the_request_line(s3: Any, hadoop: Hadoop) -> None:
    s3.put_object(Bucket="lake", Key="é", Body=b"x")
    with socket.create_connection(("127.0.0.1", hadoop.port)) as connection:
        request = f"GET /webhdfs/v1/{TOKEN}/lake/é?op=OPEN HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        with connection.makefile("rb") as answer:
            assert answer.readline() == b"HTTP/1.1 200 OK\r\n"


def test_parts_of_a_file(s3: Any, hadoop: Hadoop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3a_tree, "READ_BLOCK", 7)
    body = bytes(range(100))
    s3.put_object(Bucket="lake", Key="f", Body=body)
    s3.put_object(Bucket="lake", Key="empty", Body=b"")
    assert hadoop.ask("GET", "OPEN", "/lake/f") == (200, body)
    assert hadoop.ask("GET", "OPEN", "/lake/f", offset=90) == (200, body[90:])
    assert hadoop.ask("GET", "OPEN", "/lake/f", offset=3, length=20) == (200, body[3:23])
    assert hadoop.ask("GET", "OPEN", "/lake/f", offset=95, length=50) == (200, body[95:])
    assert hadoop.ask("GET", "OPEN", "/lake/f", offset=100) == (200, b"")
    assert hadoop.ask("GET", "OPEN", "/lake/empty") == (200, b"")
    assert exception(hadoop.ask("GET", "OPEN", "/lake/none"))[:2] == (404, "java.io.FileNotFoundException")


def test_object_replaced_during_a_read_is_never_mixed(s3: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(s3a_tree, "READ_BLOCK", 4)
    s3.put_object(Bucket="lake", Key="f", Body=b"oldoldold")
    found = ObjectTree(s3, tmp_path).read("/lake/f", 0, None)
    assert found is not None
    size, chunks = found
    assert (size, next(chunks)) == (9, b"oldo")
    s3.put_object(Bucket="lake", Key="f", Body=b"newnewnew")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        next(chunks)


def test_listing_of_files_and_folders(s3: Any, hadoop: Hadoop) -> None:
    for key in ("t/b", "t/a/1", "t/a/2", "t/", "tt/x"):
        s3.put_object(Bucket="lake", Key=key, Body=b"")
    hadoop.ask("PUT", "MKDIRS", "/lake/t/made/deep")
    assert hadoop.names("/lake/t") == ["a", "b", "made"]
    assert hadoop.names("/lake") == ["t", "tt"]
    assert hadoop.ask("GET", "LISTSTATUS", "/lake/none")[0] == 404
    _, summary = hadoop.ask("GET", "GETCONTENTSUMMARY", "/lake/t")
    assert (summary["ContentSummary"]["fileCount"], summary["ContentSummary"]["directoryCount"]) == (3, 4)


def test_commit_puts_each_finished_file_once(s3: Any, hadoop: Hadoop) -> None:
    staging = "/lake/t/.spark-staging-1"
    attempt, task = f"{staging}/_temporary/0/attempt", f"{staging}/_temporary/0/task"
    for month in ("month=1", "month=2"):
        assert hadoop.create(f"{attempt}/{month}/part", b"rows")[0] == 201
    assert hadoop.ask("PUT", "RENAME", attempt, destination=f"/{TOKEN}{task}") == (200, {"boolean": True})
    for month in ("month=1", "month=2"):
        target = f"/{TOKEN}{staging}/{month}"
        assert hadoop.ask("PUT", "RENAME", f"{task}/{month}", destination=target)[1] == {"boolean": True}
    assert keys(s3) == []
    final = f"/{TOKEN}/lake/t/month=1"
    assert hadoop.ask("PUT", "RENAME", f"{staging}/month=1", destination=final)[1] == {"boolean": True}
    assert keys(s3) == ["t/month=1/part"]
    assert hadoop.ask("DELETE", "DELETE", staging, recursive="true") == (200, {"boolean": True})
    assert keys(s3) == ["t/month=1/part"]
    assert hadoop.names("/lake/t") == ["month=1"]


def test_rename_of_objects(s3: Any, hadoop: Hadoop) -> None:
    for key in ("a/1", "a/b/2", "file"):
        s3.put_object(Bucket="lake", Key=key, Body=key.encode())
    assert hadoop.ask("PUT", "RENAME", "/lake/a", destination=f"/{TOKEN}/lake/z")[1] == {"boolean": True}
    assert keys(s3) == ["file", "z/1", "z/b/2"]
    assert hadoop.ask("PUT", "RENAME", "/lake/file", destination=f"/{TOKEN}/lake/z")[1] == {"boolean": True}
    assert keys(s3) == ["z/1", "z/b/2", "z/file"]
    taken = hadoop.ask("PUT", "RENAME", "/lake/z/1", destination=f"/{TOKEN}/lake/z/file")
    assert taken[1] == {"boolean": False}
    missing = hadoop.ask("PUT", "RENAME", "/lake/none", destination=f"/{TOKEN}/lake/y")
    assert missing[1] == {"boolean": False}


def test_delete_refuses_a_full_folder_and_a_bucket(s3: Any, hadoop: Hadoop, monkeypatch: Any) -> None:
    monkeypatch.setattr(s3a_tree, "DELETE_BATCH", 2)
    for number in range(5):
        s3.put_object(Bucket="lake", Key=f"t/{number}", Body=b"")
    refused = exception(hadoop.ask("DELETE", "DELETE", "/lake/t"))
    assert refused[1] == "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException"
    assert hadoop.ask("DELETE", "DELETE", "/lake", recursive="true") == (200, {"boolean": False})
    assert len(keys(s3)) == 5
    assert hadoop.ask("DELETE", "DELETE", "/lake/t", recursive="true") == (200, {"boolean": True})
    assert keys(s3) == []
    assert hadoop.ask("DELETE", "DELETE", "/lake/t", recursive="true") == (200, {"boolean": False})


def test_create_respects_overwrite(s3: Any, hadoop: Hadoop) -> None:
    assert hadoop.create("/lake/f", b"on", b"e")[0] == 201
    refused = exception(hadoop.ask("PUT", "CREATE", "/lake/f", overwrite="false"))
    assert refused[1] == "org.apache.hadoop.fs.FileAlreadyExistsException"
    hadoop.create("/lake/f", b"three", overwrite="true")
    assert s3.get_object(Bucket="lake", Key="f")["Body"].read() == b"three"


def test_create_that_s3_refuses_says_so_after_the_whole_body(hadoop: Hadoop) -> None:
    refused = exception(hadoop.create("/nowhere/f", *[b"x" * 100_000] * 20, overwrite="true"))
    assert refused[:2] == (403, "java.io.IOException")
    assert "PutObject s3://nowhere/f: NoSuchBucket" in refused[2]
    assert hadoop.ask("GET", "GETFILESTATUS", "/lake")[0] == 200


def test_writer_that_dies_leaves_no_object(s3: Any, hadoop: Hadoop) -> None:
    path = f"/webhdfs/v1/{TOKEN}/lake/f?op=CREATE&gateway=1"
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf"
    with socket.create_connection(("127.0.0.1", hadoop.port)) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert keys(s3) == []


def test_only_the_token_opens(s3: Any, hadoop: Hadoop) -> None:
    s3.put_object(Bucket="lake", Key="f", Body=b"x")
    for token in ("wrong", TOKEN + "x", TOKEN + "/..", "lake"):
        assert hadoop.ask("GET", "OPEN", "/lake/f", token=token)[0] == 404
    assert hadoop.ask("GET", "OPEN", "/lake/../lake/f")[0] == 404
    assert hadoop.ask("PUT", "RENAME", "/lake/f", destination="/lake/g")[0] == 404
    assert hadoop.ask("PUT", "RENAME", "/lake/f", destination=f"/{TOKEN}/lake/../g")[0] == 404
    assert keys(s3) == ["f"]


def test_what_s3_lacks_is_an_error(hadoop: Hadoop) -> None:
    answer = exception(hadoop.ask("POST", "APPEND", "/lake/f"))
    assert answer == (400, "java.lang.UnsupportedOperationException", "S3 has no APPEND")
    assert hadoop.ask("PUT", "SETPERMISSION", "/lake/f", permission="777") == (200, {})


def test_blocks_cover_a_file() -> None:

    located = webhdfs.located_blocks(Entry("f", BLOCK_SIZE + 5))
    assert [(block["startOffset"], block["block"]["numBytes"]) for block in located["locatedBlocks"]] == [
        (0, BLOCK_SIZE),
        (BLOCK_SIZE, 5),
    ]
    assert webhdfs.located_blocks(Entry("f", 0))["locatedBlocks"] == []


def refusal(operation: str, status: int, code: str, message: str) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


class Refusing:
    """An S3 that refuses some operations: {operation: error}."""

    def __init__(self, s3: Any, **refused: ClientError) -> None:
        self.s3, self.refused = s3, refused

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> Any:
            raise self.refused[name]

        return refuse if name in self.refused else getattr(self.s3, name)


FORBIDDEN = refusal("HeadObject", 403, "403", "Forbidden")
DENIED_GET = refusal("GetObject", 403, "AccessDenied", "User: r is not authorized to perform: s3:GetObject")
DENIED_LIST = refusal("ListObjectsV2", 403, "AccessDenied", "no s3:ListBucket")
DENIED_PUT = refusal("PutObject", 403, "AccessDenied", "no s3:PutObject")


def test_refusals_are_never_absences(s3: Any, tmp_path: Path) -> None:
    tree = ObjectTree(Refusing(s3, head_object=FORBIDDEN, get_object=DENIED_GET), tmp_path)
    with pytest.raises(AccessDeniedError, match="GetObject s3://lake/f: AccessDenied: User: r is not"):
        tree.status("/lake/f")
    with pytest.raises(AccessDeniedError, match="GetObject s3://lake/f"):
        tree.read("/lake/f", 0, None)
    tree = ObjectTree(Refusing(s3, list_objects_v2=DENIED_LIST), tmp_path)
    with pytest.raises(AccessDeniedError, match=r"s3://lake/f.*s3:ListBucket"):
        tree.status("/lake/f")


def write_x(stream: IO[bytes]) -> None:
    stream.write(b"x")


def test_refused_upload_leaves_the_scratch_to_the_committer(s3: Any, tmp_path: Path) -> None:
    tree = ObjectTree(Refusing(s3, put_object=DENIED_PUT), tmp_path)
    tree.write("/lake/t/_temporary/f", write_x)
    with pytest.raises(AccessDeniedError, match="s3://lake/t/f: AccessDenied: no s3:PutObject"):
        tree.rename("/lake/t/_temporary/f", "/lake/t/f")
    assert tree.status("/lake/t/_temporary/f") is not None


def test_keys_that_may_not_be_deleted_are_an_error(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="lake", Key="t/f", Body=b"")

    class Partial(Refusing):
        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "t/f", "Code": "AccessDenied", "Message": "no s3:DeleteObject"}]}

    with pytest.raises(AccessDeniedError, match="s3://lake/t/f: AccessDenied: no s3:DeleteObject"):
        ObjectTree(Partial(s3), tmp_path).delete("/lake/t", recursive=True)


def test_bucket_that_does_not_exist_is_named(s3: Any, tmp_path: Path) -> None:
    with pytest.raises(S3Error, match="s3://nowhere/f: NoSuchBucket"):
        ObjectTree(s3, tmp_path).status("/nowhere/f")
