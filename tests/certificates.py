"""Certificates that OpenSSL makes for tests."""

from __future__ import annotations

import pathlib
import ssl
import subprocess


class Certificates:
    """Self-signed certificates for 127.0.0.1 and for another host; the latter's key has a password."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.here, self.here_key = self._make(folder, "here", "IP:127.0.0.1", "-nodes")
        self.other, self.other_key = self._make(folder, "other", "DNS:other", "-passout", "pass:s3cr3t")
        self.text = folder / "text"
        self.text.write_text("no certificate")

    def _make(self, folder: pathlib.Path, name: str, host: str, *options: str) -> tuple[str, str]:
        certificate, key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 -subj /CN=test"
        subprocess.run(
            [
                *command.split(),
                "-addext",
                f"subjectAltName={host}",
                "-keyout",
                key,
                "-out",
                certificate,
                *options,
            ],
            check=True,
            capture_output=True,
        )
        return certificate, key

    def server(self, name: str = "here") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name == "here":
            context.load_cert_chain(self.here, self.here_key)
        else:
            context.load_cert_chain(self.other, self.other_key, "s3cr3t")
        return context
