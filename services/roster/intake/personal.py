"""Personal numbers and names: sealed for storing, keyed for finding, masked for showing."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import polars as pl

from shared.kernel.personal import FieldCipher, person_key
from shared.kernel.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class PersonalKeys:
    """The service's secret keys for personal fields."""

    cipher: FieldCipher
    pseudonym_key: bytes

    @classmethod
    def of(cls, settings: ServiceSettings) -> PersonalKeys:
        """Reads the keys; raises ``ConfigurationError`` when one is absent."""
        return cls(FieldCipher(settings.key("field_key")), settings.key("person_key"))

    def pseudonym(self, number: str) -> str:
        """The pseudonym of a person's number; equal in all services."""
        return person_key(number, self.pseudonym_key)

    def sealed_body(self, body: bytes) -> bytes:
        """An uploaded body as it may be stored: compressed and encrypted."""
        packed = base64.b64encode(zlib.compress(body, 1)).decode("ascii")
        return self.cipher.encrypt(packed, place="imports.body")

    def opened_body(self, sealed: bytes) -> bytes:
        """The body again."""
        return zlib.decompress(base64.b64decode(self.cipher.decrypt(sealed, place="imports.body")))


def masked_names(column: str) -> pl.Expr:
    """:func:`masked_name` of a whole column."""
    return pl.col(column).str.slice(0, 1) + "*"


def masked_name(name: str) -> str:
    """A name as those may see it who may not know it: the first character, and no hint of its length."""
    return f"{name[:1]}*"
