"""Managed policies that roles of the bootstrap share, or that do not fit into a role's own.

A role's own policies have 10,240 characters together, a managed one 6,144, and a role may have ten of these.
"""

from __future__ import annotations

from troposphere import Sub, iam

from infra.bootstrap import catalog_types, database_types, names, quicksight_types, role_shape
from infra.bootstrap.resource_types import reading_statements
from infra.common.policies import Statement, document

READ, CATALOG, STACKS = "ReadPolicy", "CatalogPolicy", "StacksPolicy"
READ_DATABASE, DATABASE = "ReadDatabasePolicy", "DatabasePolicy"
QUICKSIGHT = "QuickSightPolicy"
# By logical id, the end of each one's name.
ENDS = {
    READ: "read",
    READ_DATABASE: "read-database",
    CATALOG: "catalog",
    QUICKSIGHT: "quicksight",
    DATABASE: "database",
    STACKS: "no-stacks",
}
# Every way to change a stack, for those who may not.
CHANGE_STACK = [
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateStack",
    "cloudformation:DeleteStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:RollbackStack",
    "cloudformation:SetStackPolicy",
    "cloudformation:SignalResource",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
]


def arns() -> list[Sub]:
    """All that bound or widen what roles may do: the boundary, too."""
    return [names.boundary_arn(), *(names.iam_arn(f"policy/{names.OWN}-{end}") for end in ENDS.values())]


def _policy(title: str, description: str, statements: list[Statement]) -> iam.ManagedPolicy:
    return iam.ManagedPolicy(
        title,
        ManagedPolicyName=Sub(f"{names.OWN}-{ENDS[title]}"),
        Description=description,
        PolicyDocument=document(*statements),
    )


def policies() -> list[iam.ManagedPolicy]:
    catalog, quicksight, database = (
        [one.writing() for one in module.types()]
        for module in (catalog_types, quicksight_types, database_types)
    )
    return [
        _policy(READ, "Shows resources of the environment's stacks", reading_statements()),
        _policy(READ_DATABASE, "Shows a stack's database and its network", database_types.reading()),
        _policy(
            CATALOG,
            "Makes a stack's databases, tables and crawlers of the Data Catalog",
            [*catalog, *catalog_types.without_resources()],
        ),
        _policy(
            QUICKSIGHT,
            "Makes a stack's data source, data sets and dashboard of QuickSight",
            [*quicksight, *quicksight_types.without_resources()],
        ),
        _policy(
            DATABASE,
            "Makes a stack's database and its network",
            [*database, *database_types.network(), *database_types.without_names()],
        ),
        _policy(STACKS, "Changes no stack", [role_shape.deny("ChangeNoStack", CHANGE_STACK, "*")]),
    ]
