"""Copies the directories of the tables from the bucket, for readers of files."""
import shutil

from pyarrow.fs import LocalFileSystem, S3FileSystem, copy_files

from job import read_job

job = read_job()
shutil.rmtree(job.copy, ignore_errors=True)
bucket = S3FileSystem(
    access_key=job.catalog["s3.access-key-id"],
    secret_key=job.catalog["s3.secret-access-key"],
    region=job.catalog["s3.region"],
    endpoint_override=job.catalog["s3.endpoint"],
)
for table in job.tables:
    table.directory.mkdir(parents=True)
    source = str(table.directory.relative_to(job.copy))
    copy_files(source, str(table.directory), source_filesystem=bucket, destination_filesystem=LocalFileSystem())
