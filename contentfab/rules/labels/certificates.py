"""The certificates that sign: made for a project, looked into, and told why one cannot sign.

A project's CA exists for one signature only: it issues the signing certificate, then its private
key is dropped, so that nobody can issue another in its name. Knows nothing about C2PA files, nor
where keys are kept (`key_files.py`, `project_keys.py`).
"""

from __future__ import annotations

import datetime
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contentfab.errors import InputError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

YEARS = 10
MAX_NAME = 64  # X.520, upper bound of an organisation's name

# Extended key usages with which C2PA signers may sign (C2PA 2.4, section 14.5.1): e-mail
# protection, document signing, and C2PA's own.
_USAGES = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1")
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says of itself; times in UTC, the fingerprint is sha256 in hex."""

    subject: str
    issuer: str
    fingerprint: str
    not_before: datetime.datetime
    not_after: datetime.datetime
    is_ca: bool


@dataclass(frozen=True, slots=True)
class SigningPair:
    """A chain and key that can sign. `algorithm` is a COSE name in lower case (`es256`)."""

    algorithm: str
    chain_pem: bytes
    key_pem: bytes
    facts: CertificateFacts


def new_pair(name: str, now: datetime.datetime | None = None) -> tuple[bytes, bytes, bytes]:
    """(chain, private key, CA) in PEM for an organisation: P-256, valid for ten years, since
    without a time stamp a signature ends with its certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InputError(
            f"an organisation's name has 1 to {MAX_NAME} printable characters",
            hint='for example --name "Hearth & Reed"',
        )
    now = now or datetime.datetime.now(datetime.UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name(name, f"{name} contentfab CA"[-MAX_NAME:])
    authority_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        _builder(authority_name, authority_name, authority_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .add_extension(authority_id, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _builder(_name(name, name), authority_name, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    ca_pem = _pem(authority)
    return _pem(certificate) + ca_pem, _private_pem(key), ca_pem


def signing_pair(
    chain_pem: bytes, key_pem: bytes, now: datetime.datetime | None = None
) -> SigningPair:
    """Chain and key, fit to sign with. InputError says what is wrong with them; it never quotes
    the key."""
    chain = _load(chain_pem, "the signing certificate")
    key = _private_key(key_pem)
    leaf = chain[0]
    if _public(leaf.public_key()) != _public(key.public_key()):
        raise InputError(
            "the signing certificate and the private key do not belong together",
            hint="use the pair that was made together; the chain starts with the signing"
            " certificate, its issuers follow",
        )
    for child, parent in itertools.pairwise(chain):
        if child.issuer != parent.subject:
            raise InputError(
                "the certificates of the chain are not in order",
                hint="the signing certificate first, then each one's issuer",
            )
    facts = _facts(leaf)
    now = now or datetime.datetime.now(datetime.UTC)
    if not facts.not_before <= now <= facts.not_after:
        raise InputError(
            f"the signing certificate is valid from {facts.not_before:%Y-%m-%d} to"
            f" {facts.not_after:%Y-%m-%d}, not today",
            hint="make a new one (see `contentfab keys show`), or get yours renewed",
        )
    _check_usage(leaf)
    return SigningPair(_algorithm(key), chain_pem, _private_pem(key), facts)


def facts_of(pem: bytes, what: str = "the certificate") -> list[CertificateFacts]:
    """Facts of every certificate in a PEM file, in its order. InputError when one is broken."""
    return [_facts(certificate) for certificate in _load(pem, what)]


def issuers_pem(chain_pem: bytes) -> bytes:
    """The chain without its signing certificate; a self-signed one is its own issuer."""
    chain = _load(chain_pem, "the signing certificate")
    return b"".join(map(_pem, chain[1:] or chain))


def _check_usage(leaf: x509.Certificate) -> None:
    from cryptography import x509

    def extension(kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
        try:
            return leaf.extensions.get_extension_for_class(kind).value
        except (x509.ExtensionNotFound, ValueError):
            return None

    usage, extended = extension(x509.KeyUsage), extension(x509.ExtendedKeyUsage)
    fault = ""
    if _facts(leaf).is_ca:
        fault = "it is a CA; sign with a certificate that the CA issued"
    elif not isinstance(usage, x509.KeyUsage) or not usage.digital_signature:
        fault = "its key usage lacks digitalSignature"
    elif not isinstance(extended, x509.ExtendedKeyUsage):
        fault = "it has no extended key usage"
    elif not any(oid.dotted_string in _USAGES for oid in extended):
        fault = "its extended key usage allows neither e-mail protection nor document signing"
    if fault:
        raise InputError(
            f"the signing certificate cannot sign C2PA: {fault}",
            hint="ask its issuer for a C2PA or document-signing certificate, or run"
            " contentfab keys init",
        )


def _algorithm(key: PrivateKeyTypes) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return "ps256"
    raise InputError(
        "C2PA does not allow this kind of private key",
        hint="use P-256, P-384, P-521, Ed25519, or RSA of 2048 bits or more",
    )


def _load(pem: bytes, what: str) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise InputError(
            f"{what} is damaged: its PEM text holds no certificate",
            hint="restore it from your backup, or export it again as PEM",
        ) from None


def _private_key(pem: bytes) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(pem, None)
    except TypeError:
        fault, hint = "is encrypted", "store it without a password, readable by you alone"
    except (ValueError, UnsupportedAlgorithm):
        fault, hint = "is damaged or of an unknown kind", "restore it from your backup"
    raise InputError(f"the private signing key {fault}", hint=hint)


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        is_ca = basic.ca
    except (x509.ExtensionNotFound, ValueError):
        is_ca = False
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        is_ca=is_ca,
    )


def _name(organisation: str, common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKeyTypes, now: datetime.datetime
) -> x509.CertificateBuilder:
    from cryptography import x509

    # An hour back: the clock of the machine that verifies may lag behind.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS + YEARS // 4))
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _private_pem(key: PrivateKeyTypes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public(key: object) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return bytes(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    )
