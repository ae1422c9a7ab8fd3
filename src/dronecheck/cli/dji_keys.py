"""`dronecheck dji-keys`: the keys of encrypted DJI records, fetched once by whoever asks for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dronecheck.cli.exits import EXIT_UNREADABLE, EXIT_USAGE
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.quantities import plural
from dronecheck.safe.io import as_meant, make_folder, open_input, plain, refuse_overwriting, written_anew

if TYPE_CHECKING:
    from dronecheck.readers.dji_txt.keys.service import ApiKey, Service
    from dronecheck.readers.dji_txt.keys.storage import KeyRequest

__all__ = ["HELP", "NAME", "dji_keys"]

NAME = "dji-keys"
HELP = (
    "Fetch the keys of encrypted DJI records (DJIFlightRecord_*.txt, versions 13 and 14) from DJI's service, once; "
    "saved keys work offline for ever. Nothing of the flight is sent; --request prints what would be.\n\n"
    "Examples:\n\n  dronecheck dji-keys DJIFlightRecord.txt --request\n\n"
    "  dronecheck dji-keys DJIFlightRecord.txt --api-key-env DJI_API_KEY --out DJIFlightRecord.keychains.json\n\n"
    "Exit codes: 0 every record has its keys, 2 usage (also a refused key), 3 a record has none: unreadable, or the "
    "service gave none."
)


def dji_keys(
    records: Annotated[
        list[Path], typer.Argument(metavar="REC...", help="Encrypted DJI flight records.", show_default=False)
    ],
    request: Annotated[
        bool, typer.Option("--request", help="Print the request as JSON and nothing else; no connection is made.")
    ] = False,
    api_key_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Environment variable that holds your key for DJI's service (Open API)."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|FOLDER", help="Where the keys go; of several records, into this folder. Run again to go on."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Ask again for what is there, and replace it.")] = False,
    service: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> int:
    """Print the request, or fetch the keys; the exit code. Raises UsageError and UnreadableInput."""
    paths = list(dict.fromkeys(map(as_meant, records)))
    if request:
        if api_key_env is not None or out is not None:
            raise UsageError("--request asks nobody: leave out --api-key-env and --out")
        return _print_request(paths)
    if api_key_env is None or out is None:
        raise UsageError(
            "give --request, which prints what would be sent, or --api-key-env NAME and --out, which send it to DJI"
        )
    from dronecheck.readers.dji_txt.keys.service import Service

    key = _key_in(api_key_env)
    asked = Service() if service is None else Service.loopback(service)
    return _Fetching(asked, key, force).fetch(_planned(paths, out, force))


def _print_request(paths: list[Path]) -> int:
    if len(paths) > 1:
        raise UsageError("--request: name one record; each has a request of its own")
    sys.stdout.buffer.write(_request_of(paths[0]).to_json())
    if sys.stdout.isatty():
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()
    return 0


def _request_of(path: Path) -> KeyRequest:
    """Return a record's request. Raises UsageError and UnreadableInput, with the file's name."""
    from dronecheck.readers.dji_txt.keys.storage import NeedsNoKeys, read_key_request

    source = open_input(path)
    try:
        return read_key_request(source)
    except NeedsNoKeys as error:
        raise NeedsNoKeys(f"{plain(path.name)}: {error}") from None
    except UnreadableInput as error:
        raise UnreadableInput(error.code, f"{plain(path.name)}: {error.message}") from None


def _key_in(name: str) -> ApiKey:
    """Return the user's key. Raises UsageError, which does not repeat the name: it may be the key itself."""
    from dronecheck.readers.dji_txt.keys.service import ApiKey

    text = os.environ.get(name, "").strip() if name and "=" not in name and "\0" not in name else ""
    if not text:
        raise UsageError(
            "--api-key-env: there is no environment variable of that name, or it is empty. The option takes the name "
            "of one that holds your key, such as DJI_API_KEY, never the key itself"
        )
    return ApiKey(text)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A record, and the file that is to hold its keys."""

    record: Path
    target: Path


def _planned(paths: list[Path], place: str, force: bool) -> list[_Planned]:
    """Return where each record's keys go, before anybody is asked. Raises UsageError where that cannot be."""
    out = Path(place)
    is_folder = len(paths) > 1 or out.is_dir() or place.endswith(("/", os.sep))
    if not is_folder:
        if not out.parent.is_dir():
            raise UsageError(f"--out {plain(out)}: there is no folder {plain(out.parent)}")
        if os.path.lexists(out) and not force:
            raise UsageError(f"--out {plain(out)}: is there already; --force asks again and replaces it")
        planned = [_Planned(paths[0], out)]
    else:
        from dronecheck.readers.dji_txt.locked.saved_keys import SUFFIX

        make_folder(out)
        planned = [_Planned(path, out / f"{path.stem}{SUFFIX}") for path in paths]
        taken: dict[Path, Path] = {}
        for one in planned:
            other = taken.setdefault(one.target, one.record)
            if other != one.record:
                raise UsageError(
                    f"{plain(other)} and {plain(one.record)} have the same name, and one file of keys would "
                    "replace the other; fetch them into two folders"
                )
    refuse_overwriting([one.target for one in planned], paths)
    return planned


@dataclass(slots=True)
class _Fetching:
    """Asks for one record after the other; each failure costs its own record only."""

    service: Service
    key: ApiKey
    force: bool
    failed: int = 0

    def fetch(self, planned: list[_Planned]) -> int:
        """Ask, write and tell of each; the exit code. Raises UsageError where no record needs keys."""
        from dronecheck.readers.dji_txt.keys.service import ApiKeyRefused

        if len(planned) == 1:
            request = _request_of(planned[0].record)  # a mistake is told as one, before the host is named
            waiting = self._not_yet([(planned[0], request)])
        else:
            waiting = self._not_yet(self._readable(planned))
        if waiting:
            self._announce([request for _, request in waiting])
        for done, (one, request) in enumerate(waiting, 1):
            before = f"{done}/{len(waiting)} " if len(waiting) > 1 else ""
            try:
                self._one(one, request, before)
            except ApiKeyRefused as error:
                _tell(f"{before}{plain(one.record.name)}: {error}", is_trouble=True)
                if done < len(waiting):
                    _tell(f"{plural(len(waiting) - done, 'record')} not asked for: the key would be refused again")
                return EXIT_USAGE
        return EXIT_UNREADABLE if self.failed else 0

    def _readable(self, planned: list[_Planned]) -> Iterable[tuple[_Planned, KeyRequest]]:
        """Return the records that can be asked for, and tell of the others. Raises UsageError where none needs keys."""
        from dronecheck.readers.dji_txt.keys.storage import NeedsNoKeys

        found: list[tuple[_Planned, KeyRequest]] = []
        for one in planned:
            try:
                found.append((one, _request_of(one.record)))
            except UnreadableInput as error:
                self._fail(error.message)
            except NeedsNoKeys as error:
                _tell(str(error))
            except UsageError as error:
                self._fail(str(error))
        if not found and not self.failed:
            raise UsageError("none of these records needs keys")
        return found

    def _not_yet(self, readable: Iterable[tuple[_Planned, KeyRequest]]) -> list[tuple[_Planned, KeyRequest]]:
        """Return the records without a file of keys, and tell of those that have one."""
        waiting = []
        for one, request in readable:
            if self.force or not os.path.lexists(one.target):
                waiting.append((one, request))
            elif wrong := _wrong_with(one.target, request):
                self._fail(f"{wrong}; it is not replaced without --force")
            else:
                _tell(f"{plain(one.record.name)}: has its keys already in {plain(one.target)}; not asked for again")
        return waiting

    def _announce(self, requests: list[KeyRequest]) -> None:
        """Name the host and what goes there, before it happens."""
        keys = sum(request.count for request in requests)
        sent = sum(len(request.to_json()) for request in requests)
        _tell(
            f"asking {self.service.host} for the keys of {plural(len(requests), 'record')}: "
            f"{plural(keys, 'locked key')} ({sent:,} bytes) and your key for the service go there, "
            "nothing of the flight"
        )

    def _one(self, one: _Planned, request: KeyRequest, before: str) -> None:
        """Ask for one record's keys and write them. Raises ApiKeyRefused."""
        from dronecheck.readers.dji_txt.keys.service import ApiKeyRefused, NoKeys, saved_form

        name = f"{before}{plain(one.record.name)}"
        try:
            keys = self.service.ask(request, self.key)
            with written_anew(one.target, replaces=self.force) as temporary:
                temporary.write_bytes(saved_form(keys))
        except ApiKeyRefused:
            raise
        except (NoKeys, UsageError) as error:
            self._fail(f"{name}: {error}")
            return
        _tell(f"{name}: wrote {plain(one.target)}, {plural(sum(map(len, keys.segments)), 'key')}")
        missing = request.missing(keys)
        if missing:
            _tell(f"{name}: no key came for {', '.join(missing)}; what they lock stays unread")
        if request.damaged:
            _tell(f"{name}: {plural(request.damaged, 'key record')} damaged, and not asked for")

    def _fail(self, text: str) -> None:
        self.failed += 1
        _tell(text, is_trouble=True)


def _wrong_with(target: Path, request: KeyRequest) -> str:
    """Return why a file that is there cannot hold a record's keys; "" where it can."""
    from dronecheck.readers.dji_txt.keys.keychain import parse_keychains

    try:
        found = open_input(target)
        wrong = request.unfit(parse_keychains(bytes(found.data), str(target)))
    except UnreadableInput as error:
        return f"{plain(target)}: {error.message}"
    except UsageError as error:
        return str(error)
    return wrong and f"{plain(target)} holds keys of another record: {wrong}"


def _tell(text: str, *, is_trouble: bool = False) -> None:
    typer.echo(f"dronecheck: {text}" if is_trouble else text, err=is_trouble)
