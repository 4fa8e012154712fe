"""The Glue connection to the database: where it is, and which secret opens it."""

from __future__ import annotations

from troposphere import AccountId, If, Ref, Sub, glue

from infra.segmentation import database, network
from infra.segmentation.parameters import TLS_CONDITION

CONNECTION = "Connection"
NAME = "${AWS::StackName}-database"


def url() -> Sub:
    """Where the database is, for JDBC."""
    return Sub(
        "jdbc:postgresql://${Host}:${Port}/${DatabaseName}", Host=database.host(), Port=database.port()
    )


def connection() -> glue.Connection:
    """Glue reads the secret as the role of the job or of the crawler; the connection holds no password."""
    return glue.Connection(
        CONNECTION,
        CatalogId=AccountId,
        ConnectionInput=glue.ConnectionInput(
            Name=Sub(NAME),
            Description=Sub("The database of ${AWS::StackName}"),
            ConnectionType="JDBC",
            ConnectionProperties={
                "JDBC_CONNECTION_URL": url(),
                "SECRET_ID": database.jobs_secret(),
                "JDBC_ENFORCE_SSL": If(TLS_CONDITION, "true", "false"),
            },
            PhysicalConnectionRequirements=glue.PhysicalConnectionRequirements(
                AvailabilityZone=network.jobs_zone(),
                SubnetId=network.jobs_subnet(),
                SecurityGroupIdList=network.jobs_groups(),
            ),
        ),
    )


def ref() -> Ref:
    return Ref(CONNECTION)
