"""Commands, options, environment, settings and packs, sound and odd ones: drawn by a seed."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from merchantwatch.fields import FIELDS, WORDS

ODD = [
    "", "0", "-1", "nan", "inf", "1e400", "9" * 30, "9" * 5000, "²", "nan%", "101%", "../x", "/etc/passwd", "\x1b[2J", "\udcff", "a\nb", "1e9GB", "99999-01-01", "0001-01-01",
    "9999-12-31", "2026-02-30", "json:", "json:/", "json:.", "::", "spark[", "duckdb=", "x" * 5000, ".", " ", "/", "=", "a=", "=b", "☃", "-h", "--", "{{x}}", "%s", "*", "[",
]  # fmt: skip
SOUND = {
    "--as-of": ["2026-11-21 00:00", "2026-11-21", "2020-01-01", "2099-12-31 23:59:59", "1970-01-01"],
    "--tz": ["Asia/Shanghai", "UTC", "America/Sao_Paulo", "Asia/Kathmandu"],
    "--map": ["line_id=子订单编号", "status=订单状态", "promised_ship_at=承诺发货时间", "paid_at=x", "order_id=订单号", "line_id=id"],
    "--select": ["DY", "DY101,DY100", "IR900", "TM,TB", "late-shipment", "DY108,DY111"],
    "--ignore": ["DY1", "IR", "AM", "IR900"],
    "--shop": ["一号店", "s"],
    "--platform": ["douyin", "tmall", "taobao", "amazon"],
    "--lang": ["zh", "en"],
    "--memory": ["1GB", "200MB", "100MB", "64KB"],
    "--threads": ["1", "2", "64"],
    "--max-bad-rows": ["0", "5%", "100%", "3"],
    "--fail-on": ["low", "critical", "never"],
    "--pack": ["own.toml"],
    "--config": ["settings.toml"],
    "--exemptions": ["exempt.csv"],
    "-o": ["json", "text", "csv", "quarantine", "html:r.html", "csv:r.csv", "parquet:r.parquet", "json:r.json", "text:r.txt", "json:sub/r.json", "csv:/dev/null"],
}  # fmt: skip
BY_COMMAND = {
    "scan": tuple(SOUND),
    "check": tuple(name for name in SOUND if name not in ("--as-of", "--fail-on")),
    "why": tuple(name for name in SOUND if name not in ("--fail-on", "--max-bad-rows", "-o")),
    "init": ("--lang", "--platform"),
}
FEW = [
    "DY100,DY101,DY301,IR900",
    "DY108,DY203,IR101",
    "TM101,TM102,TB,IR900",
    "AM,TT4",
    "IR1",
    "DY1,DY4",
    "PD,MP,DQ1",
]
"""Rules by which most runs judge: to plan them all takes most of a run, and what is drawn here is seldom about them."""

RARE = ("--map", "--pack", "--exemptions", "--platform", "--config")
"""Options with which most files are refused."""

TOML = [
    "nan", "inf", "-1", "0", "1" + "0" * 30, "true", '""', '"\\u0000"', '"x"', "2026-01-01", "12:00:00", "[]", "{}", '["x"]', "[1]", '{ a = "b" }', '"\\u001b[2J"', '"zh"', "3", "0.5",
]  # fmt: skip
SETTINGS = ["tz", "shop", "platform", "lang", "select", "ignore", "pack", "exemptions", "output", "fail_on", "engine", "memory", "threads", "max_bad_rows", "key", "shops", "map", "rules", "risk", "nonsense"]  # fmt: skip
RULE_KEYS = ["code", "name", "title", "severity", "per", "at_least", "more_than", "near", "near_before", "again_every", "cap", "share_more_than", "of", "day", "window", "window_days", "risk", "penalty", "in_force", "source"]  # fmt: skip


@dataclass
class Given:
    """What one run is given besides files."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def draw_given(draw: random.Random, folder: Path, names: list[str]) -> Given:
    """Draw a command with its options and environment, and write what these name."""
    _write_settings(draw, folder / draw.choice(["settings.toml"] * 5 + ["merchantwatch.toml"]))
    (folder / "own.toml").write_text(_pack(draw), encoding="utf-8", errors="replace")
    (folder / "exempt.csv").write_text(_exemptions(draw), encoding="utf-8", errors="replace")
    command = draw.choice(["scan"] * 6 + ["check"] * 2 + ["why", "init", "rules"])
    if command == "rules":
        return Given(
            draw.choice(
                [
                    ["rules", "--pack", "own.toml"],
                    ["rules", "test", "own.toml"],
                    ["rule", "MY100", "--pack", "own.toml"],
                ]
            )
        )
    first = {
        "why": [draw.choice(["1", "6900000000000000001", "\x1b", ""])],
        "init": ["--dry-run"],
    }.get(command, [])
    options = [part for option in _options(draw, command) for part in option]
    environment = {"MERCHANTWATCH_SELECT": draw.choice(FEW)} if draw.random() < 0.7 else {}
    if draw.random() < 0.1:
        environment[f"MERCHANTWATCH_{draw.choice(SETTINGS).upper()}"] = draw.choice(ODD)
    return Given(
        [command, *options, *first, *(names[:1] if command == "init" else names)], environment
    )


def _options(draw: random.Random, command: str) -> list[tuple[str, str]]:
    able = [name for name in BY_COMMAND[command] if name not in RARE or draw.random() < 0.2]
    chosen = [draw.choice(able) for _ in range(draw.choice([0, 1, 2, 4]))]
    chosen_options = [
        (name, draw.choice(ODD if draw.random() < 0.03 else SOUND[name])) for name in chosen
    ]
    return (
        [("-o", "json:report.json"), *chosen_options]
        if command in ("scan", "check") and draw.random() < 0.8
        else chosen_options
    )


def _write_settings(draw: random.Random, path: Path) -> None:
    lines = [
        f"{name} = {draw.choice(TOML)}"
        for name in draw.sample(SETTINGS, draw.choice([0, 0, 0, 0, 0, 1, 2]))
    ]
    if draw.random() < 0.3:
        lines.append(
            f"[rules.DY101]\n{draw.choice(['at_least', 'near', 'window_days', 'severity'])} = {draw.choice(TOML)}"
        )
    data = "\n".join(lines).encode()
    path.write_bytes(
        draw.choice(
            [data, data, data, data, b"\xff" + data, data + b"\0", data.decode().encode("utf-16")]
        )
    )


def _pack(draw: random.Random) -> str:
    rule = {
        "code": '"MY100"',
        "name": '"mine"',
        "title": '{ zh = "a", en = "b" }',
        "at_least": "1",
        "when": json.dumps(_predicate(draw), ensure_ascii=False),
    }
    if draw.random() < 0.3:
        rule |= {
            "applies": json.dumps(_predicate(draw)),
            "due": '"promised_ship_at"',
            "done": '"shipped_at"',
        }
        del rule["when"]
    for name in draw.sample(RULE_KEYS, draw.choice([0, 0, 1, 2])):
        rule[name] = draw.choice(
            [
                *TOML,
                '"24 hours"',
                '"product"',
                '"paid_at"',
                "{ tiers = [{ percent = 5 }] }",
                "[{ from = 2026-01-01 }]",
            ]
        )
    body = "".join(f"{name} = {value}\n" for name, value in rule.items())
    return f'[pack]\nplatform = "any"\nreviewed = 2026-11-20\n[[rule]]\n{body}'


_SOUND_PREDICATES = [
    "order_id is not null", "amount - refund_amount > 0", "coalesce(shipped_at, as_of) > promised_ship_at", "paid_at + interval '3660' day > as_of", "quantity + 1 > 5", "null", "out_of_stock",
    "hour(paid_at) between 1 and 5", "seller_note like '%缺%' or lower(product_name) = 'x'", "case when amount > 5 then paid_at else created_at end < as_of",
]  # fmt: skip


def _predicate(draw: random.Random, depth: int = 0) -> str:
    """An expression that fits, or one that often does and often does not."""
    if not depth and draw.random() < 0.5:
        return draw.choice(_SOUND_PREDICATES)
    if depth > 3 or draw.random() < 0.3:
        words = [f"'{word}'" for words in WORDS.values() for word in words]
        return draw.choice(
            [
                *FIELDS,
                *words,
                "1",
                "0.5",
                "null",
                "true",
                "'x'",
                "timestamp '2026-11-01 00:00:00'",
                "interval '48' hour",
                "1e400",
                "''",
                "'\\'",
            ]
        )
    one, two, three = (_predicate(draw, depth + 1) for _ in range(3))
    shapes = [
        "{0} = {1}", "{0} > {1}", "{0} and {1}", "{0} or {1}", "not {0}", "{0} is null", "{0} is not null", "{0} + {1}", "{0} - {1}", "-{0}", "coalesce({0}, {1})", "greatest({0}, {1})",
        "case when {0} then {1} else {2} end", "{0} in ({1}, {2})", "{0} between {1} and {2}", "{0} like {1}", "lower({0})", "year({0})", "contains({0}, {1})", "({0})", "paid_at is not null and {0} is null",
    ]  # fmt: skip
    return draw.choice(shapes).format(one, two, three)


def _exemptions(draw: random.Random) -> str:
    header = draw.choice(
        ["rule,order,reason,approved", "规则,订单号,原因", "x", "", "rule,from,until,reason"]
    )
    return (
        header
        + "\n"
        + "\n".join(
            ",".join(draw.choice(["DY101", "*", "1", "2026-11-01", *ODD[:12]]) for _ in range(4))
            for _ in range(draw.choice([0, 1, 5]))
        )
    )
