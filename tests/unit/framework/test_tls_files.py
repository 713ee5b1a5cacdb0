"""A file of certificates or keys that TLS can't use is told with what it is, and what to do."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from framework import App, ConfigError
from tests.certificates import Certificates

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = PEM.replace("CERTIFICATE", "PRIVATE KEY")


def refusal(**settings: Any) -> str:
    keys = {f"ssl.{name.replace('_', '.')}": str(value) for name, value in settings.items()}
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1", "security.protocol": "ssl", **keys})
    with pytest.raises(ConfigError) as caught:
        app.admin()
    return str(caught.value)


CERTIFICATE = "expected a PEM file with -----BEGIN CERTIFICATE-----"
X509 = "it is binary (DER), not PEM; convert it: openssl x509 -inform der -in FILE -out FILE.pem"
PKEY = "it is binary (DER), not PEM; convert it: openssl pkey -inform der -in FILE -out FILE.pem"
JKS = "it is a Java keystore; export a PEM file from it, as with keytool -exportcert -rfc"
PKCS = "it is not a PKCS#12 file"


@pytest.mark.parametrize(
    ("key", "content", "problem"),
    [
        ("ca", b"", CERTIFICATE),
        ("ca", b"no certificate", CERTIFICATE),
        ("ca", KEY.encode(), f"{CERTIFICATE}; it has PRIVATE KEY"),
        ("ca", PEM.encode(), "the file is damaged or cut; copy it again"),
        ("ca", b"\x30\x82\x01\x02", X509),
        ("ca", b"\xfe\xed\xfe\xed\0\0\0\2", JKS),
        ("certificate", b"\x30\x82\x01\x02", X509),
        ("key", b"\x30\x82\x01\x02", PKEY),
        ("key", PEM.encode(), "expected a PEM file with -----BEGIN PRIVATE KEY-----; it has CERTIFICATE"),
        ("crl", b"x", "expected a PEM file with -----BEGIN X509 CRL-----"),
        ("keystore", b"x", PKCS),
        (
            "keystore",
            KEY.encode(),
            f"{PKCS}; pass PEM files as ssl.certificate.location and ssl.key.location",
        ),
    ],
)
def test_the_content_of_a_file_is_told(
    key: str, content: bytes, problem: str, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    settings = {f"{key}_location": file} | ({"keystore_password": "p"} if key == "keystore" else {})
    assert refusal(**settings) == f"ssl.{key}.location={str(file)!r} is invalid: {problem}."


def test_a_key_of_another_certificate_is_told(certificates: Certificates) -> None:
    options = {"key_location": certificates.other_key, "key_password": "s3cr3t"}
    assert refusal(certificate_location=certificates.here, **options) == (
        "ssl.key.location is invalid: it is not the key of ssl.certificate.location."
    )
    assert refusal(**options) == (
        "ssl.key.location needs ssl.certificate.location: pass the certificate of this key."
    )


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ({}, "the key is encrypted; pass ssl.key.password"),
        ({"key_password": "wrong"}, "ssl.key.password doesn't open the key"),
    ],
    ids=["none", "wrong"],
)
def test_an_encrypted_key_needs_its_password(
    password: dict[str, str], problem: str, certificates: Certificates
) -> None:
    files = {"certificate_location": certificates.other, "key_location": certificates.other_key}
    assert refusal(**files, **password) == (
        f"ssl.key.location={certificates.other_key!r} is invalid: {problem}."
    )


def test_a_path_that_leads_to_no_file_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ca.pem").write_text(PEM)
    folder = str(tmp_path)
    assert refusal(ca_location=folder) == (
        f"ssl.ca.location={folder!r} is invalid: no certificate is found in this folder; pass a PEM file."
    )
    assert (
        refusal(key_location=folder)
        == f"ssl.key.location={folder!r} is invalid: it is a folder; pass a file."
    )
    assert refusal(ca_location="~/ca.pem") == (
        "ssl.ca.location='~/ca.pem' is invalid: there is no such file. "
        "'~' is not replaced here: use os.path.expanduser()."
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"ca_location": PEM},
            "ssl.ca.location is invalid: it is the text of the file, not its path; pass it as ssl.ca.pem.",
        ),
        (
            {"key_location": KEY},
            "ssl.key.location is invalid: it is the text of the file, not its path; pass it as ssl.key.pem.",
        ),
        (
            {"key_pem": "/etc/key.pem"},
            (
                "ssl.key.pem is invalid: pass the text of a PEM file, which has '-----BEGIN ...', "
                "or the path of a file as ssl.key.location."
            ),
        ),
        (
            {"certificate_pem": PEM.replace("\n", "\\n")},
            "ssl.certificate.pem is invalid: its line ends are missing; keep those of the PEM file.",
        ),
    ],
    ids=lambda each: ",".join(each) if isinstance(each, dict) else "",
)
def test_a_text_and_a_path_are_told_apart_and_not_shown(settings: dict[str, str], sentence: str) -> None:
    assert refusal(**settings) == sentence


def test_a_folder_of_hashed_certificates_is_taken(tmp_path: pathlib.Path) -> None:
    (tmp_path / "0a1b2c3d.0").write_text(PEM)
    kafka = {"bootstrap.servers": "127.0.0.1:1", "security.protocol": "ssl", "ssl.ca.location": str(tmp_path)}
    app = App(kafka=kafka)
    app.admin().close()
    assert app.kafka["ssl.ca.location"] == str(tmp_path)
