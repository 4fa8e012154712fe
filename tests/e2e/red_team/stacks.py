"""Changing prod's stack and its bootstrap past its reviewers."""

from __future__ import annotations

import json

from tests.e2e.red_team.rig import DEPLOY, FORMATION, OPS, PLAN, PROD, Attempt
from tests.e2e.role_sessions import role_arn

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})

STACKS = {
    "make a change set of a deployment": Attempt(
        (PLAN, DEPLOY, OPS),
        lambda it: it.aws("cloudformation").create_change_set(
            StackName=PROD, ChangeSetName=f"deploy-{len(it.who)}", TemplateBody=TEMPLATE
        ),
    ),
    "plan from a template that is none of prod's plans": Attempt(
        (PLAN,),
        lambda it: it.aws("cloudformation").create_change_set(
            StackName=PROD,
            ChangeSetName="plan-1",
            TemplateURL=it.world.url(it.world.template),
            Parameters=it.world.parameters,
            Capabilities=CAPABILITIES,
        ),
    ),
    "plan with a template that nobody sees": Attempt(
        (PLAN, "plan of preview"),
        lambda it: it.aws("cloudformation").create_change_set(
            StackName=PROD, ChangeSetName=f"plan-{len(it.who)}0", TemplateBody=TEMPLATE
        ),
    ),
    "plan with prod's CloudFormation role": Attempt(
        (PLAN,),
        lambda it: it.aws("cloudformation").create_change_set(
            StackName=PROD,
            ChangeSetName="plan-2",
            TemplateURL=it.world.url(it.world.template),
            Parameters=it.world.parameters,
            RoleARN=role_arn(f"{PROD}-cloudformation"),
            Capabilities=CAPABILITIES,
        ),
    ),
    "have a preview made by prod's CloudFormation role": Attempt(
        (DEPLOY,),
        lambda it: it.aws("cloudformation").create_change_set(
            StackName="covid-lake-pr-9",
            ChangeSetName="deploy-1",
            ChangeSetType="CREATE",
            TemplateBody=TEMPLATE,
            RoleARN=role_arn(f"{PROD}-cloudformation"),
        ),
    ),
    "make a stack past any change set": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("cloudformation").create_stack(
            StackName=f"covid-lake-prod-{len(it.who)}", TemplateBody=TEMPLATE
        ),
    ),
    "change the bootstrap of prod": Attempt(
        (PLAN, DEPLOY, FORMATION),
        lambda it: it.aws("cloudformation").create_change_set(
            StackName="covid-lake-bootstrap-prod",
            ChangeSetName=f"plan-{len(it.who)}1",
            TemplateBody=TEMPLATE,
        ),
    ),
    "allow the change of what is protected": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("cloudformation").set_stack_policy(
            StackName=PROD,
            StackPolicyBody=json.dumps(
                {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
            ),
        ),
    ),
    "discard what a deployment waits for": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("cloudformation").delete_change_set(StackName=PROD, ChangeSetName="deploy-doomed"),
    ),
    "execute what waits for prod's reviewers": Attempt(
        (PLAN, "plan of dev", DEPLOY, OPS),
        lambda it: it.aws("cloudformation").execute_change_set(
            StackName=PROD, ChangeSetName="deploy-pending"
        ),
    ),
    "end the protection of the stack": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("cloudformation").update_termination_protection(
            StackName=PROD, EnableTerminationProtection=False
        ),
    ),
}
