"""AWS::RDS::DBCluster and DBInstance of a stack: a real server behind the records that ministack keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from localcloud import plugin
from localcloud.plugin import refusals
from localcloud.rds import clusters
from localcloud.rds.postgres import PostgresError

Properties = Mapping[str, Any]
Handler = MutableMapping[str, Any]
CLUSTER, INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"


def install(handlers: MutableMapping[str, Handler]) -> None:
    """Go around ministack's handlers, which write the records; making a server leaves the event loop."""
    from ministack.services.cloudformation import stacks

    on_thread = plugin.require(stacks, "_runs_on_worker_thread", ["resource_type"])

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type in (CLUSTER, INSTANCE) or bool(on_thread(resource_type))

    stacks._runs_on_worker_thread = runs_on_worker_thread
    cluster, instance = handlers[CLUSTER], handlers[INSTANCE]
    cluster["create"] = _creating(cluster["create"])
    cluster["update"] = _updating(cluster["update"])
    cluster["delete"] = _deleting(cluster["delete"])
    cluster["snapshot"] = _snapshotting(cluster["snapshot"])
    instance["create"] = _joining(instance["create"])
    instance["update"] = _rejoining(instance["update"])


def check_cluster(properties: Properties) -> None:
    """Raise `ValueError` for a cluster that would be another one here."""
    engine = properties.get("Engine")
    if engine != clusters.ENGINE:
        raise ValueError(refusals.not_supported(f"Engine {engine} of {CLUSTER}", f"use {clusters.ENGINE}"))
    if not properties.get("MasterUsername"):
        raise ValueError("Property MasterUsername cannot be empty. (Service: Rds, Status Code: 400)")
    if properties["MasterUsername"].lower() in ("rdsadmin", "rds_superuser", "postgres_admin", "public"):
        name = properties["MasterUsername"]
        raise ValueError(
            f"MasterUsername {name} cannot be used as it is a reserved word used by the engine "
            "(Service: Rds, Status Code: 400)"
        )
    managed, password = _is_managed(properties), properties.get("MasterUserPassword")
    if managed and password:
        raise ValueError(
            "You can't specify MasterUserPassword when ManageMasterUserPassword is set. "
            "(Service: Rds, Status Code: 400)"
        )
    if not managed and not password:
        raise ValueError(
            "Either ManageMasterUserPassword or MasterUserPassword is required. "
            "(Service: Rds, Status Code: 400)"
        )


def check_instance(properties: Properties) -> None:
    """Raise `ValueError` for an instance that is no member of a cluster: there is no other one here."""
    if not properties.get("DBClusterIdentifier"):
        raise ValueError(
            refusals.not_supported(f"{INSTANCE} without DBClusterIdentifier", "make it a member of a cluster")
        )


def _creating(create: Callable[..., Any]) -> Callable[..., Any]:
    def created(logical_id: str, properties: Properties, stack_name: str) -> Any:
        from ministack.services import rds

        name, attributes = create(logical_id, properties, stack_name)
        try:
            return name, {**attributes, **_complete(rds._clusters[name], properties)}
        except BaseException:
            rds._clusters.pop(name, None)
            raise

    return created


def _complete(record: dict[str, Any], properties: Properties) -> dict[str, str]:
    """Give a new record its server, its owner's password and secret; returns the attributes of those."""
    from ministack.services import rds, secretsmanager

    password = properties.get("MasterUserPassword") or rds._generate_master_user_password()
    record["_MasterUserPassword"] = password
    _complete_fields(record, properties)
    try:
        clusters.create(record, password)
    except PostgresError as error:
        raise ValueError(f"{error} (Service: Rds, Status Code: 500)") from error
    if _is_managed(properties):
        arn = secretsmanager.create_secret_in_process(
            f"rds!{record['DbClusterResourceId'].lower()}",
            json.dumps({"username": record["MasterUsername"], "password": password}),
            description=f"Secret associated with primary RDS DB cluster: {record['DBClusterArn']}",
        )
        record["MasterUserSecret"] = {"SecretArn": arn, "SecretStatus": "active"}
    return _attributes(record)


def _complete_fields(record: dict[str, Any], properties: Properties) -> None:
    """What ministack's handler leaves out of the record."""
    record["DatabaseName"] = properties.get("DatabaseName", "")
    record["DBClusterParameterGroup"] = (
        properties.get("DBClusterParameterGroupName") or f"default.{clusters.ENGINE}"
    )
    record["StorageEncrypted"] = str(properties.get("StorageEncrypted", False)).lower() == "true"
    record["KmsKeyId"] = properties.get("KmsKeyId", "")
    record["TagList"] = list(properties.get("Tags", []))
    record["_localcloud_tags"] = [one["Key"] for one in record["TagList"]]


def _attributes(record: Mapping[str, Any]) -> dict[str, str]:
    secret = (record.get("MasterUserSecret") or {}).get("SecretArn")
    return {
        "Endpoint.Address": record["Endpoint"],
        "Endpoint.Port": str(record["Port"]),
        "ReadEndpoint.Address": record["ReaderEndpoint"],
        **({"MasterUserSecret.SecretArn": secret} if secret else {}),
    }


def _updating(update: Callable[..., Any]) -> Callable[..., Any]:
    def updated(physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any) -> Any:
        from ministack.services import rds

        before = rds._clusters.get(physical_id)
        if _is_managed(old) != _is_managed(new):
            raise ValueError(
                refusals.not_supported("a change of ManageMasterUserPassword", "replace the cluster")
            )
        number = before["DbClusterResourceId"] if before else ""
        address = {name: before[name] for name in ("Endpoint", "ReaderEndpoint", "Port")} if before else {}
        name, attributes = update(physical_id, old, new, *rest, **named)
        record = rds._clusters[name]
        if record["DbClusterResourceId"] != number:  # replaced: the new one begins empty, as on AWS
            made = _complete(record, new)
            if before:
                _forget(before)
            return name, {**attributes, **made}
        password = record["_MasterUserPassword"]
        record.update(address)
        _complete_fields(record, new)
        if new.get("MasterUserPassword") not in (None, old.get("MasterUserPassword")):
            clusters.set_password(record, password)
        return name, {**attributes, **_attributes(record)}

    return updated


def _deleting(delete: Callable[..., Any]) -> Callable[..., Any]:
    def deleted(physical_id: str, properties: Properties) -> None:
        from ministack.services import rds

        record = rds._clusters.get(physical_id)
        if record is None:
            return
        if record.get("DeletionProtection"):
            raise ValueError(
                "Cannot delete protected Cluster, please disable deletion protection and try again. "
                "(Service: Rds, Status Code: 400)"
            )
        _forget(record)
        delete(physical_id, properties)

    return deleted


def _forget(record: Mapping[str, Any]) -> None:
    from ministack.services import secretsmanager

    clusters.remove(record)
    if secret := (record.get("MasterUserSecret") or {}).get("SecretArn"):
        secretsmanager.delete_secret_in_process(secret)


def _snapshotting(snapshot: Callable[..., Any]) -> Callable[..., Any]:
    """`DeletionPolicy: Snapshot`, which is the default of the type: the data is copied before it goes."""

    def copied(physical_id: str, properties: Properties) -> None:
        from ministack.services import rds

        record = rds._clusters.get(physical_id)
        if record is not None and not record.get("DeletionProtection"):
            clusters.copy(record, f"{physical_id}-{record['DbClusterResourceId']}")
        snapshot(physical_id, properties)

    return copied


def _joining(create: Callable[..., Any]) -> Callable[..., Any]:
    def created(logical_id: str, properties: Properties, stack_name: str) -> Any:
        name, attributes = create(logical_id, properties, stack_name)
        return name, {**attributes, **_share_address(name)}

    return created


def _rejoining(update: Callable[..., Any]) -> Callable[..., Any]:
    def updated(physical_id: str, *rest: Any, **named: Any) -> Any:
        name, attributes = update(physical_id, *rest, **named)
        return name, {**attributes, **_share_address(name)}

    return updated


def _share_address(name: str) -> dict[str, str]:
    """An instance answers where its cluster does. Raises `ValueError` where that is unknown."""
    from ministack.services import rds

    instance = rds._instances[name]
    cluster = rds._clusters.get(instance["DBClusterIdentifier"])
    if cluster is None:
        identifier = instance["DBClusterIdentifier"]
        rds._instances.pop(name)
        raise ValueError(f"DBCluster {identifier} not found. (Service: Rds, Status Code: 404)")
    instance["Endpoint"] = dict(cluster["_shared_endpoint"])
    return {"Endpoint.Address": cluster["Endpoint"], "Endpoint.Port": str(cluster["Port"])}


def _is_managed(properties: Properties) -> bool:
    return str(properties.get("ManageMasterUserPassword", False)).lower() == "true"
