"""Files of the local copy of the bucket under the locations that they have in the bucket."""
import os

from pyarrow.fs import FileSystem, LocalFileSystem, SubTreeFileSystem
from pyiceberg.io.pyarrow import PyArrowFileIO

COPY = "copied-io.root"


class CopiedFileIO(PyArrowFileIO):
    def _initialize_fs(self, scheme: str, netloc: str | None = None) -> FileSystem:
        if scheme != "s3":
            return super()._initialize_fs(scheme, netloc)
        return SubTreeFileSystem(os.fspath(self.properties[COPY]), LocalFileSystem())
