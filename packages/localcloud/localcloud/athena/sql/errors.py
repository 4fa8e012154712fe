"""Why a query fails, in Athena's words."""

from __future__ import annotations

from botocore.exceptions import ClientError

from localcloud.plugin import refusals

SYSTEM, USER = 1, 2


class QueryError(Exception):
    """A failed query: `message` is what StateChangeReason shows, `category` as in AthenaError."""

    def __init__(self, message: str, category: int = USER) -> None:
        super().__init__(message)
        self.message = message
        self.category = category


class QueryCancelledError(Exception):
    """The query was stopped; the reason is Athena's."""


def unsupported(what: str, hint: str = "") -> QueryError:
    return QueryError(f"NOT_SUPPORTED: {refusals.not_supported(what, hint)}")


def refused(error: ClientError, doing: str) -> QueryError:
    """A refusal by IAM, or what else another service answered to a call made for the query."""
    found = error.response["Error"]
    code, text = found.get("Code", ""), found.get("Message", "")
    if code in ("AccessDenied", "AccessDeniedException", "403"):
        return QueryError(
            f"PERMISSION_DENIED: Insufficient permissions to execute the query. {doing}: {text or code}"
        )
    return QueryError(f"GENERIC_USER_ERROR: {doing}: {code}: {text}")


def output_refused(url: str, error: ClientError) -> QueryError:
    """What Athena says when the result location cannot be written."""
    code = error.response["Error"].get("Code", "")
    if code in ("AccessDenied", "403"):
        return QueryError(f"Access denied when writing output to url: {url} . Please ensure you are allowed "
                          "to access the S3 bucket. If you are encrypting query results with KMS key, "
                          "please ensure you are allowed to access your KMS key")  # fmt: skip
    return QueryError(f"Unable to verify/create output bucket {url.split('/')[2]}: {code}")
