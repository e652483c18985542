"""The root of every error that Adamas raises on purpose; each room hangs its own small tree below it.

AdamasError
├── ledger.errors.LedgerError    bytes, keys, proofs, logs, witnesses
├── scheme.errors.SchemeError    the rules of the Kimberley Process
├── office.errors.OfficeError    set-up, files, what an officer typed
└── analysis.errors.AnalysisError
"""

from __future__ import annotations


class AdamasError(Exception):
    """One thing that is wrong, told so that a person can mend it.

    ``code`` is stable and dotted (``cbor.float``, ``admission.expired``): programs switch on it.
    ``sentence`` says what is wrong; ``where`` says the place (field, row, path or log index);
    ``clause`` the rule's source (Core Document, RFC); ``advice`` what to do next.
    ``exit_code`` is what the command line ends with (0 valid, 1 not valid, 2 cannot tell, 64 bad usage).
    """

    exit_code = 1

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        where: str | None = None,
        clause: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.where = where
        self.clause = clause
        self.advice = advice

    def __str__(self) -> str:
        parts = [self.sentence]
        if self.where:
            parts.append(f"Where: {self.where}.")
        if self.clause:
            parts.append(f"Source: {self.clause}.")
        if self.advice:
            parts.append(self.advice)
        return " ".join(parts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.sentence!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(cls: type[AdamasError], state: dict[str, object]) -> AdamasError:
    """Errors cross process borders (the audit uses several processes), keyword arguments and all."""
    error = cls.__new__(cls)
    Exception.__init__(error, state["sentence"])
    error.__dict__.update(state)
    return error
