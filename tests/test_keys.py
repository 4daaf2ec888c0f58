"""Project keys: where they are looked for, what is refused, and that no secret is ever told."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path

import pytest
from command import contentfab, files, run_json

from contentfab.errors import InputError
from contentfab.rules.labels.certificates import facts_of, new_pair, signing_pair
from contentfab.rules.labels.key_files import make_keys
from contentfab.rules.labels.project_keys import find_keys, keys_folder

SECRETS = ("seal.key", "signing-key.pem")
ALL = ["ca.pem", "seal.key", "signing-cert.pem", "signing-key.pem"]


def secret_lines(folder: Path) -> list[str]:
    lines = [line for name in SECRETS for line in (folder / name).read_text().splitlines()]
    return [line for line in lines if line and "-----" not in line]


def test_init_makes_private_files_once(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "keys"
    contentfab("keys", "init", "--dir", folder, "--name", "Hearth & Reed", cwd=tmp_path)
    assert files(folder) == ALL
    if os.name == "posix":
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {(folder / name).stat().st_mode & 0o777 for name in ALL} == {0o600}
    before = {name: (folder / name).read_bytes() for name in ALL}
    again = contentfab("keys", "init", "--dir", folder, "--name", "Other", cwd=tmp_path)
    assert "kept" in again.stdout
    assert {name: (folder / name).read_bytes() for name in ALL} == before
    (folder / "seal.key").unlink()
    contentfab("keys", "init", "--dir", folder, cwd=tmp_path)
    assert (folder / "seal.key").read_bytes() != before["seal.key"]
    assert (folder / "signing-key.pem").read_bytes() == before["signing-key.pem"]


def test_the_default_folder_is_the_users_own(tmp_path: Path) -> None:
    home = {"CONTENTFAB_KEYS": "", "XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path)}
    contentfab("keys", "init", cwd=tmp_path, **home)
    contentfab("keys", "init", "--project", "spring", cwd=tmp_path, **home)
    assert files(tmp_path) == [
        f"contentfab/keys/{p}/{f}" for p in ("default", "spring") for f in ALL
    ]
    shown = run_json("keys", "show", cwd=tmp_path, CONTENTFAB_PROJECT="spring", **home)
    assert shown["folder"] == str(tmp_path / "contentfab" / "keys" / "spring")
    with pytest.raises(InputError, match="cannot name a folder"):
        keys_folder({}, "../spring")


def test_show_tells_everything_but_secrets(tmp_path: Path, project_keys: Path) -> None:
    plain = contentfab("keys", "show", cwd=tmp_path).stdout
    record = run_json("keys", "show", cwd=tmp_path)
    assert record["certificate"]["subject"] == "CN=Hearth & Reed,O=Hearth & Reed"
    until = int(record["certificate"]["valid_until"][:4])
    assert until - datetime.date.today().year == 10
    for word in ("ca.pem", "CONTENTFAB_SIGNING_KEY", "signer not on a public trust list"):
        assert word in plain
    for line in secret_lines(project_keys):
        assert line not in plain + str(record) + repr(find_keys())
    nothing = contentfab("keys", "show", cwd=tmp_path, CONTENTFAB_KEYS=str(tmp_path)).stdout
    assert "contentfab keys init" in nothing


@pytest.mark.parametrize("kind", ["git", "run"])
def test_keys_stay_out_of_repositories_and_run_folders(kind: str, tmp_path: Path) -> None:
    if kind == "git":
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    else:
        (tmp_path / "run.json").write_text("{}")
    before = files(tmp_path)
    with pytest.raises(InputError, match="git work tree" if kind == "git" else "run folder"):
        make_keys(tmp_path / "deep" / "keys", "Hearth")
    assert files(tmp_path) == before


def test_the_environment_comes_first(project_keys: Path, tmp_path: Path) -> None:
    chain, key, _ = new_pair("Other")
    environ = {**os.environ, "CONTENTFAB_SEAL_KEY": " secret text\n"}
    assert find_keys(environ).seal == b"secret text"
    assert find_keys(environ).chain_pem == (project_keys / "signing-cert.pem").read_bytes()
    (tmp_path / "chain.pem").write_bytes(chain)
    environ |= {
        "CONTENTFAB_SIGNING_CERT": str(tmp_path / "chain.pem"),
        "CONTENTFAB_SIGNING_KEY": key.decode(),
    }
    found = find_keys(environ)
    assert (found.chain_pem, found.key_pem, found.source) == (chain, key, "the environment")
    assert found.ca_pem == (project_keys / "ca.pem").read_bytes()
    assert not find_keys({"XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path)}).can_sign


def test_an_old_ca_stays_trusted_after_renewal(project_keys: Path, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    make_keys(folder, "Hearth")
    old = (folder / "ca.pem").read_bytes()
    for name in ("signing-cert.pem", "signing-key.pem"):
        (folder / name).unlink()
    with pytest.raises(InputError) as caught:
        make_keys(folder, "Hearth")
    assert "ca-old.pem" in caught.value.hint
    (folder / "ca.pem").rename(folder / "ca-old.pem")
    assert sorted(make_keys(folder, "Hearth")) == ["ca.pem", "signing-cert.pem", "signing-key.pem"]
    keys = find_keys({"CONTENTFAB_KEYS": str(folder)})
    assert old in (keys.ca_pem or b"")
    assert len(facts_of(keys.ca_pem or b"")) == 2


def broken_folder(folder: Path, how: str) -> None:
    make_keys(folder, "Hearth")
    key = folder / "signing-key.pem"
    if how == "readable":
        key.chmod(0o640)
    elif how == "no key":
        key.unlink()
    elif how == "no certificate":
        (folder / "signing-cert.pem").unlink()
    elif how == "rubbish":
        key.write_text("AKIA-not-pem-at-all")
    elif how == "empty seal":
        (folder / "seal.key").write_text("\n")
    elif how == "a folder":
        (folder / "ca-2.pem").mkdir()


BROKEN = {
    "readable": "chmod 600",
    "no key": "CONTENTFAB_SIGNING_KEY",
    "no certificate": "CONTENTFAB_SIGNING_CERT",
    "rubbish": "BEGIN PRIVATE KEY",
    "empty seal": "backup",
    "a folder": "name a file",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_keys_folder_is_one_clear_error(how: str, tmp_path: Path) -> None:
    if how == "readable" and os.name != "posix":
        pytest.skip("Windows has no such permissions")
    broken_folder(tmp_path / "keys", how)
    with pytest.raises(InputError) as caught:
        find_keys({"CONTENTFAB_KEYS": str(tmp_path / "keys")})
    assert BROKEN[how] in caught.value.hint
    assert str(tmp_path / "keys") in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("name", ["CONTENTFAB_SIGNING_KEY", "CONTENTFAB_SIGNING_CERT"])
@pytest.mark.parametrize("value", ["hunter2-secret", "hunter2\nsecret", "hunter2" * 500])
def test_a_wrong_variable_is_named_and_not_quoted(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        find_keys({"CONTENTFAB_SIGNING_KEY": "", "CONTENTFAB_SIGNING_CERT": "", name: value})
    assert "hunter2" not in str(caught.value) + caught.value.hint


def test_a_keys_folder_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        find_keys({"CONTENTFAB_KEYS": str(tmp_path / "gone")})
    with pytest.raises(InputError, match="does not exist"):
        find_keys({"XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path)}, project="spring")


def own_certificate(**changes: object) -> tuple[bytes, bytes]:
    """A self-signed certificate that could sign, but for `changes`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )  # fmt: skip

    key = ec.generate_private_key(changes.get("curve", ec.SECP256R1()))  # type: ignore[arg-type]
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Own")])
    now = datetime.datetime.now(datetime.UTC)
    usage = [changes.get("digital_signature", True), *[False] * 8]
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=int(str(changes.get("days", 9)))))
        .add_extension(x509.KeyUsage(*usage), critical=True)  # type: ignore[arg-type]
    )  # fmt: skip
    if "purpose" in changes:
        purposes = [x509.ObjectIdentifier(str(changes["purpose"]))]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    password = changes.get("password")
    lock = BestAvailableEncryption(password) if isinstance(password, bytes) else NoEncryption()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), private


MAIL, SERVER = "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.1"
UNFIT: dict[str, tuple[dict[str, object], str]] = {
    "no purpose": ({}, "no extended key usage"),
    "for servers": ({"purpose": SERVER}, "neither e-mail protection"),
    "may not sign": ({"purpose": MAIL, "digital_signature": False}, "digitalSignature"),
    "expired": ({"purpose": MAIL, "days": -1}, "not today"),
    "encrypted": ({"purpose": MAIL, "password": b"pw"}, "encrypted"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_certificate_that_cannot_sign_says_why(name: str) -> None:
    changes, reason = UNFIT[name]
    with pytest.raises(InputError, match=reason) as caught:
        signing_pair(*own_certificate(**changes))
    assert caught.value.hint


def test_pairs_must_belong_together_and_chains_be_in_order() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    chain, key, authority = new_pair("Hearth")
    other_chain, other_key, _ = new_pair("Other")
    leaf = chain.removesuffix(authority)
    assert signing_pair(chain, key).algorithm == "es256"
    assert signing_pair(leaf, key).facts.subject == "CN=Hearth,O=Hearth"
    with pytest.raises(InputError, match="do not belong together"):
        signing_pair(chain, other_key)
    with pytest.raises(InputError, match="do not belong together"):
        signing_pair(authority + leaf, key)
    with pytest.raises(InputError, match="not in order"):
        signing_pair(leaf + other_chain, key)
    with pytest.raises(InputError, match="damaged"):
        signing_pair(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key)
    with pytest.raises(InputError, match="damaged"):
        signing_pair(chain, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(InputError, match="does not allow"):
        signing_pair(*own_certificate(purpose=MAIL, curve=ec.SECP256K1()))
    assert signing_pair(*own_certificate(purpose=MAIL, curve=ec.SECP384R1())).algorithm == "es384"
    for name in ("", " ", "x" * 65, "a\nb"):
        with pytest.raises(InputError, match="printable"):
            new_pair(name)
