"""The template before packaging also works with the stock `aws cloudformation package`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from covidlake import aws
from covidlake.base import project
from covidlake.bundle import package, template
from covidlake.environment import environment_file
from covidlake.laptop import local
from covidlake.ship.stack import change_set, change_set_request
from covidlake.ship.stack.artifacts import upload
from covidlake.ship.stack.stack_events import Follower
from localcloud.cloud import LocalCloud

AWS = Path(sys.executable).with_name("aws")
STACK = "covid-lake-stock"


def aws_cli(cloud: LocalCloud, *arguments: str) -> str:
    """Run the AWS CLI on the cloud and return what it printed."""
    assert AWS.exists(), f"{AWS} is missing: run make install-dev"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [str(AWS), *arguments],
        cwd=project.BUILD,
        env={**kept, **cloud.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def packaged(cloud: LocalCloud, tmp_path: Path) -> Path:
    """build/template.json, packaged by the stock tool into the artifact bucket."""
    template.build()
    with local.attached(cloud):
        bucket = project.artifact_bucket(cloud.client("sts").get_caller_identity()["Account"], cloud.region)
        upload(package.package(tmp_path / "bundle"), bucket, STACK, lambda _: None)
        key, _ = package.library()
        cloud.client("s3").delete_object(Bucket=bucket, Key=f"{STACK}/{key}")
    where = ["--s3-bucket", bucket, "--s3-prefix", f"{STACK}/artifacts"]
    output = tmp_path / "packaged.json"
    # What the stock tool leaves: the job's library, under the key that the template names.
    aws_cli(cloud, "s3", "sync", "--only-show-errors", "artifacts", f"s3://{bucket}/{STACK}/artifacts")
    aws_cli(
        cloud,
        *("cloudformation", "package", "--template-file", str(project.TEMPLATE), *where),
        *("--use-json", "--output-template-file", str(output)),
    )
    cloud.client("s3").upload_file(str(output), bucket, f"{STACK}/templates/stock.json")
    return output


def test_it_is_deployed_as_it_is_packaged(cloud: LocalCloud, packaged: Path) -> None:
    assert "../" not in packaged.read_text()
    bucket = project.artifact_bucket(cloud.client("sts").get_caller_identity()["Account"], cloud.region)
    parameters = {**environment_file.load("dev").parameters, "Environment": "stock"}
    with local.attached(cloud):
        template = change_set.template_url(bucket, f"{STACK}/templates/stock.json")
        created = change_set_request.create(STACK, template, parameters, {}, found=None)
        assert created is not None
        aws.client("cloudformation").execute_change_set(StackName=STACK, ChangeSetName=created.name)
        assert Follower(STACK, lambda _: None).follow() == "CREATE_COMPLETE"
    job = cloud.client("glue").get_job(JobName=f"{STACK}-ingest")["Job"]
    for location in (job["Command"]["ScriptLocation"], job["DefaultArguments"]["--extra-py-files"]):
        _, _, holder, key = location.split("/", 3)
        assert cloud.client("s3").head_object(Bucket=holder, Key=key)["ContentLength"] > 0
    assert job["DefaultArguments"]["--extra-py-files"].endswith("/library.zip")
    function = cloud.client("lambda").invoke(FunctionName=f"{STACK}-start-crawler", Payload=b"{}")
    assert json.loads(function["Payload"].read())["errorType"] == "InvalidEventError"  # our handler's own
