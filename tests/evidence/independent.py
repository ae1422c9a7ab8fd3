"""A verifier of cases that shares no code with dronecheck: zipfile of Python, Ed25519 of libsodium. 40 lines.

python independent.py CASE.zip KEY.pub
"""

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of a key


def public_key(pem: str) -> VerifyKey:
    der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-----")))
    assert der.startswith(SPKI_ED25519) and len(der) == 44
    return VerifyKey(der[12:])


def verify(case: str, pub: str) -> str:
    """Return what is wrong; "" where the signature and all digests hold."""
    with zipfile.ZipFile(case) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    envelope = json.loads(files.pop("envelope.dsse.json"))
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    try:
        public_key(Path(pub).read_text()).verify(signed, base64.b64decode(envelope["signatures"][0]["sig"]))
    except BadSignatureError:
        return "signature"
    statement = json.loads(payload)
    if statement["_type"] != "https://in-toto.io/Statement/v1":
        return "statement"
    said = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return " ".join(sorted(name for name in said | found if said.get(name) != found.get(name)))


if __name__ == "__main__":
    wrong = verify(*sys.argv[1:])
    sys.exit(f"does not hold: {wrong}" if wrong else 0)
