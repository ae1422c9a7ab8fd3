"""`dronecheck dji-keys`: the request, the one call, all that the service may answer; no test leaves this machine."""

from __future__ import annotations

import ipaddress
import json
import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest

from dronecheck.readers.dji_txt.keys import service as service_module
from dronecheck.readers.dji_txt.keys.keychain import parse_keychains
from dronecheck.readers.dji_txt.keys.service import Service
from tests.support.key_records import encrypted, pieces
from tests.support.key_service import FAILURE, changed, keys_for, played, raw, said, silent, trickling, whole

API_KEY = "sdk0123456789abcdefSECRET"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder with three records; the user's key in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MY_KEY", API_KEY)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "one.txt").write_bytes(encrypted(pieces([[1, 2, 7]])))
    (tmp_path / "two.txt").write_bytes(encrypted(pieces([[1, 7], [1, 5, 10]])))
    (tmp_path / "three.txt").write_bytes(encrypted(pieces([[1]]), version=13))
    return tmp_path


@pytest.fixture
def fetch(cli):
    """The command against a server that answers so: exit code, stdout, stderr and what the server saw."""

    def call(answer, *words, out="keys.json"):
        with played(answer) as seen:
            words = ("dji-keys", *(words or ("one.txt",)), "--api-key-env", "MY_KEY", "--out", out)
            code, told, err = cli(*words, "--service", seen.address)
        assert API_KEY not in told + err
        return code, told, err, seen.asked

    return call


def test_the_request_alone_is_on_stdout(cli, place):
    code, told, err = cli("dji-keys", "one.txt", "--request")
    assert (code, err) == (0, "")
    assert [entry["featurePoint"][-1] for entry in json.loads(told)["keychainsArray"][0]] == ["1", "2", "7"]
    assert told == json.dumps(json.loads(told), separators=(",", ":"))
    assert sorted(path.name for path in place.iterdir()) == ["one.txt", "three.txt", "two.txt"]


def test_the_keys_are_asked_for_and_written(fetch, cli, place):
    code, told, err, asked = fetch(whole)
    assert (code, err) == (0, "")
    ((path, headers, body),) = asked
    assert path == "/openapi/v1/flight-records/keychains"
    assert body.decode() == cli("dji-keys", "one.txt", "--request")[1]
    assert headers["Api-Key"] == API_KEY and headers["Content-Type"] == "application/json"
    assert set(headers) == {"Host", "Accept-Encoding", "Content-Length", "Content-Type", "Api-Key"}
    written = place / "keys.json"
    assert json.loads(written.read_bytes()) == keys_for(json.loads(body))
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert sorted(path.name for path in place.iterdir()) == ["keys.json", "one.txt", "three.txt", "two.txt"]
    assert told.splitlines() == [
        f"asking 127.0.0.1 for the keys of 1 record: 3 locked keys ({len(body):,} bytes) and your key for the service "
        "go there, nothing of the flight",
        "one.txt: wrote keys.json, 3 keys",
    ]
    shown = told + err
    assert not any(entry[field] in shown for entry in keys_for(json.loads(body))[0] for field in ("aesKey", "aesIv"))


def test_the_host_is_named_before_it_is_asked(cli, monkeypatch, capfd):
    told = []
    monkeypatch.setattr(Service, "ask", lambda *_: told.append(capfd.readouterr().out) or pytest.fail("no need"))
    with pytest.raises(pytest.fail.Exception):
        cli("dji-keys", "one.txt", "--api-key-env", "MY_KEY", "--out", "keys.json")
    assert "asking dev.dji.com for the keys of 1 record" in told[0]


def test_the_service_is_djis_and_over_tls():
    assert Service() == Service("dev.dji.com", None, False)


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (said(b'{"message":"invalid open_api app_key"}', 403), 2, "refuses your key (403)"),
        (
            said(b'{"result":{"code":1,"msg":"key ' + API_KEY.encode() + b' unknown"}}', 403),
            2,
            "key (your key) unknown",
        ),
        (said(b"", 401), 2, "refuses your key (401)"),
        (said(b'{"result":{"code":2,"msg":"bad \\u001b[31m"}}', 400), 3, "a bad one (400): bad \\x1b[31m"),
        (said(b"<html>", 404), 3, "no such address any more (404)"),
        (said(b"", 429), 3, "asked too often (429); run the same command again later"),
        (said(b"[]", 418), 3, "its answer has the status 418"),
        (said(b"oops", 503), 3, "a fault of its own (503)"),
        (said(json.dumps(FAILURE).encode()), 3, "the service's refusal: code 7, no keys today"),
        (said(b'{"result":{"code":1,"msg":"' + API_KEY.encode() + b'"}}'), 3, "code 1, (your key)"),
        (said(b'{"result":{"code":0},"data":null}'), 3, "null is there"),
        (said(b"<html>a login page</html>"), 3, "no JSON"),
        (said(b""), 3, "no JSON"),
        (said(b"[" * 100_000), 3, "nested too deep"),
        (said(b" " * (5 << 20)), 3, "more than 4 MB, which is no keychain"),
        (said(b'{"data": [[', 200, Content_Length="5000"), 3, "the answer of 127.0.0.1 ends too early"),
        (raw(b""), 3, "127.0.0.1 does not answer as it should (Remote end closed"),
        (raw(b"SSH-2.0-OpenSSH\r\n"), 3, "does not answer as it should"),
        (raw(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 200, b"\r\n"), 3, "got more than 100 headers"),
        (raw(b"HTTP/1.1 200 OK\r\nx: ", b"y" * 70_000, b"\r\n\r\n"), 3, "does not answer as it should"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"{}"), 3, "an object is there"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"zz\r\n"), 3, "ends too early"),
        (changed(lambda data: data[0][0].update(aesKey="AAAA")), 3, "the key has 3 bytes; 32 are wanted"),
        (changed(lambda data: data[0][0].update(aesIv="?")), 3, "the IV is no base64"),
        (changed(lambda data: data[0].append(data[0][0])), 3, "feature 1 stands there twice"),
        (changed(lambda data: data[0].pop(0) and None), 3, "segment 1 has no key for Base_1"),
        (changed(lambda data: data[0][0].update(aesKey="", aesIv="")), 3, "segment 1 has no key for Base_1"),
        (changed(lambda data: data.append(data[0])), 3, "keys for 2 segments, the record has 1"),
        (changed(lambda data: []), 3, "there is no key in it"),
    ],
)
def test_an_answer_that_gives_no_keys_is_told_plainly(fetch, place, answer, code, words):
    found, _, err, asked = fetch(answer)
    assert found == code and words in err, err
    assert len(asked) == 1 and not (place / "keys.json").exists()
    assert len(err.splitlines()) == 1 and err.startswith("dronecheck: one.txt: ") and err.rstrip().isprintable()
    assert sorted(path.name for path in place.iterdir()) == ["one.txt", "three.txt", "two.txt"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(fetch, place, status):
    with played(whole) as other:
        code, _, err, asked = fetch(said(b"", status, Location=f"{other.address}/elsewhere"))
    assert code == 3 and f"points to another address ({status}), which is not followed" in err
    assert len(asked) == 1 and other.asked == [] and not (place / "keys.json").exists()


@pytest.mark.parametrize(("answer", "words"), [(silent, "did not answer within 0 s"), (trickling, "in whole within")])
def test_an_answer_that_never_ends_is_given_up(fetch, place, monkeypatch, answer, words):
    real = Service.loopback
    monkeypatch.setattr(Service, "loopback", lambda text: _hasty(real(text), 0.3, 60.0 if answer is silent else 0.6))
    code, _, err, _ = fetch(answer)
    assert code == 3 and words in err and not (place / "keys.json").exists()


def _hasty(service, wait_s, total_s):
    return Service(service.host, service.port, service.is_plain, wait_s, total_s)


def test_nobody_there(cli, place):
    with played(whole) as gone:
        pass
    words = ("--api-key-env", "MY_KEY", "--out", "keys.json", "--service", gone.address)
    code, _, err = cli("dji-keys", "one.txt", *words)
    assert code == 3 and "127.0.0.1 cannot be reached" in err and not (place / "keys.json").exists()


def test_features_that_came_without_a_key_are_named(fetch, place):
    code, told, err, _ = fetch(changed(lambda data: data[0].pop() and data[0][1].update(aesKey=None, aesIv="")))
    assert (code, err) == (0, "")
    assert told.splitlines()[1:] == [
        "one.txt: wrote keys.json, 1 key",
        "one.txt: no key came for Vision_2, DJIFlyCustom_7; what they lock stays unread",
    ]
    (segment,) = parse_keychains((place / "keys.json").read_bytes(), "keys.json").segments
    assert set(segment) == {1}


@pytest.mark.parametrize("segments", [[[1, 7], [1, 5, 10]], [[1, 7], [1, 7]], [[7], [1, 7]]])
def test_segments_in_another_order_are_seen_by_what_they_open(fetch, place, segments):
    (place / "two.txt").write_bytes(encrypted(pieces(segments)))
    assert fetch(whole, "two.txt")[0] == 0
    code, _, err, _ = fetch(changed(lambda data: data.reverse()), "two.txt", out="other.json")
    assert code == 3 and not (place / "other.json").exists()
    assert "the keys for segment 1 do not open its position records" in err or "segment 2 has no key for Base_1" in err


def test_keys_of_another_record_are_seen_by_what_they_open(fetch, place):
    wrong = changed(lambda data: data[0][0].update(aesKey="AAAA" * 10 + "AAA="))
    code, _, err, _ = fetch(wrong)
    assert code == 3 and "do not open its position records" in err


def test_a_segment_more_or_less_is_seen(fetch, place):
    code, _, err, _ = fetch(changed(lambda data: data.pop() and None), "two.txt")
    assert code == 3 and "keys for 1 segments, the record has 2" in err


def test_a_feature_that_was_not_asked_for_does_no_harm_in_one_segment(fetch, place):
    more = changed(lambda data: data[0].append({**data[0][0], "featurePoint": "FR_Standardization_Feature_New_16"}))
    assert fetch(more)[0] == 0
    assert 16 in parse_keychains((place / "keys.json").read_bytes(), "keys.json").segments[0]


# ---- many records


def test_many_records_go_into_a_folder_and_are_gone_on_with(fetch, place):
    words = ("one.txt", "two.txt", "three.txt")
    count = iter(range(9))

    def second_fails(handler, document):
        whole(handler, document) if next(count) != 1 else handler.say(b"", 500)

    code, told, err, asked = fetch(second_fails, *words, out="keys")
    assert (code, len(asked)) == (3, 3)
    assert "asking 127.0.0.1 for the keys of 3 records: 9 locked keys" in told.splitlines()[0]
    assert [line[:14] for line in told.splitlines()[1:]] == ["1/3 one.txt: w", "3/3 three.txt:"]
    assert err.startswith("dronecheck: 2/3 two.txt: ") and err.count("\n") == 1
    names = ["one.keychains.json", "three.keychains.json"]
    assert sorted(path.name for path in (place / "keys").iterdir()) == names
    before = [(place / "keys" / name).stat().st_ino for name in names]

    code, told, err, asked = fetch(whole, *words, out="keys")
    assert (code, err, len(asked)) == (0, "", 1)
    assert "one.txt: has its keys already in keys/one.keychains.json; not asked for again" in told
    assert [(place / "keys" / name).stat().st_ino for name in names] == before
    assert (place / "keys" / "two.keychains.json").exists()

    code, told, err, asked = fetch(whole, *words, out="keys")
    assert (code, err, asked) == (0, "", []) and "asking" not in told


def test_what_cannot_be_asked_for_costs_its_own_row(fetch, place):
    (place / "old.txt").write_bytes(b"\x00\x10\x00\x00\x00\x00\x00\x00\x64\x00\x08".ljust(6000, b"\0"))
    (place / "cut.txt").write_bytes((place / "one.txt").read_bytes()[:700])
    (place / "notes.txt").write_text("no record")
    code, told, err, asked = fetch(whole, "old.txt", "cut.txt", "notes.txt", "nowhere.txt", "one.txt", out="keys")
    assert (code, len(asked)) == (3, 1)
    assert "old.txt: a record of version 8 is not encrypted: it needs no keys" in told
    assert [line.split(": ")[1] for line in err.splitlines()] == ["cut.txt", "notes.txt", "nowhere.txt"]
    assert sorted(path.name for path in (place / "keys").iterdir()) == ["one.keychains.json"]


def test_a_refused_key_ends_the_run(fetch, place):
    code, told, err, asked = fetch(said(b"", 403), "one.txt", "two.txt", "three.txt", out="keys")
    assert (code, len(asked)) == (2, 1)
    assert "2 records not asked for: the key would be refused again" in told and err.count("\n") == 1


def test_a_file_of_other_keys_is_no_answer(fetch, place):
    assert fetch(whole, "two.txt", out="keys/")[0] == 0
    folder = place / "keys"
    (folder / "two.keychains.json").rename(folder / "one.keychains.json")
    (folder / "three.keychains.json").write_text("no keys")
    code, _, err, asked = fetch(whole, "one.txt", "two.txt", "three.txt", out="keys")
    assert (code, len(asked)) == (3, 1)
    assert "one.keychains.json holds keys of another record: it has keys for 2 segments, the record has 1" in err
    assert "three.keychains.json: no keychain file: no JSON" in err and err.count("not replaced without --force") == 2
    code, _, err, asked = fetch(whole, "one.txt", "two.txt", "three.txt", "--force", out="keys")
    assert (code, err, len(asked)) == (0, "", 3)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())


def test_two_records_of_one_name_are_refused_before_anybody_is_asked(fetch, place):
    (place / "more").mkdir()
    (place / "more" / "one.txt").write_bytes((place / "one.txt").read_bytes())
    code, _, err, asked = fetch(whole, "one.txt", "more/one.txt", out="keys")
    assert (code, asked) == (2, []) and "have the same name" in err
    assert fetch(whole, "one.txt", "one.txt", out="keys.json")[0] == 0


# ---- what is refused before anybody is asked


@pytest.mark.parametrize(
    ("words", "said_of_it"),
    [
        (("one.txt",), "give --request, which prints what would be sent, or --api-key-env NAME and --out"),
        (("one.txt", "--out", "keys.json"), "--api-key-env NAME and --out"),
        (("one.txt", "--api-key-env", "MY_KEY"), "--api-key-env NAME and --out"),
        (("one.txt", "--request", "--out", "keys.json"), "--request asks nobody"),
        (("one.txt", "two.txt", "--request"), "name one record"),
        (("old.txt", "--request"), "old.txt: a record of version 8 is not encrypted: it needs no keys"),
        (("old.txt", "--api-key-env", "MY_KEY", "--out", "keys.json"), "it needs no keys"),
        (("old.txt", "older.txt", "--api-key-env", "MY_KEY", "--out", "keys"), "none of these records needs keys"),
        (("nowhere.txt", "--request"), "nowhere.txt: no such file"),
        (("one.txt", "--api-key-env", API_KEY, "--out", "keys.json"), "there is no environment variable of that name"),
        (("one.txt", "--api-key-env", "", "--out", "keys.json"), "there is no environment variable of that name"),
        (("one.txt", "--api-key-env", "A=B", "--out", "keys.json"), "there is no environment variable of that name"),
        (("one.txt", "--api-key-env", "EMPTY", "--out", "keys.json"), "or it is empty"),
        (("one.txt", "--api-key-env", "TWO", "--out", "keys.json"), "must be one word"),
        (("one.txt", "--api-key-env", "MY_KEY", "--out", "there.json"), "is there already; --force asks again"),
        (("one.txt", "--api-key-env", "MY_KEY", "--out", "no/keys.json"), "there is no folder no"),
        (("one.txt", "--api-key-env", "MY_KEY", "--out", "one.txt", "--force"), "is the input one.txt"),
        (("one.txt", "two.txt", "--api-key-env", "MY_KEY", "--out", "there.json"), "is a file, not a folder"),
    ],
)
def test_mistakes_are_told_and_nobody_is_asked(cli, place, monkeypatch, words, said_of_it):
    monkeypatch.setattr(Service, "ask", lambda *_: pytest.fail("somebody was asked"))
    monkeypatch.setenv("EMPTY", " ")
    monkeypatch.setenv("TWO", f"{API_KEY}\r\nX-More: 1")
    for name in ("old.txt", "older.txt"):
        (place / name).write_bytes(b"\x00\x10\x00\x00\x00\x00\x00\x00\x64\x00\x08".ljust(6000, b"\0"))
    (place / "there.json").write_text("mine")
    before = (place / "one.txt").read_bytes()
    code, told, err = cli("dji-keys", *words)
    assert code == 2 and said_of_it in err, err
    assert API_KEY not in told + err and "asking" not in told
    assert (place / "there.json").read_text() == "mine" and (place / "one.txt").read_bytes() == before


@pytest.mark.parametrize(
    "address",
    ["http://example.org", "https://dev.dji.com", "http://localhost:80", "http://10.0.0.1:80", "http://127.0.0.1:x",
     "ftp://127.0.0.1", "127.0.0.1:80", "http://me@127.0.0.1:80", "http://[::ffff:8.8.8.8]:80", "", "http://"],
)  # fmt: skip
def test_nothing_but_this_machine_stands_in_for_the_service(cli, monkeypatch, address):
    monkeypatch.setattr(Service, "ask", lambda *_: pytest.fail("somebody was asked"))
    words = ("--api-key-env", "MY_KEY", "--out", "keys.json", "--service", address)
    code, _, err = cli("dji-keys", "one.txt", *words)
    assert code == 2 and "only an address of this machine" in err


def test_a_key_is_never_shown():
    shown = repr(service_module.ApiKey(API_KEY)) + str(service_module.ApiKey(API_KEY))
    assert API_KEY not in shown


def test_the_option_for_tests_is_hidden_and_the_key_no_option(cli):
    _, told, _ = cli("dji-keys", "--help")
    assert "--service" not in told and "--api-key-env" in told and "--api-key " not in told


def test_a_record_is_checked_with_the_keys_that_were_fetched(fetch, cli, place, shared):
    """From the locked keys to the track: what the service answers is what `check` finds beside the record."""
    record = place / "v14_small.txt"
    record.write_bytes((shared / "dji13" / "v14_small.txt").read_bytes())
    before = cli("check", record, "--json", "-")
    data = json.loads((shared / "dji13" / "v14_small.keychains.json").read_bytes())
    assert fetch(changed(lambda _: data), "v14_small.txt", out=f"{place}/")[0] == 0
    after = cli("check", record, "--json", "-")
    fixes = [json.loads(told)["flight"]["fixes"] for _, told, _ in (before, after)]
    assert fixes[0] == 0 and fixes[1] > 50, fixes


# ---- TLS


@pytest.fixture
def certified(tmp_path_factory):
    """What a server needs to show a certificate of its own for an address, and the file that makes it trusted."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def make(address):
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        begin = datetime.now(UTC) - timedelta(days=1)
        built = x509.CertificateBuilder(name, name, key.public_key(), 7, begin, begin + timedelta(days=9))
        built = built.add_extension(x509.BasicConstraints(True, None), True).add_extension(names, True)
        folder = tmp_path_factory.mktemp("tls")
        shown, kept = folder / "shown.pem", folder / "kept.pem"
        shown.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        kept.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(shown, kept)
        return context, str(shown)

    return make


@pytest.mark.parametrize(
    ("address", "is_trusted", "wanted"),
    [("127.0.0.1", True, 0), ("127.0.0.1", False, 3), ("127.0.0.9", True, 3)],
)
def test_the_certificate_must_be_trusted_and_of_that_host(
    cli, place, certified, monkeypatch, address, is_trusted, wanted
):
    context, trusted = certified(address)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
    with played(whole, context) as seen:
        words = ("--api-key-env", "MY_KEY", "--out", "keys.json", "--service", f"https://127.0.0.1:{seen.port}")
        code, _, err = cli("dji-keys", "one.txt", *words)
    assert code == wanted, err
    assert (len(seen.asked) == 1) is (place / "keys.json").exists() is (wanted == 0)
    assert wanted == 0 or ("certificate of 127.0.0.1 is not valid" in err and "nothing was sent" in err)
