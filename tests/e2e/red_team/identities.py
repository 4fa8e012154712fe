"""Getting more rights: by roles, trust, boundaries and other identities."""

from __future__ import annotations

from localcloud.cloud import ACCOUNT
from tests.e2e.bootstrap_rig import ANYTHING
from tests.e2e.red_team.rig import DEPLOY, DRIFT, EVIL_ROLE, FORMATION, OPEN, PROD, STACK_ROLE, Attempt
from tests.e2e.role_sessions import role_arn

PROD_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{PROD}-boundary"
PREVIEW_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-preview-boundary"
ADMINISTRATION = "arn:aws:iam::aws:policy/AdministratorAccess"

IDENTITIES = {
    "make a role without the boundary": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").create_role(
            RoleName="covid-lake-pr-8-FreeRole-1", AssumeRolePolicyDocument=OPEN
        ),
    ),
    "make a role within prod's boundary": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").create_role(
            RoleName="covid-lake-pr-8-OtherRole-1",
            AssumeRolePolicyDocument=OPEN,
            PermissionsBoundary=PROD_BOUNDARY,
        ),
    ),
    "make a role that looks like prod's": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").create_role(
            RoleName=f"{PROD}-OtherRole-1",
            AssumeRolePolicyDocument=OPEN,
            PermissionsBoundary=PREVIEW_BOUNDARY,
        ),
    ),
    "move a role of its own into prod's boundary": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").put_role_permissions_boundary(
            RoleName=EVIL_ROLE, PermissionsBoundary=PROD_BOUNDARY
        ),
    ),
    "give rights to prod's job": Attempt(
        (FORMATION, STACK_ROLE, DRIFT),
        lambda it: it.aws("iam").put_role_policy(
            RoleName=it.world.physical("JobRole"), PolicyName="x", PolicyDocument=ANYTHING
        ),
    ),
    "give rights to its own deploy role": Attempt(
        (FORMATION, STACK_ROLE, DEPLOY),
        lambda it: it.aws("iam").put_role_policy(
            RoleName="covid-lake-preview-deploy", PolicyName="x", PolicyDocument=ANYTHING
        ),
    ),
    "administer through its own CloudFormation role": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").attach_role_policy(
            RoleName="covid-lake-preview-cloudformation", PolicyArn=ADMINISTRATION
        ),
    ),
    "have prod's deploy role trust a branch": Attempt(
        (FORMATION, DEPLOY),
        lambda it: it.aws("iam").update_assume_role_policy(RoleName=f"{PROD}-deploy", PolicyDocument=OPEN),
    ),
    "have prod's job trust anybody": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").update_assume_role_policy(
            RoleName=it.world.physical("JobRole"), PolicyDocument=OPEN
        ),
    ),
    "widen its own boundary": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").create_policy_version(PolicyArn=PREVIEW_BOUNDARY, PolicyDocument=ANYTHING),
    ),
    "widen prod's boundary": Attempt(
        (FORMATION, DEPLOY),
        lambda it: it.aws("iam").create_policy_version(PolicyArn=PROD_BOUNDARY, PolicyDocument=ANYTHING),
    ),
    "make a user": Attempt(
        (FORMATION, STACK_ROLE, DEPLOY),
        lambda it: it.aws("iam").create_user(UserName=f"evil-{len(it.who)}"),
    ),
    "run code as prod's job": Attempt(
        (FORMATION,),
        lambda it: it.aws("glue").create_job(
            Name=f"covid-lake-pr-8-evil-{len(it.who)}",
            Role=role_arn(it.world.physical("JobRole")),
            Command={"Name": "glueetl", "ScriptLocation": "s3://x/y.py"},
        ),
    ),
    "free a role of its own from the boundary": Attempt(
        (FORMATION,),
        lambda it: it.aws("iam").delete_role_permissions_boundary(RoleName=EVIL_ROLE),
    ),
}
