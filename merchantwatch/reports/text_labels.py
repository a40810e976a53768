"""The words of the text report."""

from merchantwatch.language.text import Text

LABELS = {
    "data": Text(zh="数据", en="Data"),
    "guard": Text(zh="注意", en="Mind"),
    "platform": Text(zh="平台", en="Platform"),
    "changed": Text(zh="变化", en="Changed"),
    "unjudged": Text(zh="未判定", en="Not judged"),
    "found": Text(zh="结论", en="Found"),
    "money": Text(zh="金额", en="Money"),
    "whose": Text(zh="谁来做", en="Whose work"),
    "todo": Text(zh="先做什么", en="What to do first"),
    "otherwise": Text(zh="否则", en="otherwise"),
    "more_tasks": Text(
        zh="…… 另有 {n} 件，见 --top、-o html、-o xlsx:路径",
        en="… and {n} more: --top, -o html, -o xlsx:PATH",
    ),
    "no_tasks": Text(zh="没有任务", en="nothing to do"),
    "limits": Text(zh="红线", en="Limits"),
    "counts": Text(zh="触线/临近：", en="broken/near: "),
    "not_official": Text(
        zh="（* 的数字不是来自平台原文）",
        en=" (*: not the platform's own text)",
    ),
    "others": Text(zh="其他发现", en="Also found"),
    "causes": Text(zh="介入风险集中在哪里", en="Where the risk of intervention gathers"),
    "exempt": Text(zh="豁免", en="Exemptions"),
    "suppressed": Text(zh="忽略清单", en="Suppressions"),
    "more_exempt": Text(zh="…… 另有 {n} 条，见 JSON 报告", en="… and {n} more, in the JSON report"),
    "exempt_hits": Text(zh="已豁免", en="exempt"),
    "costs": Text(zh="应赔", en="costs"),
    "missing": Text(
        zh="{until} 前备好凭证，还缺：{what}", en="evidence still missing: {what} (by {until})"
    ),
    "unseen": Text(zh="未评估与未判定", en="Not evaluated, not judged"),
    "partly": Text(zh="{codes}：部分行无法判定", en="{codes}: some lines unjudged"),
    "notes": Text(zh="说明", en="Notes"),
    "more_notes": Text(
        zh="…… 另有 {n} 条，见 HTML 与 JSON 报告", en="… and {n} more, in the HTML and JSON reports"
    ),
    "quarantine": Text(zh="读不懂的行", en="Rows that could not be understood"),
    "failed": Text(zh="读不了的文件", en="Files that could not be read"),
    "breached": Text(zh="触线", en="broken"),
    "near": Text(zh="临近", en="near"),
    "more": Text(
        zh="…… 另有 {n} 项，见 JSON / CSV 报告", en="… and {n} more, in the JSON and CSV reports"
    ),
}
