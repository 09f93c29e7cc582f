"""The options of ``tce deidentify`` by which originals travel encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.deidentify import KeyTransport, Recovery, load_certificate

CertificateOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--certificate",
        metavar="FILE.pem",
        exists=True,
        dir_okay=False,
        help="Let the originals travel in each instance, encrypted for the holder of this RSA certificate "
        "(PS3.15 E.1.1), who restores them with 'tce reidentify --private-key'. Pixel data and attributes "
        "over 1 MiB do not travel. May be given several times.",
    ),
]
TransportOption = Annotated[
    KeyTransport,
    typer.Option(
        "--key-transport",
        help="How keys are encrypted to a certificate: 'pkcs1-v1.5' every reader knows, 'oaep' is stronger.",
    ),
]


@dataclass(frozen=True, slots=True)
class RecoveryChoice:
    """For whom originals travel, and what was told about the certificates."""

    recovery: Recovery | None
    lines: tuple[str, ...]

    @classmethod
    def of(cls, certificates: list[Path], transport: KeyTransport) -> RecoveryChoice:
        """Read the certificates.

        Raises
        ------
        HarnessError
            When one of them will not do.
        """
        if not certificates:
            return cls(None, ())
        loaded = [load_certificate(file, datetime.now(UTC)) for file in certificates]
        recovery = Recovery.of([each.certificate for each in loaded], transport)
        line = (
            f"the originals travel in each instance, in AES-256-CBC and RSA {transport.value}: "
            f"the holders of {len(recovery.certificates)} private keys can restore them"
        )
        return cls(recovery, (line, *(f"warning: {text}" for each in loaded for text in each.warnings)))
