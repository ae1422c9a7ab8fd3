"""Nothing of a case can be changed unseen: any bit, anywhere; by tools of others, too."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import shutil
import struct
import subprocess
import zipfile
from functools import partial
from pathlib import Path

import pytest

from dronecheck.errors import UsageError
from dronecheck.evidence.bundle import zip_file
from dronecheck.evidence.bundle.keys import make_key, read_private_key, read_public_key
from dronecheck.evidence.bundle.sign import open_envelope, pae, seal
from dronecheck.evidence.bundle.verify import Standing, VerifyAsked, verify
from dronecheck.safe.io import Input
from tests.conftest import REPO
from tests.evidence import independent
from tests.support.scale import FULL, loops

SAMPLES = REPO / "samples"
ZONES = SAMPLES / "restricted_zone.geojson"
CROSSING = SAMPLES / "founding_dandong_sinuiju.ulg"
WORDS = {  # ten cases, each by other words
    "plain": ["clear_dandong.csv"],
    "signed": ["restricted_zone.csv", "--zones", ZONES, "--sign", "KEY"],
    "whole": ["restricted_zone.csv", "--zones", ZONES, "--sign", "KEY", "--include-input", "--exhibit", "1"],
    "ulog": ["founding_dandong_sinuiju.ulg", "--sign", "KEY"],
    "bin": ["founding_dandong_sinuiju.bin", "--max-height", "120"],
    "tlog": ["founding_dandong_sinuiju.tlog", "--include-input"],
    "srt": ["founding_dandong_sinuiju.SRT", "--home", "CHN", "--analyst", "J. Doe"],
    "gpx": ["founding_dandong_sinuiju.gpx", "--home", "CHN", "--sign", "KEY"],
    "cut": ["cut_short.ulg"],
    "two": ["clear_dandong.csv", "restricted_zone.csv", "--separate", "--sign", "KEY"],
}
TRIED = list(WORDS) if FULL else ["plain", "whole"]


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "my.key"
    make_key(path)
    return path


@pytest.fixture(scope="module")
def case_of(tmp_path_factory, key):
    """The case of a name in WORDS, made once."""
    folder = tmp_path_factory.mktemp("cases")

    def made(name):
        path = folder / f"{name}.zip"
        if not path.exists():
            words = [key if w == "KEY" else SAMPLES / w if (SAMPLES / str(w)).exists() else w for w in WORDS[name]]
            assert run("case", *words, "-o", path) in (0, 1, 4)
        return path

    return made


def run(*words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["dronecheck", *map(str, words)])
        from dronecheck.cli import run as run_cli

        return run_cli()


def opened(raw, path="case.zip"):
    return Input(Path(path), raw, hashlib.sha256(raw).hexdigest())


def rows_of(raw, **asked):
    return verify(opened(raw), VerifyAsked(**asked)).rows


def bad(rows):
    return {(row.what, row.standing.value) for row in rows if row.is_bad}


def rewritten(path, change):
    """A case whose members were changed, in an archive as dronecheck writes it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    return b"".join(zip_file.pieces(members))


# ---- every bit


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_any_bit_that_is_flipped_is_found(case_of, key, name):
    """1,000 in ten cases in the full scale; without the key: what nobody but a forger could have made right."""
    raw = bytearray(case_of(name).read_bytes())
    assert not bad(rows_of(bytes(raw)))
    dice = random.Random(f"flips {name}")
    for _ in range(loops(100, 50)):
        at, bit = dice.randrange(len(raw)), 1 << dice.randrange(8)
        raw[at] ^= bit
        assert bad(rows_of(bytes(raw))), (at, bit)
        raw[at] ^= bit


def test_every_bit_of_headers_lists_and_small_members_is_found(key):
    """Where chance seldom strikes: names, flags, dates, sizes, attributes, the list at the end."""
    members = {"manifest.json": b"{}", "a/b.txt": b"some text", "empty": b""}
    raw = bytearray(b"".join(zip_file.pieces(members)))
    assert not zip_file.read_archive(opened(bytes(raw))).flaws
    for at in range(len(raw)):
        for bit in range(8):
            raw[at] ^= 1 << bit
            found = zip_file.read_archive(opened(bytes(raw)))
            assert found.flaws, (at, bit)
            raw[at] ^= 1 << bit


def test_other_tools_read_the_archive(case_of):
    raw = case_of("plain").read_bytes()
    with zipfile.ZipFile(case_of("plain")) as archive:
        infos = archive.infolist()
        assert archive.testzip() is None and not archive.comment
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {(info.date_time, info.compress_type, info.extra) for info in infos} == {((1980, 1, 1, 0, 0, 0), 0, b"")}
    assert zip_file.read_archive(opened(raw)).members.keys() == {info.filename for info in infos}


# ---- what was done to it is said


def test_bytes_before_between_and_behind_are_found(case_of):
    path = case_of("plain")
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        second = archive.infolist()[1].header_offset
    told = [str(row.told) for row in rows_of(b"MZ" + raw) if row.is_bad]
    assert any("2 bytes before the first member" in text for text in told), told
    told = [str(row.told) for row in rows_of(raw + bytes(7)) if row.is_bad]
    assert any("7 bytes behind the end" in text for text in told), told
    central = raw.index(b"PK\x01\x02")
    moved = bytearray(raw[:second] + b"hid" + raw[second:])
    at = central + 3
    while moved[at : at + 4] == b"PK\x01\x02":  # the list as one who hides something would write it
        offset, name, extra = *struct.unpack_from("<I", moved, at + 42), *struct.unpack_from("<HH", moved, at + 28)
        if offset >= second:
            struct.pack_into("<I", moved, at + 42, offset + 3)
        at += 46 + name + extra
    struct.pack_into("<I", moved, at + 16, central + 3)
    told = [str(row.told) for row in rows_of(bytes(moved)) if row.is_bad]
    assert any("3 bytes between" in text for text in told), told


def test_changed_missing_and_added_files_are_named(case_of):
    path = case_of("plain")

    def change(files):
        files["result.json"] = files["result.json"].replace(b"CLEAR", b"CLEAN")
        files["evidence.csv"] += b"\n"
        del files["tables/track.csv"]
        files["tables/more.csv"] = b"x"

    assert bad(rows_of(rewritten(path, change))) == {
        ("result.json", "CHANGED"),
        ("evidence.csv", "CHANGED"),
        ("tables/track.csv", "MISSING"),
        ("tables/more.csv", "ADDED"),
    }


def test_without_a_manifest_nothing_holds(case_of):
    rows = rows_of(rewritten(case_of("plain"), lambda files: files.pop("manifest.json")))
    assert ("manifest.json", "MISSING") in bad(rows)
    spaced = rewritten(
        case_of("plain"), lambda files: files.update({"manifest.json": files["manifest.json"].replace(b"  ", b" ")})
    )
    assert bad(rows_of(spaced)) == {("manifest.json", "CHANGED")}


@pytest.mark.parametrize("raw", [b"x", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(40), b"PK" * 50_000])
def test_what_is_no_case_does_not_hold(raw):
    assert bad(rows_of(raw))


def test_hostile_archives_are_told_and_cost_nothing(tmp_path):
    bomb, twice, away = (tmp_path / f"{name}.zip" for name in ("bomb", "twice", "away"))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(64 << 20))
    with zipfile.ZipFile(twice, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("manifest.json", b"{}")
        archive.writestr("manifest.json", b"[]")
    with zipfile.ZipFile(away, "w") as archive:
        archive.writestr("../../evil", b"x")
    for path, said in ((bomb, "compressed"), (twice, "twice"), (away, "no name of a file in a case")):
        told = [str(row.told) for row in rows_of(path.read_bytes()) if row.is_bad]
        assert any(said in text for text in told), (path, told)


@pytest.mark.parametrize("name", ["../up", "/root", "a//b", "a/./b", "c:d", "a\\b", "", "a\nb", "CON:", "x" * 1001])
def test_names_that_lead_elsewhere_are_none_of_a_case(name):
    assert not zip_file.is_member_name(name)


def test_the_table_and_the_exits(cli, case_of, tmp_path):
    code, out, err = cli("verify", case_of("whole"))
    assert (code, err) == (0, "") and "result.json" in out and "NOT CHECKED" in out and "AB" not in out
    changed = tmp_path / "changed.zip"
    changed.write_bytes(case_of("whole").read_bytes() + b"!")
    code, out, _ = cli("verify", changed)
    assert code == 1 and re.search(r"archive +CHANGED +1 bytes? behind", out)
    assert cli("verify", tmp_path / "none.zip")[0] == 2
    assert cli("verify", case_of("whole"), "--tsa-cert", ZONES)[0] == 2
    assert cli("verify", case_of("whole"), "--input", tmp_path / "none")[0] == 2
    (tmp_path / "empty.zip").touch()
    assert cli("verify", tmp_path / "empty.zip")[0] == 1


# ---- signatures


def test_the_published_vectors(shared):
    """DOMAIN 4.4: the encoding that is signed, and Ed25519 over it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    vector = json.loads((shared / "vectors/domain_vectors.json").read_text())["signing"]
    signed = pae(vector["payloadType"], vector["payload_utf8"].encode())
    assert signed.hex() == vector["pae_hex"] and hashlib.sha256(signed).hexdigest() == vector["pae_sha256"]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["ed25519_seed_hex"]))
    assert private.sign(signed).hex() == vector["ed25519_signature_hex"]
    assert private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex() == vector["ed25519_public_hex"]


def test_a_signature_is_verified_by_an_independent_program(case_of, key, tmp_path):
    pub = f"{key}.pub"
    assert independent.verify(case_of("whole"), pub) == ""
    changed = tmp_path / "changed.zip"
    changed.write_bytes(rewritten(case_of("whole"), lambda files: files.update({"page.html": b"<p>CLEAR</p>"})))
    assert independent.verify(changed, pub) == "page.html"
    make_key(tmp_path / "other")
    assert independent.verify(case_of("whole"), tmp_path / "other.pub") == "signature"
    assert not bad(rows_of(case_of("whole").read_bytes(), key=read_public_key(Path(pub))))


def test_a_signature_is_verified_by_openssl(case_of, key, tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    with zipfile.ZipFile(case_of("signed")) as archive:
        envelope = json.loads(archive.read("envelope.dsse.json"))
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    (tmp_path / "pae").write_bytes(b" ".join((b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload)))
    (tmp_path / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{key}.pub", "-rawin", "-in", "pae", "-sigfile", "sig"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Verified Successfully" in done.stdout, done


def test_the_statement_is_one_of_in_toto(case_of):
    attestation = pytest.importorskip("in_toto_attestation.v1.statement")
    from google.protobuf.json_format import Parse
    from in_toto_attestation.v1 import statement_pb2

    with zipfile.ZipFile(case_of("signed")) as archive:
        payload = base64.b64decode(json.loads(archive.read("envelope.dsse.json"))["payload"])
    attestation.Statement.copy_from_pb(Parse(payload, statement_pb2.Statement())).validate()


def test_a_case_that_another_made_anew_is_not_signed_by_the_key(case_of, key, tmp_path):
    """The forger changes the result, its digest in the manifest, and signs with a key of their own."""
    make_key(tmp_path / "forger")

    def forged(files):
        was = hashlib.sha256(files["result.json"]).hexdigest()
        files["result.json"] = files["result.json"].replace(b"VIOLATION", b"CLEARANCE")
        now = hashlib.sha256(files["result.json"]).hexdigest()
        files["manifest.json"] = files["manifest.json"].replace(was.encode(), now.encode())
        digests = {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n != "envelope.dsse.json"}
        files["envelope.dsse.json"] = seal(digests, {}, read_private_key(tmp_path / "forger"))

    raw = rewritten(case_of("signed"), forged)
    assert not bad(rows_of(raw))  # consistent in itself: that is why there are keys
    assert bad(rows_of(raw, key=read_public_key(Path(f"{key}.pub")))) == {("signature", "CHANGED")}
    stripped = rewritten(case_of("signed"), lambda files: files.pop("envelope.dsse.json"))
    assert bad(rows_of(stripped, key=read_public_key(Path(f"{key}.pub")))) == {("signature", "MISSING")}


def test_an_envelope_has_one_form(case_of):
    """Base64 with other trailing bits, spaces or line ends says the same in other bytes, and is refused."""
    with zipfile.ZipFile(case_of("signed")) as archive:
        raw = archive.read("envelope.dsse.json")
    open_envelope(raw)
    told = json.loads(raw)
    sig = told["signatures"][0]["sig"]
    assert sig.endswith("==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = sig[:-3] + alphabet[alphabet.index(sig[-3]) ^ 1] + "=="
    assert base64.b64decode(loose) == base64.b64decode(sig)

    def with_signature(files, text):
        files["envelope.dsse.json"] = raw.replace(sig.encode(), text.encode())

    key = any_key()  # the form is looked at first
    bits = partial(with_signature, text=loose)
    assert ("envelope.dsse.json", "CHANGED") in bad(rows_of(rewritten(case_of("signed"), bits), key=key))
    assert bad(
        rows_of(rewritten(case_of("signed"), partial(with_signature, text=sig[:40] + "\\n" + sig[40:])), key=key)
    )
    compact = json.dumps(told).encode()
    changed = rewritten(case_of("signed"), lambda files: files.update({"envelope.dsse.json": compact}))
    assert ("envelope.dsse.json", "CHANGED") in bad(rows_of(changed))


def any_key():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().public_key()


# ---- time stamps


CA = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa_config]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A time stamp authority of the test's own: what openssl answers to a request."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "c").write_text(CA)
    (folder / "serial").write_text("01\n")

    def openssl(*words):
        done = subprocess.run(["openssl", *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    new = ("req", "-config", "c", "-newkey", "rsa:2048", "-nodes")
    root = (*new, "-x509", "-days", "30", "-extensions", "ca")
    openssl(*root, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA")
    openssl(*root, "-keyout", "x.key", "-out", "other.pem", "-subj", "/CN=Other CA")
    openssl(*new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Test TSA")
    of_ca = ("-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", "-days", "30")
    openssl("x509", "-req", "-in", "tsa.csr", *of_ca, "-out", "tsa.pem", "-extfile", "c", "-extensions", "tsa")

    def answer(request):
        openssl("ts", "-reply", "-config", "c", "-section", "tsa_config", "-queryfile", request, "-out", "answer.tsr")
        return folder / "answer.tsr"

    answer.folder, answer.openssl = folder, openssl
    return answer


def test_a_stamp_is_asked_for_and_verified_as_openssl_does(cli, authority, tmp_path):
    out = tmp_path / "case.zip"
    assert cli("case", SAMPLES / "clear_dandong.csv", "-o", out, "--timestamp")[0] == 0
    request = tmp_path / "case.zip.tsq"
    authority.openssl("ts", "-query", "-data", out, "-sha256", "-no_nonce", "-cert", "-out", tmp_path / "theirs")
    assert request.read_bytes() == (tmp_path / "theirs").read_bytes()
    answer, trusted = authority(request), authority.folder / "ca.pem"
    assert "OK" in authority.openssl("ts", "-verify", "-data", out, "-in", answer, "-CAfile", trusted)
    code, said, _ = cli("verify", out, "--tsr", answer, "--tsa-cert", trusted)
    assert code == 0, said
    assert re.search(r"time stamp +holds +the case was there on 20\d\d-", said)
    code, said, _ = cli("verify", out, "--tsr", answer)
    assert code == 0 and re.search(r"time stamp +NOT CHECKED", said)
    code, said, _ = cli("verify", out, "--tsr", answer, "--tsa-cert", authority.folder / "other.pem")
    assert code == 1 and re.search(r"time stamp +CHANGED", said)
    assert cli("case", SAMPLES / "restricted_zone.csv", "-o", tmp_path / "two.zip")[0] == 0
    code, said, _ = cli("verify", tmp_path / "two.zip", "--tsr", answer, "--tsa-cert", trusted)
    assert code == 1 and "on another file" in said
    raw = bytearray(answer.read_bytes())
    dice = random.Random("stamps")
    for _ in range(loops(200, 40)):
        at, bit = dice.randrange(len(raw)), 1 << dice.randrange(8)
        raw[at] ^= bit
        (tmp_path / "flipped.tsr").write_bytes(raw)
        code, said, err = cli("verify", out, "--tsr", tmp_path / "flipped.tsr", "--tsa-cert", trusted)
        # What the signature does not cover may differ: certificates beside the one that signed, and free texts.
        assert code in (0, 1) and not err
        if code == 0:
            ok = authority.openssl("ts", "-verify", "-data", out, "-in", tmp_path / "flipped.tsr", "-CAfile", trusted)
            assert "OK" in ok
        raw[at] ^= bit
    assert cli("verify", out, "--tsr", tmp_path / "none")[0] == 2
    assert cli("verify", out, "--tsr", request)[0] == 1
    assert cli("verify", out, "--tsr", answer, "--tsa-cert", answer)[0] == 2


# ---- logs, and a second run


def test_the_logs_are_looked_for(cli, case_of, tmp_path):
    raw = case_of("signed").read_bytes()
    log = SAMPLES / "restricted_zone.csv"
    row = {r.what: r for r in rows_of(raw)}["input restricted_zone.csv"]
    assert row.standing is Standing.NOT_CHECKED
    renamed = shutil.copy2(log, tmp_path / "other name.csv")
    for given in (log, SAMPLES, renamed):
        row = {r.what: r for r in rows_of(raw, inputs=(given,))}["input restricted_zone.csv"]
        assert row.standing is Standing.HOLDS, given
    changed = tmp_path / log.name
    changed.write_bytes(log.read_bytes().replace(b"203.7", b"203.8", 1))
    assert bad(rows_of(raw, inputs=(changed,))) == {("input restricted_zone.csv", "CHANGED")}
    assert bad(rows_of(raw, inputs=(CROSSING,))) == {(CROSSING.name, "CHANGED")}
    with pytest.raises(UsageError, match="no such file"):
        rows_of(raw, inputs=(tmp_path / "none",))


def test_a_second_run_says_the_same(cli, case_of, tmp_path):
    signed = shutil.copy(case_of("signed"), tmp_path / "signed.zip")
    code, out, _ = cli("verify", signed, "--rerun", "--input", SAMPLES / "restricted_zone.csv")
    assert code == 0 and re.search(r"rerun +holds", out)
    code, out, _ = cli("verify", signed, "--rerun")
    assert code == 1 and re.search(r"rerun +MISSING +it needs restricted_zone.csv", out)
    shutil.copy2(SAMPLES / "restricted_zone.csv", tmp_path)  # beside the case, by the name that it has
    assert cli("verify", signed, "--rerun")[0] == 0
    whole = shutil.copy(case_of("whole"), tmp_path / "whole.zip")
    (tmp_path / "restricted_zone.csv").unlink()
    assert cli("verify", whole, "--rerun")[0] == 0
    changed = tmp_path / "restricted_zone.csv"
    changed.write_bytes((SAMPLES / "restricted_zone.csv").read_bytes().replace(b"203.7", b"203.8", 1))
    code, out, _ = cli("verify", signed, "--rerun", "--input", changed)
    assert code == 1 and re.search(r"input restricted_zone.csv +CHANGED", out) and "rerun" in out


def test_a_second_run_says_what_differs(case_of):
    def forged(files):
        was = {name: hashlib.sha256(files[name]).hexdigest() for name in ("result.json", "tables/track.csv")}
        result = json.loads(files["result.json"])
        result["findings"][0]["depth_m"] = 1.5
        files["result.json"] = json.dumps(result).encode()
        files["tables/track.csv"] = files["tables/track.csv"].replace(b"203.7", b"203.8", 1)
        manifest = json.loads(files["manifest.json"])
        for each in manifest["files"]:
            each["bytes"] = len(files[each["name"]]) if each["name"] in was else each["bytes"]
            each["sha256"] = hashlib.sha256(files[each["name"]]).hexdigest()
        files["manifest.json"] = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"

    raw = rewritten(case_of("whole"), lambda f: (f.pop("envelope.dsse.json"), forged(f)))
    rows = [row for row in rows_of(raw, rerun=True) if row.is_bad]
    told = [str(row.told) for row in rows if row.what == "rerun"]
    assert any("findings[0].depth_m was 1.5, is " in text for text in told), told
    assert any("tables/track.csv differs" in text for text in told)


def test_a_second_run_uses_the_zones_of_its_case(cli, home, tmp_path):
    """Of the zone library, too: the edition is in the case, and what the library holds by then does not matter."""
    assert cli("zones", "add", ZONES, "--name", "Simulated", "--valid-from", "2020-01-01")[0] == 0
    log, out = SAMPLES / "restricted_zone.csv", tmp_path / "case.zip"
    assert cli("case", log, "-o", out)[0] == 1
    assert cli("zones", "remove", "Simulated")[0] == 0
    assert cli("check", log)[0] == 0
    code, said, _ = cli("verify", out, "--input", log, "--rerun")
    assert code == 0, said


def test_a_manifest_cannot_lead_a_second_run_elsewhere(case_of, tmp_path):
    def forged(files):
        files.pop("envelope.dsse.json")
        files["manifest.json"] = files["manifest.json"].replace(
            b'"name": "restricted_zone.geojson",\n      "bytes"', b'"name": "../../../evil.geojson",\n      "bytes"'
        )

    rows = rows_of(rewritten(case_of("whole"), forged), rerun=True)
    told = [str(row.told) for row in rows if row.what == "rerun"]
    assert told and "no name of a file" in told[0]
