"""The verifier in the browser says of every file what `adamas verify` says: same verdict, same codes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.office.public.cases import Case, altered, cases

from adamas.analysis.verify import verify_bundle
from adamas.ledger import cbor, ed25519
from adamas.ledger.errors import KeyRefused, StatementError

if TYPE_CHECKING:
    from tests.office.public.conftest import Visit

from adamas.office.public import verify_tables

ASK = """async ([base, given]) => {
  const [verify, bytes] = await Promise.all([import(base + "verify.js"), import(base + "bytes.js")]);
  const answers = [];
  for (const { data, trust, now } of given) {
    const known = trust && { ...trust, registry: bytes.fromHex(trust.registry) };
    const answer = await verify.verifyBundle(bytes.fromBase64(data), { trust: known, now });
    const codes = (found) => found.map((one) => one.code);
    const life = answer.lifecycle;
    answers.push({
      status: answer.status, exit_code: answer.exit, problems: codes(answer.problems), missing: codes(answer.missing),
      lifecycle: life && [life.number, life.state, life.asOf, life.expires, life.steps, life.waiting, life.findings.length],
      logs: answer.logs.map((log) => [log.origin, log.index === null ? null : Number(log.index), Number(log.size), log.root, log.pillars, log.missing]),
      disclosed: [...answer.disclosed.keys()].sort(), undisclosed: answer.undisclosed, not_proven: answer.notProven.length,
      signed: answer.signed && [answer.signed.id, answer.signed.type, answer.signed.issuer, answer.signed.subject, answer.signed.kid],
    });
  }
  return answers;
}"""


def base_of(visit: Visit) -> str:
    """The address below which the page's modules are."""
    source: str = visit.page.get_attribute("script[type=module]", "src") or ""
    return source.removesuffix("page.js")


def by_browser(visit: Visit, given: list[Case]) -> list[dict[str, Any]]:
    import base64

    asked = [
        {
            "data": base64.b64encode(case.data).decode(),
            "now": case.now,
            "trust": case.trust
            and {
                "registry": case.trust.registry.hex(),
                "logs": list(case.trust.logs),
                "policy": case.trust.policy,
            },
        }
        for case in given
    ]
    answers: list[dict[str, Any]] = visit.page.evaluate(ASK, [base_of(visit), asked])
    return answers


def by_python(case: Case) -> dict[str, Any]:
    answer = verify_bundle(case.data, trust=case.trust, now=case.now)
    said = answer.to_json()
    life, signed = said["lifecycle"], said["signed"]
    return {
        "status": answer.status,
        "exit_code": answer.exit_code,
        "problems": [one.code for one in answer.problems],
        "missing": [one.code for one in answer.missing],
        "lifecycle": life
        and [
            life[name] if name != "findings" else len(life[name])
            for name in ("number", "state", "as_of", "expires", "steps", "waiting", "findings")
        ],
        "logs": [
            [log.origin, log.index, log.size, log.root, log.pillars, list(log.missing)] for log in answer.logs
        ],
        "disclosed": sorted(answer.disclosed),
        "undisclosed": answer.undisclosed,
        "not_proven": len(answer.not_proven),
        "signed": signed and [signed[name] for name in ("id", "type", "issuer", "subject", "kid")],
    }


def test_tables_are_those_of_the_catalogue() -> None:
    """The browser's tables are generated: `python -m adamas.office.public.verify_tables`."""
    assert verify_tables.FILE.read_text() == verify_tables.module()


@pytest.mark.slow
def test_every_bundle_has_the_same_answer(visit: Visit, tmp_path: Path) -> None:
    given = list(cases(tmp_path))
    assert len({case.name for case in given}) == len(given) > 45
    verdicts = set()
    for case, answer in zip(given, by_browser(visit, given), strict=True):
        expected = by_python(case)
        assert answer == expected, case.name
        verdicts.add(expected["status"])
    assert verdicts == {"valid", "not valid", "cannot tell"}


def one_of_cbor(codes: list[str]) -> list[str]:
    """Codes in order; of bytes that break the encoding in two ways, either reader may name the other way."""
    return sorted("cbor" if code.startswith("cbor.") else code for code in codes)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_altered_bytes_have_the_same_answer(visit: Visit, tmp_path: Path) -> None:
    whole = next(cases(tmp_path))
    given = [
        Case(f"altered {n}", data, whole.trust) for n, data in enumerate(altered(whole.data, 400, seed=7))
    ]
    valid = 0
    for case, answer in zip(given, by_browser(visit, given), strict=True):
        expected = by_python(case)
        for part in ("problems", "missing"):
            answer[part], expected[part] = one_of_cbor(answer[part]), one_of_cbor(expected[part])
        assert answer == expected, case.name
        valid += answer["status"] == "valid"
    assert valid == 0


SIGNATURES = """async ([base, given]) => {
  const [ed25519, bytes] = await Promise.all([import(base + "ed25519.js"), import(base + "bytes.js")]);
  const answers = [];
  for (const [key, message, signature] of given) {
    const parts = [key, message, signature].map(bytes.fromHex);
    answers.push([
      await ed25519.byWebCrypto(...parts), await ed25519.byNoble(...parts), await ed25519.verify(...parts),
      ed25519.keyFault(parts[0]) === null,
    ]);
  }
  return answers;
}"""


def edge_cases(shared: Path) -> list[tuple[str, str, str]]:
    folder = shared / "vectors" / "ed25519"
    found = [
        (case["pub_key"], case["message"], case["signature"])
        for case in json.loads((folder / "speccheck/cases.json").read_text())
    ]
    for vector in json.loads((folder / "cctv/ed25519vectors.json").read_text()):
        found.append((vector["key"], vector["msg"].encode().hex(), vector["sig"]))
    for group in json.loads((folder / "wycheproof/ed25519_test.json").read_text())["testGroups"]:
        found += [(group["publicKey"]["pk"], test["msg"], test["sig"]) for test in group["tests"]]
    return found


def enrolled(key: bytes) -> bool:
    try:
        ed25519.check_public_key(key)
    except KeyRefused:
        return False
    return True


@pytest.mark.slow
def test_every_edge_case_of_ed25519_has_the_same_verdict(visit: Visit, shared: Path) -> None:
    """WebCrypto, noble, and what the page takes of the two; and which keys may be enrolled."""
    given = edge_cases(shared)
    assert len(given) == 12 + 914 + 151
    answers = visit.page.evaluate(SIGNATURES, [base_of(visit), given])
    holding = 0
    for (key, message, signature), answer in zip(given, answers, strict=True):
        public = bytes.fromhex(key)
        holds = ed25519.verify(public, bytes.fromhex(message), bytes.fromhex(signature))
        assert answer == [holds, holds, holds, enrolled(public)], (key, message, signature)
        holding += holds
    assert holding > 100


DECODE = """async ([base, given]) => {
  const [cbor, bytes] = await Promise.all([import(base + "cbor.js"), import(base + "bytes.js")]);
  return given.map(([data, labels]) => {
    try {
      const value = cbor.decode(bytes.fromHex(data), { labels });
      return bytes.hex(cbor.encode(value)) === data ? null : "differs";
    } catch (error) {
      return error.code ?? String(error);
    }
  });
}"""


def code_of(data: bytes, labels: bool) -> str | None:
    try:
        cbor.decode(data, labels=labels)
    except StatementError as error:
        return error.code
    return None


def strange(count: int) -> list[bytes]:
    """Short random bytes: most are refused, some are values."""
    draws = random.Random(11)
    return [draws.randbytes(draws.randrange(1, 10)) for _ in range(count)]


@pytest.mark.slow
def test_cbor_is_read_as_strictly(visit: Visit, shared: Path) -> None:
    examples = [item["hex"] for item in json.loads((shared / "vectors/cbor/appendix_a.json").read_text())]
    assert len(examples) == 82
    given = [(data, labels) for data in examples for labels in (False, True)]
    answers = visit.page.evaluate(DECODE, [base_of(visit), given])
    for (data, labels), answer in zip(given, answers, strict=True):
        assert answer == code_of(bytes.fromhex(data), labels), (data, labels)
    nested = [b"\x81" * n + b"\x00" for n in range(14, 19)] + [
        b"\xa1\x61a" * n + b"\x00" for n in range(14, 19)
    ]
    more = [(data.hex(), False) for data in (*strange(3_000), *nested)]
    answers = visit.page.evaluate(DECODE, [base_of(visit), more])
    accepted = 0
    for (data, _), answer in zip(more, answers, strict=True):
        expected = code_of(bytes.fromhex(data), False)
        assert (answer is None) == (expected is None), (data, answer, expected)
        accepted += answer is None
    assert accepted > 100


POST_QUANTUM = """async ([base, key, message, good, bad]) => {
  const [witness, bytes] = await Promise.all([import(base + "witness.js"), import(base + "bytes.js")]);
  const [k, m, g, b] = [key, message, good, bad].map(bytes.fromHex);
  return [
    await witness.mlDsaByWebCrypto(k, m, g), await witness.mlDsaByNoble(k, m, g),
    await witness.mlDsaByWebCrypto(k, m, b), await witness.mlDsaByNoble(k, m, b), await witness.mlDsaByNoble(k, m, m),
  ];
}"""


@pytest.mark.slow
def test_ml_dsa_by_webcrypto_and_by_noble(visit: Visit) -> None:
    from cryptography.hazmat.primitives.asymmetric import mldsa

    private = mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    message = b"subtree/v1"
    good = private.sign(message)
    bad = good[:-1] + bytes([good[-1] ^ 1])
    key = private.public_key().public_bytes_raw()
    given = [base_of(visit), *(part.hex() for part in (key, message, good, bad))]
    assert visit.page.evaluate(POST_QUANTUM, given) == [True, True, False, False, False]
