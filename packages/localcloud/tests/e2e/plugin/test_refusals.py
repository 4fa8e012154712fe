"""What the cloud does not do is an error that names it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ROLE = "arn:aws:iam::000000000000:role/core-any"


@pytest.mark.claim(
    "Glue",
    "refused",
    "triggers, workflows, classifiers, schedules of crawlers, job bookmarks",
)
@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("glue", "create_trigger", {"Name": "t", "Type": "ON_DEMAND", "Actions": []}),
        ("glue", "create_workflow", {"Name": "w"}),
        ("glue", "start_workflow_run", {"Name": "w"}),
        ("glue", "start_crawler_schedule", {"CrawlerName": "c"}),
        (
            "glue",
            "create_crawler",
            {"Name": "c", "Role": ROLE, "Targets": {}, "Schedule": "cron(0 4 * * ? *)"},
        ),
        ("glue", "get_job_bookmark", {"JobName": "j"}),
        ("glue", "reset_job_bookmark", {"JobName": "j"}),
        ("glue", "create_classifier", {"CsvClassifier": {"Name": "c"}}),
        ("logs", "put_destination", {"destinationName": "d", "targetArn": "a", "roleArn": "r"}),
        ("athena", "start_session", {"WorkGroup": "w", "EngineConfiguration": {"MaxConcurrentDpus": 2}}),
        ("athena", "start_calculation_execution", {"SessionId": "s", "CodeBlock": "1"}),
        ("athena", "create_notebook", {"WorkGroup": "w", "Name": "n"}),
        ("athena", "list_sessions", {"WorkGroup": "w"}),
        ("athena", "create_capacity_reservation", {"Name": "c", "TargetDpus": 24}),
    ],
)
def test_an_unsupported_operation_is_named(
    cloud: LocalCloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = cloud.client(service)
    name = client.meta.method_to_api_mapping[operation]
    with pytest.raises(ClientError, match=f"does not support {service}:{name}") as refused:
        getattr(client, operation)(**parameters)
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperation"


@pytest.mark.claim("Glue", "refused", "sessions, development endpoints, blueprints, ML transforms")
@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("glue", "create_session", {"Id": "s", "Role": ROLE, "Command": {"Name": "glueetl"}}),
        ("glue", "create_dev_endpoint", {"EndpointName": "e", "RoleArn": ROLE}),
        ("glue", "start_blueprint_run", {"BlueprintName": "b", "RoleArn": ROLE}),
        ("glue", "start_ml_evaluation_task_run", {"TransformId": "m"}),
    ],
)
def test_an_operation_that_nothing_implements_is_an_error(
    cloud: LocalCloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = cloud.client(service)
    with pytest.raises(ClientError, match=client.meta.method_to_api_mapping[operation]):
        getattr(client, operation)(**parameters)


@pytest.mark.claim("CloudFormation", "refused", "AWS::Glue::Trigger, Workflow, Classifier")
def test_a_template_with_a_trigger_is_refused(cloud: LocalCloud) -> None:
    trigger = {"Type": "AWS::Glue::Trigger", "Properties": {"Type": "ON_DEMAND", "Actions": []}}
    with pytest.raises(ClientError, match="AWS::Glue::Trigger"):
        cloud.client("cloudformation").create_stack(
            StackName="core-trigger", TemplateBody=json.dumps({"Resources": {"Trigger": trigger}})
        )


@pytest.mark.claim("EventBridge", "refused", "targets but Lambda, SNS, SQS, Step Functions and event buses")
def test_a_target_that_would_never_be_called_is_refused(cloud: LocalCloud) -> None:
    events = cloud.client("events")
    events.put_rule(Name="core-untargeted", EventPattern=json.dumps({"source": ["core"]}))
    with pytest.raises(ClientError, match="does not support batch targets"):
        events.put_targets(
            Rule="core-untargeted",
            Targets=[{"Id": "1", "Arn": "arn:aws:batch:us-east-2:000000000000:job-queue/q"}],
        )
