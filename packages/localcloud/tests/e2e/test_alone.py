"""The distribution works by itself: its wheel, with what it asks for, in an otherwise empty environment."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from localcloud.cloud import LocalCloud
from rigs.environment import PROJECT, Environment, run

README = (PROJECT / "README.md").read_text()
EXAMPLE = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", README, re.DOTALL)
# Modules that are scripts of other processes, started with what only those have.
SCRIPTS = {"localcloud.lambda_.bootstrap", "localcloud.glue.jobs.warm_workload", "localcloud.__main__"}
STRANGERS = ("covidlake", "infra", "ingestion", "datasets", "rigs", "tests", "pytest", "troposphere", "typer")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("alone"))


def test_it_sees_only_what_it_asks_for(alone: Environment, tmp_path: Path) -> None:
    script = f"""
        import importlib, importlib.util, pkgutil, sys
        import localcloud
        assert "venv/lib" in localcloud.__file__, localcloud.__file__
        for name in {STRANGERS}:
            assert importlib.util.find_spec(name) is None, name
        for found in pkgutil.walk_packages(localcloud.__path__, "localcloud."):
            if found.name not in {SCRIPTS}:
                importlib.import_module(found.name)
                print(found.name)
    """
    (tmp_path / "see.py").write_text("\n".join(line[8:] for line in script.splitlines()))
    assert len(alone.shell("python see.py", tmp_path).stdout.split()) > 100


def test_it_starts_serves_and_stops(alone: Environment, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(
        "import boto3\n"
        "s3 = boto3.client('s3')\n"
        "s3.create_bucket(Bucket='alone', CreateBucketConfiguration={'LocationConstraint': 'us-east-2'})\n"
        "s3.put_object(Bucket='alone', Key='a', Body=b'whole')\n"
        "print(s3.get_object(Bucket='alone', Key='a')['Body'].read().decode())\n"
    )
    script = """
        localcloud up
        trap 'python -m localcloud down' EXIT
        eval "$(localcloud env)"
        python use.py
        localcloud status
    """
    said = alone.shell(script, tmp_path).stdout
    assert re.search(r"running on (\S+) .*\nwhole\nrunning on \1 .*\nstopped; state kept\n$", said, re.DOTALL)


def test_the_example_of_the_readme_runs_as_it_stands(alone: Environment, tmp_path: Path) -> None:
    for name, text in EXAMPLE:
        (tmp_path / name).write_text(text)
    ((command, output),) = re.findall(r"```console\n\$ (python pipeline\.py)\n(.*?)```", README, re.DOTALL)
    script = f"""
        localcloud up >&2
        trap 'localcloud down >&2' EXIT
        eval "$(localcloud env)"
        {command}
    """
    said = alone.shell(script, tmp_path).stdout
    assert [line.rstrip() for line in said.splitlines()] == output.splitlines()


def test_the_example_fails_without_its_rights_as_the_readme_says(cloud: LocalCloud, tmp_path: Path) -> None:
    for name, text in EXAMPLE:
        (tmp_path / name).write_text(text.replace('"s3:*"', '"logs:*"'))
    environment = {**os.environ, **cloud.environment()}
    said = run([sys.executable, "pipeline.py"], tmp_path, environment).stdout
    assert said.startswith("FAILED ")
    assert re.search(r"User: \S+ is not authorized to perform: s3:GetObject", said)


def test_the_plug_in_of_the_readme_works(alone: Environment, tmp_path: Path) -> None:
    ((text,),) = [re.findall(r"```python\n(# An operation of our own.*?)```", README, re.DOTALL)]
    (tmp_path / "notes.py").write_text(text)
    (tmp_path / "serve.py").write_text(
        "import pathlib, sys\n"
        "from localcloud import plugins, server\n"
        "from localcloud.home import Home\n"
        "sys.path.insert(0, '.')\n"
        "import notes\n"
        "notes._notes['j'] = 'noted'\n"
        "sys.modules['localcloud.notes'] = notes\n"
        "plugins.NAMES += ('notes',)\n"
        "server.serve(server.Settings(Home(pathlib.Path('home').resolve()), ephemeral=True))\n"
    )
    (tmp_path / "ask.py").write_text(
        "import pathlib, time\n"
        "from localcloud.cloud import LocalCloud\n"
        "from localcloud.errors import LocalCloudError\n"
        "for _ in range(600):\n"
        "    try:\n"
        "        cloud = LocalCloud.running(pathlib.Path('home'))\n"
        "        break\n"
        "    except LocalCloudError:\n"
        "        time.sleep(0.05)\n"
        "glue = cloud.client('glue')\n"
        "command = {'Name': 'glueetl', 'ScriptLocation': 's3://b/k'}\n"
        "glue.create_job(Name='j', Role='arn:aws:iam::000000000000:role/r', Command=command)\n"
        "print(glue.get_job(JobName='j')['Job']['Description'])\n"
    )
    script = "python serve.py >&2 & server=$!; trap 'kill $server; wait $server' EXIT; python ask.py"
    assert alone.shell(script, tmp_path).stdout == "noted\n"
