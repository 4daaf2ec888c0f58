"""`contentfab keys`: make a project's keys, and show what is there; never a secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contentfab.cli.options import Json, NoColor, Verbose, print_json
from contentfab.errors import InputError

if TYPE_CHECKING:
    from contentfab.rules.labels.certificates import CertificateFacts

Project = Annotated[
    str, typer.Option(metavar="NAME", help="Whose keys; default $CONTENTFAB_PROJECT or default.")
]
Folder = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="Keys folder; default $CONTENTFAB_KEYS or per user."),
]

app = typer.Typer(
    help="Make and show the keys that seal the invisible mark and sign with C2PA.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def init(
    project: Project = "",
    name: Annotated[
        str, typer.Option(metavar="ORGANISATION", help="Who signs, as readers of C2PA show it.")
    ] = "",
    folder: Folder = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Make what is missing: the mark's secret, and a signing certificate with its key and CA."""
    from contentfab.rules.labels.key_files import make_keys

    place = _place(folder, project)
    made = make_keys(place, name or project or "contentfab")
    if json_:
        print_json({**_record(place, project), "made": made})
        return
    typer.echo(f"made {', '.join(made)} in {place}" if made else f"kept what is in {place}")
    _show(_record(place, project))
    if made and not name:
        typer.echo("signer    nobody was named; --name gives the organisation that signs")


@app.command()
def show(
    project: Project = "",
    folder: Folder = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Show where keys are, who signs, until when, what the CA file is for, and what CI needs."""
    from contentfab.rules.labels.project_keys import INIT, keys_folder

    place = folder or keys_folder(project=project)
    record = _record(folder, project)
    if json_:
        print_json(record)
        return
    if not (record["seal"] or record["certificate"] or record["authorities"]):
        typer.echo(f"no keys in {place or 'the environment'}; {INIT} makes them")
        return
    _show(record)


def _place(folder: Path | None, project: str) -> Path:
    from contentfab.rules.labels.project_keys import keys_folder

    place = folder or keys_folder(project=project)
    if place is None:
        raise InputError("there is no home folder to keep keys in", hint="name one with --dir")
    return place.absolute()


def _record(folder: Path | None, project: str) -> dict[str, Any]:
    """`keys show --json`."""
    import hashlib
    import hmac
    import os

    from contentfab.rules.labels import project_keys as names
    from contentfab.rules.labels.certificates import facts_of, signing_pair

    environ = {**os.environ, names.FOLDER_VARIABLE: str(folder)} if folder else dict(os.environ)
    keys = names.find_keys(environ, project="" if folder else project)
    pair = None
    if keys.chain_pem and keys.key_pem:
        pair = signing_pair(keys.chain_pem, keys.key_pem)
    authorities = facts_of(keys.ca_pem, "a CA file") if keys.ca_pem else []
    return {
        "folder": str(keys.folder) if keys.folder else None,
        "source": keys.source,
        # As in the id of the mark; it names the secret, and does not tell it.
        "seal": hmac.new(keys.seal, b"name", hashlib.sha256).hexdigest()[:8] if keys.seal else None,
        "certificate": {**_facts(pair.facts), "algorithm": pair.algorithm} if pair else None,
        "authorities": [_facts(facts) for facts in authorities],
        "environment": {name: bool(os.environ.get(name)) for name in names.VARIABLES},
    }


def _facts(facts: CertificateFacts) -> dict[str, str]:
    return {
        "subject": facts.subject,
        "issuer": facts.issuer,
        "fingerprint": facts.fingerprint,
        "valid_until": f"{facts.not_after:%Y-%m-%d}",
    }


def _show(record: dict[str, Any]) -> None:
    from contentfab.rules.labels import project_keys as names

    folder = record["folder"]
    typer.echo(f"keys      {folder or 'no folder'} (used: {record['source']})")
    seal = record["seal"]
    typer.echo(
        f"mark      sealed, key {seal}" if seal else "mark      no secret: marks are unsealed"
    )
    certificate = record["certificate"]
    if certificate:
        typer.echo(f"signer    {certificate['subject']}, until {certificate['valid_until']}")
        typer.echo(f"          sha256 {certificate['fingerprint']}, {certificate['algorithm']}")
    else:
        typer.echo("signer    none: nothing is signed with C2PA")
    for authority in record["authorities"]:
        typer.echo(f"CA        {authority['subject']}, until {authority['valid_until']}")
    if folder and certificate:
        path = Path(folder)
        typer.echo(
            f"trust     {path / names.CA_FILE} is public: whoever sets {names.CA_VARIABLE} to it\n"
            "          reads your files as valid; all others as valid, signer not on a public"
            " trust list\n"
            f"CI        {names.SEAL_VARIABLE}: the text of {names.SEAL_FILE};"
            f" {names.CERTIFICATE_VARIABLE}: {names.CERTIFICATE_FILE};\n"
            f"          {names.KEY_VARIABLE}: {names.KEY_FILE} (each as text or as a path)\n"
            "backup    copy the folder to where your passwords are; nobody can make it again\n"
            f"renew     mv {names.CA_FILE} ca-old.pem, move {names.CERTIFICATE_FILE} and"
            f" {names.KEY_FILE} away, then\n"
            f"          {names.INIT}: what ca-old.pem signed stays trusted; keep {names.SEAL_FILE}"
        )
