"""PyIceberg 0.12: catalog.load_table("durable.workflow_executions").scan().to_arrow(), or .append(...)."""
import os

# Before pyarrow opens S3: otherwise it uploads without a length, which the local endpoint refuses.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"

from pyiceberg.catalog.rest import RestCatalog  # noqa: E402

catalog = RestCatalog(
    "perdure",
    **{
        "uri": "http://localhost:8787/iceberg",
        "token": "dev",
        "s3.endpoint": "http://localhost:8787/cdn-cgi/local/r2/s3",
        "s3.access-key-id": "local",
        "s3.secret-access-key": "local-secret",
        "s3.region": "auto",
    },
)
