import json

import pytest
from joserfc.jwk import OctKey, OKPKey

from shared.kernel.identity.keys import PublicKeys, SigningKey


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    # RFC 8037, appendix A.1 and A.3.
    jwk = {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
    key = SigningKey.from_json(json.dumps(jwk))
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert "d" not in key.public_jwk()
    assert SigningKey.from_json(key.to_json()).kid == key.kid


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"kty":"OKP","crv":"Ed25519","x":"AA"}'])
def test_what_is_no_private_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JWK|Ed25519"):
        SigningKey.from_json(text)


def test_other_curves_do_not_sign() -> None:
    for other in (OKPKey.generate_key("X25519"), OKPKey.generate_key("Ed25519", private=False)):
        with pytest.raises(ValueError, match="private Ed25519"):
            SigningKey(other)


def test_symmetric_encryption_and_nameless_keys_are_ignored() -> None:
    good = SigningKey.generate()
    nameless = {name: value for name, value in SigningKey.generate().public_jwk().items() if name != "kid"}
    keys = PublicKeys.from_jwks(
        {
            "keys": [
                {**OctKey.generate_key(256).as_dict(private=True), "kid": "symmetric"},
                {**SigningKey.generate().public_jwk(), "kid": "for-encryption", "use": "enc"},
                {"kty": "AKP", "kid": "of-tomorrow"},
                {"kty": "OKP", "crv": "Ed25519", "kid": "broken", "x": 7},
                nameless,
                "rubbish",
                good.public_jwk(),
            ]
        }
    )
    assert [key["kid"] for key in keys.to_jwks()["keys"]] == [good.kid]


def test_a_private_key_published_by_mistake_stays_out_of_our_copy() -> None:
    key = SigningKey.generate()
    keys = PublicKeys.from_jwks({"keys": [json.loads(key.to_json())]})
    assert all("d" not in published for published in keys.to_jwks()["keys"])
    assert key.kid in keys


@pytest.mark.parametrize("document", [None, [], {}, {"keys": 3}, {"keys": []}])
def test_documents_without_keys_are_refused(document: object) -> None:
    with pytest.raises(ValueError, match="JWKS"):
        PublicKeys.from_jwks(document)
