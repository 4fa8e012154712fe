"""The function that makes the role of the jobs: what it runs, again and again, and what it never says."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.lambdas.conftest import load_handler

PASSWORD = "correct-horse"
ENVIRONMENT = {
    "CLUSTER_ARN": "arn:aws:rds:us-east-2:111122223333:cluster:lake-database",
    "MASTER_SECRET_ARN": "arn:aws:secretsmanager:us-east-2:111122223333:secret:rds!cluster-1",
    "JOBS_SECRET_ARN": "arn:aws:secretsmanager:us-east-2:111122223333:secret:lake-jobs-1a2b3c",
    "DATABASE": "shop",
    "SCHEMAS": "crm,sales",
    "RESULT_SCHEMA": "segmentation",
    "SEES_TRANSACTIONS": "false",
}


class Database:
    """Answers the Data API, and keeps what it was asked."""

    def __init__(self, *, role: bool, schemas: tuple[str, ...]) -> None:
        self.role, self.schemas = role, schemas
        self.asked: list[str] = []
        self.unread = [("customers", "master", "true"), ('o"dd', "app", "true"), ("secret", "app", "false")]
        self.refuse = ""
        self.error: Exception | None = None

    def execute_statement(self, **given: str) -> dict[str, Any]:
        assert given["resourceArn"] == ENVIRONMENT["CLUSTER_ARN"]
        assert given["secretArn"] == ENVIRONMENT["MASTER_SECRET_ARN"]
        assert given["database"] == "shop"
        self.asked.append(given["sql"])
        if self.error and self.refuse in given["sql"]:
            raise self.error
        if "pg_class" in given["sql"]:
            return records(self.unread)
        if "pg_namespace" in given["sql"]:
            return records([(name, "false") for name in self.schemas])
        if "pg_roles" in given["sql"]:
            return {"records": [[{"longValue": 1}]] if self.role else []}
        return {"numberOfRecordsUpdated": 0}


def records(rows: list[tuple[str, ...]]) -> dict[str, Any]:
    return {"records": [[{"stringValue": cell} for cell in row] for row in rows]}


def secrets(text: str) -> Any:
    client = boto3.client(
        "secretsmanager", region_name="us-east-2", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    stub = Stubber(client)
    stub.add_response(
        "get_secret_value",
        {"ARN": ENVIRONMENT["JOBS_SECRET_ARN"], "SecretString": text, "VersionId": "v" * 32},
        {"SecretId": ENVIRONMENT["JOBS_SECRET_ARN"]},
    )
    stub.activate()
    return client


def loaded(monkeypatch: pytest.MonkeyPatch, database: Database, secret: str = "") -> ModuleType:
    module = load_handler("prepare_database")
    given = secret or json.dumps({"username": "covid_lake", "password": PASSWORD})
    clients = {"rds-data": database, "secretsmanager": secrets(given)}
    monkeypatch.setattr(module, "client", clients.__getitem__)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return module


def error(code: str, message: str, status: int = 400) -> Exception:
    client = boto3.client(
        "rds-data", region_name="us-east-2", aws_access_key_id="k", aws_secret_access_key="s"
    )
    stub = Stubber(client)
    stub.add_client_error("execute_statement", code, message, http_status_code=status)
    stub.activate()
    try:
        client.execute_statement(resourceArn="a" * 20, secretArn="b" * 20, sql="SELECT 1")
    except Exception as raised:
        return raised
    raise AssertionError("the stub answers with an error")


def test_a_new_database_gets_role_rights_and_schema(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(role=False, schemas=("crm", "public"))
    answer = loaded(monkeypatch, database).handler({}, None)
    assert answer.pop("unreadable")[-1] == {"place": "crm.secret", "owner": "app"}
    assert answer == {"role": "covid_lake", "made": True, "schemas": ["crm"], "missing_schemas": ["sales"]}
    made = next(sql for sql in database.asked if "ROLE" in sql)
    assert made.startswith('CREATE ROLE "covid_lake" LOGIN PASSWORD \'SCRAM-SHA-256$4096:')
    assert [sql for sql in database.asked[3:] if "pg_class" not in sql] == [
        'GRANT CONNECT ON DATABASE "shop" TO "covid_lake"',
        'GRANT USAGE ON SCHEMA "crm" TO "covid_lake"',
        'GRANT SELECT ON TABLE "crm"."customers", "crm"."o""dd" TO "covid_lake"',
        'ALTER DEFAULT PRIVILEGES IN SCHEMA "crm" GRANT SELECT ON TABLES TO "covid_lake"',
        'GRANT "covid_lake" TO CURRENT_USER',
        'CREATE SCHEMA IF NOT EXISTS "segmentation" AUTHORIZATION "covid_lake"',
    ]
    assert PASSWORD not in "".join(database.asked) + capsys.readouterr().out


def test_only_tables_that_follow_a_cursor_need_to_see_open_transactions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = Database(role=False, schemas=("crm",))
    function = loaded(monkeypatch, database)
    monkeypatch.setenv("SEES_TRANSACTIONS", "true")
    function.handler({}, None)
    assert [sql for sql in database.asked if "pg_class" not in sql][
        -1
    ] == 'GRANT pg_read_all_stats TO "covid_lake"'


def test_a_second_run_asks_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    databases = [Database(role=True, schemas=("crm", "sales")) for _ in range(2)]
    for database in databases:
        assert loaded(monkeypatch, database).handler({}, None)["made"] is False
    assert databases[0].asked == databases[1].asked
    assert any(sql.startswith('ALTER ROLE "covid_lake" LOGIN PASSWORD') for sql in databases[0].asked)


def test_the_verifier_is_postgresqls_own() -> None:
    """As PostgreSQL 18 itself makes it of this password and salt."""
    module = load_handler("prepare_database")
    made = module.verifier("pencil", bytes.fromhex("5be8a1d0d84f6f4cd0e2a7a6f1b9c301"))
    assert made.startswith("SCRAM-SHA-256$4096:W+ih0NhPb0zQ4qem8bnDAQ==$")
    stored, server = made.rpartition("$")[2].split(":")
    assert len(stored) == len(server) == 44
    assert made != module.verifier("pencils", bytes.fromhex("5be8a1d0d84f6f4cd0e2a7a6f1b9c301"))


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("DatabaseResumingException", "The Aurora DB instance is resuming", 400),
        ("BadRequestException", "Communications link failure: the instance is resuming", 400),
        ("Whatever", "", 503),
    ],
)
def test_a_database_that_wakes_up_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, code: str, message: str, status: int
) -> None:
    database = Database(role=True, schemas=())
    database.error = error(code, message, status)
    module = loaded(monkeypatch, database)
    with pytest.raises(module.PrepareDatabaseUnavailableError, match="the role of the jobs"):
        module.handler({}, None)


def test_a_refusal_says_what_for_and_neither_password_nor_verifier(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(role=False, schemas=())
    database.refuse = "CREATE ROLE"
    database.error = error("DatabaseErrorException", "ERROR: no: PASSWORD 'SCRAM-SHA-256$4096:salt$x:y'")
    module = loaded(monkeypatch, database)
    with pytest.raises(module.PrepareDatabaseError) as raised:
        module.handler({}, None)
    assert str(raised.value) == (
        "the role of the jobs: DatabaseErrorException: ERROR: no: PASSWORD '(verifier)"
    )
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "text", ["no json", '["a"]', '{"username": "covid_lake"}', f'{{"password": "{PASSWORD}"']
)
def test_a_secret_of_another_form_is_not_shown(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    module = loaded(monkeypatch, Database(role=True, schemas=()), text)
    with pytest.raises(
        module.InvalidSettingError, match="no JSON object with username and password"
    ) as raised:
        module.handler({}, None)
    assert PASSWORD not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_name_that_is_no_plain_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = json.dumps({"username": 'x" SUPERUSER', "password": PASSWORD})
    module = loaded(monkeypatch, Database(role=True, schemas=()), secret)
    with pytest.raises(module.InvalidSettingError, match="use small letters"):
        module.handler({}, None)
