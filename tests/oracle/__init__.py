"""What the clauses say, in plain Python: the judge that the program is compared with.

Written from the clauses and not from the program: one line after the other, no tables, no SQL.
It has a word on every built-in rule, is slow, and shares no code with what it judges. Read it in
this order: `files`, `cells`, `lines` (what is known), `douyin`, `mapped`, `identity`, `cases`, `parcels`,
`people`, `past` (how it became known), `clause` (what a rule can say), `shipping`, `tracking`,
`traces`, `globe`, `after_sales`, `refusals`, `taobao`, `others`, `money` (the clauses), `exempting`, `counting`, `ignoring`, `risks`, `judging` (what
comes of them).
"""

from oracle.counting import Finding, RuleVerdict
from oracle.exempting import Exemption
from oracle.files import CaseExport, Export, ParcelExport
from oracle.ignoring import Ignored
from oracle.judging import OF_PLATFORM, RULES, SIGNALS, Accounting, Verdict, judge
from oracle.risks import RISK, Risks, risk_of

__all__ = [
    "OF_PLATFORM",
    "RISK",
    "RULES",
    "SIGNALS",
    "Accounting",
    "CaseExport",
    "Exemption",
    "Export",
    "Finding",
    "Ignored",
    "ParcelExport",
    "Risks",
    "RuleVerdict",
    "Verdict",
    "judge",
    "risk_of",
]
