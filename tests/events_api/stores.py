"""A real S3-compatible server in this process, which can go away and come back."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from minio import Minio
from moto.server import ThreadedMotoServer

from events_api.store.bucket_address import Bucket

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Store:
    """The server, with one bucket."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self._host, self._port = self._server.get_host_and_port()
        address = f"{self._host}:{self._port}"
        self.bucket = Bucket("kept", "county/", address, False, "us-east-1", "key", "secret")
        pool = urllib3.PoolManager()
        client = Minio(address, "key", "secret", secure=False, region="us-east-1", http_client=pool)
        if not client.bucket_exists("kept"):
            client.make_bucket("kept")
        pool.clear()

    def overwrite(self, name: str, data: bytes) -> None:
        """Put other bytes in the place of every object whose key ends so."""
        pool = urllib3.PoolManager()
        client = Minio(
            self.bucket.host, "key", "secret", secure=False, region="us-east-1", http_client=pool
        )
        for each in client.list_objects("kept", recursive=True):
            key = str(each.object_name)
            if key.endswith(name):
                client.put_object("kept", key, io.BytesIO(data), len(data))
        pool.clear()

    def stop(self) -> None:
        """Go away."""
        self._server.stop()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Go away for a while; what was stored is there again afterwards."""
        self._server.stop()
        try:
            yield
        finally:
            self._server = ThreadedMotoServer(self._host, self._port, verbose=False)
            self._server.start()


@contextmanager
def store() -> Iterator[Store]:
    """Serve until the context is left."""
    running = Store()
    try:
        yield running
    finally:
        running.stop()
