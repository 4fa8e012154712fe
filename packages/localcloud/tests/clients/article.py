"""The example of the article on Step Functions, Glue and troposphere, deployed by its README with the CLI.

Its code is not part of this repository: LOCALCLOUD_ARTICLE names a clone of it. Nothing is changed but the
Python of its functions, which Lambda no longer takes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from localcloud.cloud import LocalCloud

VARIABLE = "LOCALCLOUD_ARTICLE"
SOURCE = "https://github.com/besharpsrl/stepfunctions-troposphere-glue-example"
STACK, CODE, PUBLIC = "article", "article-code", "covid19-lake"
DAY = [
    {"areaType": "overview", "areaName": "United Kingdom", "date": "2022-12-07", "hospitalCases": 6681},
    {
        "areaType": "nation",
        "areaName": "Scotland",
        "date": "2022-12-07",
        "maleCases": [],
        "hospitalCases": 714,
    },
]


def steps(cloud: LocalCloud, aws: Path, folder: Path) -> list[tuple[str, Callable[[], None]]]:
    """What is tried, one after the other."""
    example = Example(cloud, aws, folder)
    return [
        ("package", example.package),
        ("deploy", example.deploy),
        ("run to the end", example.run),
        ("ask Athena", example.ask),
        ("delete", example.delete),
    ]


class Example:
    def __init__(self, cloud: LocalCloud, aws: Path, folder: Path) -> None:
        self._cloud, self._aws, self._folder = cloud, aws, folder / "article"
        shutil.copytree(os.environ[VARIABLE], self._folder, ignore=shutil.ignore_patterns(".git"))
        template = self._folder / "troposphere_main.json"
        template.write_text(template.read_text().replace("python3.8", "python3.11"))
        s3 = cloud.client("s3")
        for bucket in (CODE, PUBLIC):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": cloud.region})
        body = "\n".join(json.dumps(one) for one in DAY)
        s3.put_object(Bucket=PUBLIC, Key="uk_covid/json/2022-12-07.json", Body=body.encode())

    def _call(self, *words: str) -> None:
        command = [str(self._aws), "cloudformation", *words]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._folder), **self._cloud.environment()}
        done = subprocess.run(
            command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)

    def package(self) -> None:
        names = ("--template-file", "troposphere_main.json", "--output-template-file", "troposphere_main.yml")
        self._call("package", *names, "--s3-bucket", CODE, "--s3-prefix", "testpath")

    def deploy(self) -> None:
        rights = ("--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
        self._call("deploy", "--template-file", "troposphere_main.yml", "--stack-name", STACK, *rights)

    def run(self) -> None:
        states = self._cloud.client("stepfunctions")
        machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine)["executionArn"]
        deadline = time.monotonic() + 240
        while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline, "the execution does not end"
            time.sleep(0.2)
        assert found["status"] == "SUCCEEDED", self._why(execution)

    def _why(self, execution: str) -> str:
        events = self._cloud.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
        return "; ".join(str(value) for event in events for key, value in event.items() if "Failed" in key)

    def ask(self) -> None:
        """The crawled table has every row of the public object."""
        glue, athena = self._cloud.client("glue"), self._cloud.client("athena")
        database = "stepfunctions-glue-troposphere-db"
        (table,) = glue.get_tables(DatabaseName=database)["TableList"]
        query = athena.start_query_execution(
            QueryString=f'SELECT count(*), sum(hospitalcases) FROM "{table["Name"]}"',
            QueryExecutionContext={"Database": database},
            ResultConfiguration={"OutputLocation": f"s3://{CODE}/results/"},
        )["QueryExecutionId"]
        while (status := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])[
            "State"
        ] in (
            "QUEUED",
            "RUNNING",
        ):
            time.sleep(0.1)
        assert status["State"] == "SUCCEEDED", status
        row = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"][1]["Data"]
        assert [cell["VarCharValue"] for cell in row] == ["2", "7395"], row

    def delete(self) -> None:
        """The example's own custom resource empties its bucket first."""
        formation = self._cloud.client("cloudformation")
        formation.delete_stack(StackName=STACK)
        deadline = time.monotonic() + 60
        while status := self._status():
            assert "FAILED" not in status, status
            assert time.monotonic() < deadline, status
            time.sleep(0.2)

    def _status(self) -> str:
        from botocore.exceptions import ClientError

        try:
            return str(
                self._cloud.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0][
                    "StackStatus"
                ]
            )
        except ClientError:
            return ""
