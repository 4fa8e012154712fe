"""A change set becomes a plan: values, secrets, what is ours, what is certain; and it survives a file."""

from pathlib import Path
from typing import Any

import pytest

from covidlake.ship.plan import builder, plan, plan_file
from covidlake.ship.plan.model import ValueChange
from covidlake.ship.plan.resource_changes import PropertyChange
from covidlake.ship.plan.secrets import MASK
from covidlake.ship.stack.change_set import ChangeSet
from tests.unit.covidlake.ship.plan_samples import (
    change,
    context,
    detail,
    inputs_of,
    make_bundle,
    own_tags,
    plan_of,
)

FUNCTION = "AWS::Lambda::Function"


def lambda_change(**more: Any) -> dict[str, Any]:
    given = {
        "PhysicalResourceId": "covid-lake-dev-start",
        "Details": [detail("Code", Path="/Properties/Code/S3Key")],
        "BeforeContext": context(Code={"S3Bucket": "b", "S3Key": "old"}, Timeout=3),
        "AfterContext": context(Code={"S3Bucket": "b", "S3Key": "new"}, Timeout=3),
    }
    return change("Start", FUNCTION, **(given | more))


def test_only_the_property_that_differs_is_reported(tmp_path: Path) -> None:
    (resource,) = plan_of(tmp_path, lambda_change()).resources
    assert resource.properties == (PropertyChange("Code.S3Key", "old", "new", recreation="Never"),)
    assert (resource.verb, resource.physical_id) == ("modify", "covid-lake-dev-start")


def test_without_contexts_the_details_are_reported(tmp_path: Path) -> None:
    details = [
        detail("Timeout", Path="/Properties/Timeout", BeforeValue="3", AfterValue="5"),
        detail("Code", "Conditionally", CausingEntity="CodeKey"),
        {"Target": {"Attribute": "DeletionPolicy"}, "Evaluation": "Static"},
    ]
    (resource,) = plan_of(tmp_path, change("Start", FUNCTION, Details=details)).resources
    assert resource.properties == (
        PropertyChange("Code", known=False, recreation="Conditionally", cause="CodeKey"),
        PropertyChange("DeletionPolicy", known=False),
        PropertyChange("Timeout", "3", "5", recreation="Never"),
    )


def test_a_change_named_twice_is_one(tmp_path: Path) -> None:
    twice = [
        detail("KmsKeyId", ChangeSource="ParameterReference", CausingEntity="Key"),
        detail("KmsKeyId", "Always", Evaluation="Dynamic"),
    ]
    (resource,) = plan_of(tmp_path, change("Log", "AWS::Logs::LogGroup", Details=twice)).resources
    assert [(one.path, one.recreation, one.cause) for one in resource.properties] == [
        ("KmsKeyId", "Always", "Key")
    ]


def test_what_only_depends_on_another_resource_may_change(tmp_path: Path) -> None:
    dynamic = detail("Role", Evaluation="Dynamic", ChangeSource="ResourceAttribute", CausingEntity="R.Arn")
    same = {side: context(Role="arn") for side in ("BeforeContext", "AfterContext")}
    (resource,) = plan_of(tmp_path, change("Start", FUNCTION, Details=[dynamic], **same)).resources
    assert resource.verb == "may modify"


@pytest.mark.parametrize(
    ("action", "replacement", "verb"),
    [
        ("Add", "", "add"),
        ("Remove", "", "remove"),
        ("Import", "", "import"),
        ("Dynamic", "", "may modify"),
        ("Modify", "True", "replace"),
        ("Modify", "Conditional", "may replace"),
    ],
)
def test_what_happens_in_a_word(tmp_path: Path, action: str, replacement: str, verb: str) -> None:
    more = {"Replacement": replacement} if replacement else {}
    made = plan_of(tmp_path, change("Start", FUNCTION, action, **more))
    assert made.resources[0].verb == verb
    assert made.counts()[verb] == 1


def retagged(logical_id: str, **more: Any) -> dict[str, Any]:
    tags = [{"Target": {"Attribute": "Tags", "RequiresRecreation": "Never"}, "Evaluation": "Static"}]
    return change(logical_id, "AWS::SNS::Topic", Scope=["Tags"], Details=tags, **more)


def test_the_tags_that_name_the_bundle_are_no_change(tmp_path: Path) -> None:
    sides = {
        side: context(Tags=[{"Key": key, "Value": value} for key, value in own_tags(digest).items()])
        for side, digest in (("BeforeContext", "one"), ("AfterContext", "two"))
    }
    made = plan_of(
        tmp_path, retagged("Topic", **sides), retagged("Other"), tags=(own_tags("one"), own_tags("two"))
    )
    assert made.is_empty


def test_a_tag_of_the_environment_is_a_change(tmp_path: Path) -> None:
    tags = ({"Team": "a", **own_tags("one")}, {"Team": "b", **own_tags("two")})
    made = plan_of(tmp_path, retagged("Topic"), tags=tags)
    assert [one.logical_id for one in made.resources] == ["Topic"]
    assert made.tags == (ValueChange("Team", "a", "b"),)


def test_deploys_fingerprint_does_not_depend_on_the_bundles_tags(tmp_path: Path) -> None:
    """Deploy tags its change set with a new digest, which adds `Tags` to everything that changes."""
    tags = {
        "Scope": ["Properties", "Tags"],
        "Details": [detail("Code"), *retagged("X")["ResourceChange"]["Details"]],
    }
    plain = plan_of(tmp_path, lambda_change())
    tagged = plan_of(
        tmp_path, lambda_change(**tags), retagged("Topic"), tags=(own_tags("one"), own_tags("two"))
    )
    assert tagged.fingerprint() == plain.fingerprint()


def test_parameters_that_differ_are_reported_but_not_the_bundles_digest(tmp_path: Path) -> None:
    parameters = (
        {"Areas": "*", "Gone": "1", "Same": "x", "BundleDigest": "one", "BundleCommit": "1"},
        {"Areas": "UK", "New": "2", "Same": "x", "BundleDigest": "two", "BundleCommit": "2"},
    )
    assert plan_of(tmp_path, parameters=parameters).parameters == (
        ValueChange("Areas", "*", "UK"),
        ValueChange("Gone", "1", None),
        ValueChange("New", None, "2"),
    )


SECRET_TEMPLATE = {
    "Parameters": {"Password": {"Type": "String", "NoEcho": True}},
    "Resources": {
        "Start": {
            "Type": FUNCTION,
            "Properties": {
                "Environment": {"Variables": {"TOKEN": {"Fn::Sub": "x-${Password}"}, "PLAIN": "p"}}
            },
        }
    },
}


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    def side(token: str) -> str:
        variables = {"TOKEN": token, "PLAIN": "p", "COPY": "hunter22!"}
        return context(Environment={"Variables": variables}, SecretString="older")

    details = [detail("Environment", BeforeValue='{"TOKEN":"old-secret"}')]
    made = plan_of(
        tmp_path,
        lambda_change(BeforeContext=side("old-secret"), AfterContext=side("x-hunter22!"), Details=details),
        change("Other", FUNCTION, Details=[detail("Code", AfterValue="with hunter22! inside")]),
        template=SECRET_TEMPLATE,
        parameters=({"Password": "****"}, {"Password": "hunter22!"}),
    )
    text = plan_file.to_json(made)
    assert not any(secret in text for secret in ("hunter22!", "old-secret", "older"))
    assert made.parameters == ()
    other, start = made.resources
    assert other.properties[0].after == f"with {MASK} inside"
    assert start.after is not None
    assert start.after["Environment"]["Variables"] == {"TOKEN": MASK, "PLAIN": "p", "COPY": MASK}


def test_a_new_secret_is_shown_as_new(tmp_path: Path) -> None:
    made = plan_of(tmp_path, template=SECRET_TEMPLATE, parameters=({}, {"Password": "hunter22!"}))
    assert made.parameters == (ValueChange("Password", None, MASK),)


def test_the_order_of_the_change_set_does_not_matter(tmp_path: Path) -> None:
    one, other = lambda_change(), change("Another", FUNCTION, "Add")
    assert plan_of(tmp_path, one, other) == plan_of(tmp_path, other, one)


@pytest.mark.parametrize(
    "different",
    [
        {"AfterContext": context(Code={"S3Bucket": "b", "S3Key": "newer"}, Timeout=3)},
        {"Replacement": "True"},
        {"PhysicalResourceId": "another"},
        {"PolicyAction": "Delete"},
    ],
)
def test_another_effect_has_another_fingerprint(tmp_path: Path, different: dict[str, str]) -> None:
    fingerprints = [plan_of(tmp_path, lambda_change(**more)).fingerprint() for more in ({}, different)]
    assert fingerprints[0] != fingerprints[1]


def test_the_fingerprint_is_of_the_effect_not_of_the_bundle(tmp_path: Path) -> None:
    one = plan_of(tmp_path, lambda_change(), template={"Description": "one"})
    other = plan_of(tmp_path, lambda_change(), template={"Description": "other"})
    assert one.digest != other.digest
    assert one.fingerprint() == other.fingerprint()


def test_a_first_deployment_has_no_values_before(tmp_path: Path) -> None:
    created = ChangeSet(
        "covid-lake-dev",
        "plan-1",
        "CREATE",
        [change("Topic", "AWS::SNS::Topic", "Add", AfterContext=context(TopicName="t"))],  # type: ignore[list-item]
        {"Areas": "*"},
        {"Team": "a", **own_tags("one")},
    )
    made = builder.build(created, inputs_of(make_bundle(tmp_path, {})))
    assert made.resources[0].properties == (PropertyChange("TopicName", None, "t"),)
    assert made.parameters == (ValueChange("Areas", None, "*"),)
    assert made.tags == (ValueChange("Team", None, "a"),)


def test_the_plan_stays_within_what_its_role_may_do() -> None:
    from infra.bootstrap import deploy_and_plan_roles, names

    assert names.PLANS == plan.PLANS_PREFIX
    (statement,) = [
        one
        for one in deploy_and_plan_roles.plan_role().to_dict()["Properties"]["Policies"][0]["PolicyDocument"][
            "Statement"
        ]
        if one["Action"] == ["cloudformation:CreateChangeSet"]
    ]
    condition = statement["Condition"]["StringLike"]
    assert condition["cloudformation:ChangeSetName"] == f"{plan.NAME_PREFIX}-*"
