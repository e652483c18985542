"""How a fact becomes undeniable: statements, keys, log, proofs, witnesses, mirrors. Knows nothing of diamonds."""
