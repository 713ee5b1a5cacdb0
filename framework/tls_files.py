"""Check the files and texts of certificates and keys, and say what librdkafka found wrong in them.

OpenSSL's own sentences, such as "PEM lib", don't say what to do.
"""

from __future__ import annotations

import os
import re
from typing import Final

from framework.errors import ConfigError
from framework.types import KafkaSettings

FILES: Final = (
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.keystore.location",
    "ssl.crl.location",
)
TEXTS: Final = ("ssl.ca.pem", "ssl.certificate.pem", "ssl.key.pem")
_BEGIN: Final = "-----BEGIN "
# What OpenSSL names the files of a folder that it looks certificates up in.
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.r?\d+")
_CONVERT: Final = {
    "ssl.key.location": "openssl pkey -inform der -in FILE -out FILE.pem",
    "ssl.crl.location": "openssl crl -inform der -in FILE -out FILE.pem",
}
_CONVERT_CERTIFICATE: Final = "openssl x509 -inform der -in FILE -out FILE.pem"


def check_files(settings: KafkaSettings) -> None:
    """Raise a ConfigError for a file that isn't there, and for a text where a path belongs or vice versa."""
    for key in FILES:
        path = str(settings.get(key) or "")
        if path and path != "probe" and (problem := _problem_of_path(key, path)):
            raise ConfigError(f"{key}{problem}.")
    for key in TEXTS:
        if (text := settings.get(key)) and (problem := _problem_of_text(key, str(text))):
            raise ConfigError(f"{key} {problem}.")


def _problem_of_path(key: str, path: str) -> str:
    if _BEGIN in path:  # it isn't shown, as it may be a key
        text = key.replace("location", "pem")
        way_out = f"pass it as {text}" if text in TEXTS else "write it into a file, and pass its path"
        return f" is invalid: it is the text of the file, not its path; {way_out}"
    if not os.path.exists(path):
        home = ". '~' is not replaced here: use os.path.expanduser()" if path.startswith("~") else ""
        return f"={path!r} is invalid: there is no such file{home}"
    if os.path.isdir(path):
        if key != "ssl.ca.location":
            return f"={path!r} is invalid: it is a folder; pass a file"
        if not any(_HASHED.fullmatch(name) for name in os.listdir(path)):
            return f"={path!r} is invalid: no certificate is found in this folder; pass a PEM file"
    elif not os.access(path, os.R_OK):
        return f"={path!r} is invalid: the file is not readable by this user"
    return ""


def _problem_of_text(key: str, text: str) -> str:
    if _BEGIN not in text:
        way_out = "" if "\n" in text else f", or the path of a file as {key.replace('pem', 'location')}"
        return f"is invalid: pass the text of a PEM file, which has '{_BEGIN}...'{way_out}"
    if "-----\n" not in text.replace("\r\n", "\n"):
        return "is invalid: its line ends are missing; keep those of the PEM file"
    return ""


def explain_tls(text: str, settings: KafkaSettings) -> str:
    """Return what is wrong with the files, where librdkafka refused one, or an empty text."""
    if "mandatory" in text:
        return ""  # a setting is missing
    if "mac verify failure" in text:
        return "ssl.keystore.password is invalid: it doesn't open the file of ssl.keystore.location."
    if "key values mismatch" in text:
        return "ssl.key.location is invalid: it is not the key of ssl.certificate.location."
    if "no certificate assigned" in text:
        return "ssl.key.location needs ssl.certificate.location: pass the certificate of this key."
    for key in FILES:
        path = str(settings.get(key) or "")
        if key in text and path and (problem := _problem_of_content(key, path, settings)):
            return f"{key}={path!r} is invalid: {problem}."
    return ""


def _problem_of_content(key: str, path: str, settings: KafkaSettings) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(1 << 20)
    except OSError as error:
        return f"it is unreadable ({error.strerror})"
    if content.startswith(b"\xfe\xed\xfe\xed"):
        return "it is a Java keystore; export a PEM file from it, as with keytool -exportcert -rfc"
    begins = set(re.findall(rb"-----BEGIN ([A-Z0-9 ]+)-----", content))
    if key == "ssl.keystore.location":
        is_pem = "; pass PEM files as ssl.certificate.location and ssl.key.location" if begins else ""
        return f"it is not a PKCS#12 file{is_pem}"
    if content.startswith(b"\x30") and not begins:
        return f"it is binary (DER), not PEM; convert it: {_CONVERT.get(key, _CONVERT_CERTIFICATE)}"
    kind = {"ssl.key.location": b"PRIVATE KEY", "ssl.crl.location": b"X509 CRL"}.get(key, b"CERTIFICATE")
    if not any(each.endswith(kind) for each in begins):
        found = f"; it has {', '.join(sorted(each.decode() for each in begins))}" if begins else ""
        return f"expected a PEM file with {_BEGIN}{kind.decode()}-----{found}"
    if kind == b"PRIVATE KEY" and b"ENCRYPTED" in content:
        if not settings.get("ssl.key.password"):
            return "the key is encrypted; pass ssl.key.password"
        return "ssl.key.password doesn't open the key"
    return "the file is damaged or cut; copy it again"
