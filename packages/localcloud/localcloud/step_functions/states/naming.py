"""The names that Step Functions gives to services, API members and errors: those of AWS's Java SDKs.

`aws-sdk` integrations follow the Java SDK 2.x (`QueueUrl`, `Glue.EntityNotFoundException`, `S3.S3Exception`),
the optimised ones its 1.x (`Glue.AWSGlueException`).
"""

from __future__ import annotations

import re
from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel

# Services whose id in the Java SDK is not their name in botocore with the hyphens taken out.
_BOTOCORE_NAMES = {
    "applicationdiscoveryservice": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "costandusagereportservice": "cur",
    "costexplorer": "ce",
    "databasemigrationservice": "dms",
    "directoryservice": "ds",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearchservice": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "lexmodelbuildingservice": "lex-models",
    "lexruntimeservice": "lex-runtime",
    "marketplacemetering": "meteringmarketplace",
    "sfn": "stepfunctions",
}
# S3 declares it for UpdateObjectEncryption only; any other call fails with the SDK's own exception.
_MODELLED_FOR_ONE_OPERATION = {("s3", "AccessDenied")}


def java_name(name: str) -> str:
    """PascalCase as the Java SDK 2.x code generator makes it: `DBInstanceArn` -> `DbInstanceArn`.

    It leaves the names of S3's checksums as they are.
    """
    if name.startswith(("ChecksumCRC", "ChecksumSHA")):
        return name
    text = re.sub(r"[^A-Za-z0-9]+", " ", name)
    text = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", text)
    text = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", text)
    return "".join(word[0].upper() + word[1:].lower() for word in text.split())


def exception_name(error_shape: str) -> str:
    """The Java class of an error shape: `NoSuchKey` -> `NoSuchKeyException`, `XFault` -> `XException`."""
    if error_shape.endswith("Exception"):
        return java_name(error_shape)
    return java_name(error_shape.removesuffix("Fault")) + "Exception"


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def service_model(botocore_name: str) -> ServiceModel:
    return _session().get_service_model(botocore_name)


@cache
def sdk_service(name: str) -> ServiceModel | None:
    """The service that `aws-sdk:<name>:` means, or None. `logs` means none: AWS says `cloudwatchlogs`."""
    available = {service.replace("-", ""): service for service in _session().get_available_services()}
    botocore_name = _BOTOCORE_NAMES.get(name) or available.get(name)
    if botocore_name is None:
        return None
    model = service_model(botocore_name)
    return model if re.sub(r"[^a-z0-9]", "", model.service_id.lower()) == name else None


def operation(service: ServiceModel, action: str) -> OperationModel | None:
    """The operation that the camelCase action of a Task resource means, or None."""
    by_name = {name[0].lower() + name[1:]: name for name in service.operation_names}
    return service.operation_model(by_name[action]) if action in by_name else None


def modelled_error(service: ServiceModel, code: str) -> str | None:
    """The Java exception of an error code that the service's model declares, or None."""
    if (service.service_name, code) in _MODELLED_FOR_ONE_OPERATION:
        return None
    for shape in service.error_shapes:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            return exception_name(shape.name)
    return None
