"""Pictures and clips in a bucket of an S3-compatible store, each under the SHA-256 of its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import urllib3
from minio import Minio
from minio.credentials.providers import StaticProvider
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from events_api.errors import EvidenceLostError, EvidenceStoreError
from events_api.store.bucket_address import Bucket
from events_api.store.evidence import HASH_FORM, PIECE_BYTES, Arrival, Stored, arriving_in

CONNECT_S, READ_S = 5.0, 30.0
ATTEMPTS = 2
"""Little, since whoever sends waits for it, and comes again by themselves."""

NOT_THERE = frozenset({"NoSuchKey", "NoSuchObject", "NotFound"})


class EvidenceBucket:
    """A bucket of content-addressed objects.

    Args:
        bucket: Where it is, and who may use it.
        folder: Where files lie while they arrive, until all of them is known; made when missing.
    """

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self._bucket = bucket
        self._arriving = folder / "arriving"
        self._arriving.mkdir(parents=True, exist_ok=True)
        keys = (bucket.access_key, bucket.secret_key, bucket.session_token or None)
        self._store = Minio(
            bucket.host,
            secure=bucket.is_secure,
            region=bucket.region,
            credentials=StaticProvider(*keys),
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
                retries=urllib3.Retry(total=ATTEMPTS - 1, backoff_factor=0.2),
                maxsize=20,
            ),
        )

    def receive(
        self, sha256: str, media_type: str, limit_bytes: int
    ) -> AbstractContextManager[Arrival]:
        """Take a file in pieces; unless `keep` is called, nothing of it stays."""

        def place(file: Path) -> None:
            with self._asking():
                # An object is there as a whole or not at all, whenever this is cut off.
                self._store.fput_object(
                    self._bucket.name, self._key(sha256), str(file), content_type=media_type
                )

        return arriving_in(self._arriving, sha256, media_type, limit_bytes, place)

    def find(self, sha256: str) -> Stored | None:
        """Return what is stored under a hash, unread; none when there is nothing."""
        with self._asking():
            try:
                found = self._store.stat_object(self._bucket.name, self._key(sha256))
            except S3Error as error:
                if error.code in NOT_THERE:
                    return None
                raise
        return Stored(found.size or 0, f"{found.etag} {found.last_modified} {found.version_id}")

    def read(self, sha256: str, start: int = 0, length: int = 0) -> Iterator[bytes]:
        """Give the bytes of an object, piece by piece.

        Args:
            sha256: Which.
            start: How many bytes to leave out at its beginning.
            length: How many to give; all to its end where it is 0.

        Raises:
            EvidenceLostError: It is not there.
            EvidenceStoreError: The store cannot be reached.
        """
        with self._asking():
            answer = None
            try:
                answer = self._store.get_object(
                    self._bucket.name, self._key(sha256), offset=start, length=length
                )
                yield from answer.stream(PIECE_BYTES)
            except S3Error as error:
                if error.code in NOT_THERE:
                    raise EvidenceLostError(
                        f"The evidence {sha256} is missing in the bucket. Restore it from a backup."
                    ) from error
                raise
            finally:
                if answer is not None:
                    answer.close()
                    answer.release_conn()

    def local_file(self, _sha256: str) -> Path | None:
        """Return none: nothing of it lies on this disk."""
        return None

    def remove(self, sha256: str) -> None:
        """Take an object away; again does no harm."""
        with self._asking():
            self._store.remove_object(self._bucket.name, self._key(sha256))

    def hashes(self) -> Iterator[str]:
        """Give the hash of everything that is stored."""
        with self._asking():
            prefix = self._bucket.prefix
            for each in self._store.list_objects(self._bucket.name, prefix=prefix, recursive=True):
                name = str(each.object_name).rpartition("/")[2]
                if HASH_FORM.fullmatch(name) and each.object_name == self._key(name):
                    yield name

    def check_writable(self) -> None:
        """Make sure that the store answers us, and has the bucket.

        Raises:
            EvidenceStoreError: It does not.
        """
        with self._asking():
            if not self._store.bucket_exists(self._bucket.name):
                raise EvidenceStoreError(
                    f"There is no bucket {self._bucket.name} at {self._bucket.host}; make it, or "
                    "correct GRIDPATROL_EVIDENCE_URL."
                )

    def _key(self, sha256: str) -> str:
        return f"{self._bucket.prefix}{sha256[:2]}/{sha256}"

    @contextmanager
    def _asking(self) -> Iterator[None]:
        place = f"The store {self._bucket.host}, bucket {self._bucket.name},"
        try:
            yield
        except S3Error as error:
            raise EvidenceStoreError(
                f"{place} refused: {error.code}: {error.message}. Check its keys "
                "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and what they may do."
            ) from error
        except (MinioException, HTTPError, OSError) as error:
            raise EvidenceStoreError(
                f"{place} does not answer: {type(error).__name__}. Try again when it does."
            ) from error
