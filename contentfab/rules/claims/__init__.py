"""The claim ledger: what a line of copy claims, and where the product says so.

`ledger` finds every number, price, date, superlative, comparison, certification, ingredient and
"free from" of a line and traces it to the product's own texts. It knows words and numbers, not
meaning: which claims count is told in docs/claims.md.
"""

from contentfab.rules.claims.evidence import Evidence
from contentfab.rules.claims.trace import advice, ledger

__all__ = ["Evidence", "advice", "ledger"]
