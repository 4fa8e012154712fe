"""The Data API on a real server: values of each type, transactions, and the words of its errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.database import DATABASE, DatabaseRig
from rigs.roles import allow

UUID = "b6c1e6d2-77a5-4e05-9b86-3c1b4ab7bd8a"


class Data:
    """The Data API of one cluster with the secret of its owner."""

    def __init__(self, shop: DatabaseRig, credentials: Any = None) -> None:
        self.client = shop.cloud.client("rds-data", credentials)
        self.given = {"resourceArn": shop.outputs["Arn"], "secretArn": shop.outputs["Owner"]}

    def run(self, sql: str, **more: Any) -> dict[str, Any]:
        answer = self.client.execute_statement(**{**self.given, "database": DATABASE, "sql": sql, **more})
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def value(self, sql: str, **more: Any) -> Any:
        ((field,),) = self.run(sql, **more)["records"]
        ((_, found),) = field.items()
        return found

    def refused(self, sql: str, **more: Any) -> str:
        with pytest.raises(ClientError) as refusal:
            self.run(sql, **more)
        error = refusal.value.response["Error"]
        return f"{error['Code']}: {error['Message']}"


@pytest.fixture(scope="module")
def data(shop: DatabaseRig) -> Data:
    return Data(shop)


def parameter(name: str, kind: str, value: Any, hint: str = "") -> dict[str, Any]:
    return {"name": name, "value": {kind: value}, **({"typeHint": hint} if hint else {})}


def test_values_of_each_type_go_in_and_come_back(data: Data) -> None:
    data.run(
        "CREATE TABLE typed (a bigint, b text, c numeric(12,2), d timestamptz, e text[], f jsonb, g uuid, "
        "h boolean, i date, j bytea, k float8, l int[], m text)"
    )
    given = [
        parameter("a", "longValue", 1),
        parameter("b", "stringValue", "50% of :a, 'quoted'"),
        parameter("c", "stringValue", "1.20", "DECIMAL"),
        parameter("d", "stringValue", "2026-01-01 10:00:00", "TIMESTAMP"),
        parameter("f", "stringValue", '{"a": 1}', "JSON"),
        parameter("g", "stringValue", UUID, "UUID"),
        parameter("h", "booleanValue", True),
        parameter("i", "stringValue", "2026-01-01", "DATE"),
        parameter("j", "blobValue", b"\x00\x01"),
        parameter("k", "doubleValue", 1.5),
        parameter("m", "isNull", True),
    ]
    insert = (
        "INSERT INTO typed VALUES (:a, :b, :c, :d, ARRAY['x', 'y,\"z'], :f, :g, :h, :i, :j, :k, '{1,2}', :m)"
    )
    assert data.run(insert, parameters=given) == {"numberOfRecordsUpdated": 1, "generatedFields": []}
    found = data.run("SELECT * FROM typed WHERE b LIKE '50%' AND b::text <> ':a'", includeResultMetadata=True)
    assert found["records"] == [
        [
            {"longValue": 1},
            {"stringValue": "50% of :a, 'quoted'"},
            {"stringValue": "1.20"},
            {"stringValue": "2026-01-01 10:00:00+00"},
            {"arrayValue": {"stringValues": ["x", 'y,"z']}},
            {"stringValue": '{"a": 1}'},
            {"stringValue": UUID},
            {"booleanValue": True},
            {"stringValue": "2026-01-01"},
            {"blobValue": b"\x00\x01"},
            {"doubleValue": 1.5},
            {"arrayValue": {"longValues": [1, 2]}},
            {"isNull": True},
        ]
    ]
    third = found["columnMetadata"][2]
    assert [third[name] for name in ("name", "typeName", "precision", "scale")] == ["c", "numeric", 12, 2]
    assert found["numberOfRecordsUpdated"] == 0
    options = {"resultSetOptions": {"decimalReturnType": "DOUBLE_OR_LONG"}}
    assert data.value("SELECT c FROM typed", **options) == 1.2
    rows = data.run("SELECT a, b FROM typed", formatRecordsAs="JSON")["formattedRecords"]
    assert json.loads(rows) == [{"a": 1, "b": "50% of :a, 'quoted'"}]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "SELECT * FROM nowhere",
            'DatabaseErrorException: ERROR: relation "nowhere" does not exist; Position: 15; SQLState: 42P01',
        ),
        ("SELECT 1; SELECT 2", "ValidationException: Multistatements aren't supported."),
        (
            "SELECT :lost",
            'DatabaseErrorException: ERROR: syntax error at or near ":"; Position: 8; SQLState: 42601',
        ),
        (
            "SELECT ARRAY[[1, 2], [3, 4]]",
            "UnsupportedResultException: The result contains a multidimensional",
        ),
        (
            "SELECT repeat('x', 1100000)",
            "BadRequestException: Database returned more than the allowed response",
        ),
    ],
    ids=["relation", "multiple", "parameter", "array", "size"],
)
def test_what_cannot_be_answered_is_said_in_the_words_of_the_service(
    data: Data, sql: str, words: str
) -> None:
    assert data.refused(sql).startswith(words)


def test_a_text_is_no_other_type_without_a_hint(data: Data) -> None:
    given = [parameter("x", "stringValue", UUID)]
    assert "of type uuid" in data.refused("INSERT INTO typed (g) VALUES (:x)", parameters=given)
    assert data.run("SELECT :x::uuid", parameters=given)["records"] == [[{"stringValue": UUID}]]


def test_a_transaction_is_seen_when_it_is_committed_and_never_when_it_is_rolled_back(data: Data) -> None:
    data.run("CREATE TABLE moved (a int)")
    begun = [data.client.begin_transaction(**data.given, database=DATABASE)["transactionId"] for _ in "12"]
    for number, name in enumerate(begun):
        value = [parameter("number", "longValue", number)]
        data.run("INSERT INTO moved VALUES (:number)", parameters=value, transactionId=name)
    assert data.value("SELECT count(*) FROM moved") == 0
    done = data.client.commit_transaction(**data.given, transactionId=begun[0])["transactionStatus"]
    undone = data.client.rollback_transaction(**data.given, transactionId=begun[1])["transactionStatus"]
    assert (done, undone) == ("Transaction Committed", "Rollback Complete")
    assert data.value("SELECT sum(a) FROM moved") == 0
    assert data.refused("SELECT 1", transactionId=begun[0]).startswith("TransactionNotFoundException")
    with pytest.raises(ClientError, match="NotFoundException"):
        data.client.commit_transaction(**data.given, transactionId=begun[0])


def test_a_batch_is_all_or_nothing(data: Data) -> None:
    sets = [[parameter("a", "longValue", number)] for number in (1, 0)]
    batch = {**data.given, "database": DATABASE, "sql": "INSERT INTO batched SELECT 1 / :a"}
    data.run("CREATE TABLE batched (a int)")
    with pytest.raises(ClientError, match="division by zero"):
        data.client.batch_execute_statement(**batch, parameterSets=sets)
    assert data.value("SELECT count(*) FROM batched") == 0
    answer = data.client.batch_execute_statement(**batch, parameterSets=sets[:1] * 3)
    assert len(answer["updateResults"]) == 3
    assert data.value("SELECT count(*) FROM batched") == 3


def test_a_statement_that_no_transaction_may_hold_is_run_by_itself(data: Data) -> None:
    assert data.run("VACUUM moved")["numberOfRecordsUpdated"] == 0


def test_the_wrong_database_user_secret_or_cluster_is_said(data: Data, shop: DatabaseRig) -> None:
    assert 'FATAL: database "none" does not exist; SQLState: 3D000' in data.refused(
        "SELECT 1", database="none"
    )
    secrets = shop.cloud.client("secretsmanager")
    for name, text, words in (
        (
            "stranger",
            '{"username": "stranger", "password": "x"}',
            'failed for user "stranger"; SQLState: 28P01',
        ),
        ("bare", "no-json", "InvalidSecretException"),
    ):
        arn = secrets.create_secret(Name=name, SecretString=text)["ARN"]
        assert words in data.refused("SELECT 1", secretArn=arn)
    lost = shop.outputs["Owner"].rpartition(":")[0] + ":nowhere-123456"
    assert data.refused("SELECT 1", secretArn=lost).startswith("SecretsErrorException")
    unknown = shop.outputs["Arn"].rpartition(":")[0] + ":unknown"
    assert data.refused("SELECT 1", resourceArn=unknown).startswith("BadRequestException")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("", ""),
        ("rds-data:ExecuteStatement", "rds-data:ExecuteStatement"),
        ("secretsmanager:*", "GetSecretValue"),
    ],
    ids=["all", "statement", "secret"],
)
def test_the_caller_needs_the_statement_on_the_cluster_and_the_secret(
    cloud: LocalCloud, shop: DatabaseRig, missing: str, words: str
) -> None:
    rights = {
        "rds-data:ExecuteStatement": shop.outputs["Arn"],
        "secretsmanager:*": shop.outputs["Owner"],
    }
    statements = [allow(action, on) for action, on in rights.items() if action != missing]
    name = f"caller-{missing.partition(':')[0]}"
    role = shop.make_role(name, *statements)
    assumed = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    caller = Data(shop, assumed)
    if not missing:
        assert caller.value("SELECT 1") == 1
    else:
        refused = caller.refused("SELECT 1")
        assert refused.startswith("AccessDeniedException")
        assert words in refused


def test_a_cluster_without_the_endpoint_takes_no_statement(shop: DatabaseRig, data: Data) -> None:
    shop.deploy(EnableHttpEndpoint=False)
    assert data.refused("SELECT 1").startswith("HttpEndpointNotEnabledException")
    assert shop.deploy(EnableHttpEndpoint=True)["StackStatus"] == "UPDATE_COMPLETE"
    assert data.value("SELECT 1") == 1
