"""Each pipeline with a module tells the verbs all that they need; one without is refused by name."""

from __future__ import annotations

import json

import pytest

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.bundle.template import local_template
from covidlake.run import pipelines
from covidlake.run.pipelines.pipeline import Asked


def test_a_pipeline_without_a_module_is_refused_with_what_can_be_done() -> None:
    with pytest.raises(EnvironmentFileError, match=r"pipelines/exports\.py: start the state machine"):
        pipelines.of("exports/dev")
    with pytest.raises(EnvironmentFileError, match="pipelines/pipeline"):
        pipelines.of("pipeline/dev")


@pytest.mark.parametrize("name", pipelines.names())
def test_its_jobs_functions_and_states_are_those_of_its_template(name: str) -> None:
    template = json.loads(local_template(name))
    of = pipelines.of("dev" if name == project.MAIN_PIPELINE else f"{name}/dev")
    assert f'"error": "{of.error}"' in json.dumps(template["Resources"])
    assert of.jobs({output: output for output in template["Outputs"]})
    groups = json.dumps(
        [one for one in template["Resources"].values() if one["Type"] == "AWS::Logs::LogGroup"]
    )
    assert all(f"-{function}" in groups for function in of.functions)
    definition = json.dumps(template["Resources"]["StateMachine"]["Properties"]["Definition"])
    assert all(f'"{state}"' in definition for state in of.states_of_jobs)
    assert of.listed[1] in template["Parameters"]
    assert len(of.places) >= 2
    assert of.names()


@pytest.mark.parametrize("environment", ["dev", "segmentation/dev"])
def test_a_full_run_of_everything_can_be_asked(environment: str) -> None:
    of = pipelines.of(environment)
    assert of.refused.keys() <= Asked.__dataclass_fields__.keys()
    assert of.request(Asked(full=True), environment).content() == {"mode": "full"}
