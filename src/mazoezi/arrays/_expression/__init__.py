"""Array expressions, for `mazoezi.arrays._evaluate`: their grammar, their steps, and what fits."""
