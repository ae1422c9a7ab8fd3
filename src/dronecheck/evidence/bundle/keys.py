"""Ed25519 keys in PEM (RFC 8410): the private one, which its owner alone may read, and the public one beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from dronecheck.errors import UsageError
from dronecheck.safe.extras import require
from dronecheck.safe.io import plain, write_atomic, written_anew

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["key_id", "make_key", "read_private_key", "read_public_key", "require_cryptography"]

_MOST_BYTES = 64 << 10  # of a file that holds a key


def require_cryptography(what: str) -> None:
    """Refuse `what` where the package that signs is not installed. Raises UsageError."""
    require("cryptography", "sign", what)


def make_key(path: Path) -> Path:
    """Make a key pair: `path` for its owner alone (mode 0600), `path`.pub to hand on, whose path is returned.

    Raises UsageError where one of them is there already, and writes neither then.
    """
    require_cryptography("keygen")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public_path = path.with_name(f"{path.name}.pub")
    for each in (path, public_path):
        if each.exists() or each.is_symlink():
            raise UsageError(f"{plain(each)} is there already; a key is never overwritten, name another file")
    if not path.parent.is_dir():
        raise UsageError(f"-o {plain(path)}: there is no folder {plain(path.parent)}")
    key = Ed25519PrivateKey.generate()
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with written_anew(path) as temporary:
        temporary.write_bytes(private)
    write_atomic(public_path, key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return public_path


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a key to sign with. Raises UsageError for anything else than an Ed25519 private key without a password."""
    require_cryptography("--sign")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = _bytes_of(path, "--sign")
    if b"PUBLIC KEY-----" in raw:
        raise UsageError(f"--sign {plain(path)}: this is the public half; name the private key to sign with")
    try:
        key = serialization.load_pem_private_key(raw, password=None)
    except TypeError:
        raise UsageError(f"--sign {plain(path)}: the key is locked by a password; dronecheck asks for none") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key("--sign", path, "private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key("--sign", path, "private key")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a key to verify with. Raises UsageError for anything else than an Ed25519 public key."""
    require_cryptography("--key")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _bytes_of(path, "--key")
    if b"PRIVATE KEY-----" in raw:
        text = "this is the private half, which is for its owner alone; verify with the .pub beside it"
        raise UsageError(f"--key {plain(path)}: {text}")
    try:
        key = serialization.load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        raise _no_key("--key", path, "public key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key("--key", path, "public key")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Return what names a public key: the SHA-256 of its SubjectPublicKeyInfo in DER, hex."""
    from cryptography.hazmat.primitives import serialization

    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def _no_key(option: str, path: Path, kind: str) -> UsageError:
    return UsageError(f"{option} {plain(path)}: no Ed25519 {kind} in PEM; dronecheck keygen -o KEY makes a pair")


def _bytes_of(path: Path, option: str) -> bytes:
    try:
        with path.open("rb") as handle:
            return handle.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(f"{option} {plain(path)}: {plain(error.strerror or error)}") from None
