"""``rules test``: judges the cases beside a pack."""

from pathlib import Path

from merchantwatch.language.text import Text
from merchantwatch.run.rule_cases import try_pack
from merchantwatch.settings import resolve
from merchantwatch.support.writing import show

_FAILED_EXIT_CODE = 1
_MISSED = Text(
    zh="{code} {case}：应为 {want}，实为 {got}", en="{code} {case}: expected {want}, found {got}"
)
_NO_CASES = Text(
    zh="{code}：没有用例（规则包旁的 {code}.csv）",
    en="{code}: no cases ({code}.csv beside the pack)",
)
_TRIED = Text(
    zh="{code}：{total} 个用例中 {good} 个通过",
    en="{code}: {good} of {total|case} {good|holds|hold}",
)


def try_rules(pack: str, lang: str) -> int:
    """Judge the cases beside a pack, print the result, and return 1 when a case failed."""
    tried = try_pack(Path(pack), resolve({"lang": lang}))
    for one in tried:
        for miss in one.mismatches:
            line = _MISSED.fill(code=one.code, case=miss.case, want=miss.expected, got=miss.found)
            show(f"{line.of(lang)}\n")
        # No file of cases is not the same as one without cases.
        total = one.cases or 0
        if one.cases is None:
            text = _NO_CASES.fill(code=one.code)
        else:
            text = _TRIED.fill(code=one.code, good=total - len(one.mismatches), total=total)
        show(f"{text.of(lang)}\n")
    return _FAILED_EXIT_CODE if any(one.mismatches for one in tried) else 0
