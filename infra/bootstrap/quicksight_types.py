"""The types of Amazon QuickSight, which a stack makes only where its parameter names who may see them."""

from __future__ import annotations

from infra.bootstrap import names
from infra.bootstrap.access import Access, access, tags
from infra.common.policies import Statement, allow


def types() -> list[Access]:
    arns = (
        names.arn("quicksight", f"{kind}/{names.STACK}-*") for kind in ("dashboard", "dataset", "datasource")
    )
    return [
        access(
            "QuickSight",
            "quicksight",
            "QuickSight::Dashboard QuickSight::DataSet QuickSight::DataSource",
            "DescribeDashboard DescribeDashboardPermissions DescribeDataSet DescribeDataSetPermissions "
            "DescribeDataSetRefreshProperties DescribeDataSource DescribeDataSourcePermissions "
            "ListTagsForResource",
            "CreateDashboard CreateDataSet DeleteDashboard DeleteDataSet DeleteDataSource "
            "ListFoldersForResource PassDataSet PassDataSource TagResource UntagResource UpdateDashboard "
            "UpdateDashboardLinks UpdateDashboardPermissions UpdateDashboardPublishedVersion UpdateDataSet "
            "UpdateDataSetPermissions UpdateDataSource UpdateDataSourcePermissions",
            *arns,
        ),
    ]


def without_resources() -> list[Statement]:
    """AWS has no resource for a data source that is not there yet."""
    condition = {"StringEqualsIfExists": tags("Request")}
    return [allow("CreateDataSource", ["quicksight:CreateDataSource"], "*", condition)]
