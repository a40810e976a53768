"""Who is sent what, in what words: pure, without a database and without a network."""

from datetime import datetime, time, timedelta

import pytest

from merchantwatch.config import ChannelConfig, NotifyConfig, read
from merchantwatch.errors import OutputError, UsageError
from merchantwatch.history.episodes import Change
from merchantwatch.history.items import Item
from merchantwatch.language.text import Text
from merchantwatch.notify.alerts import Alert, counted, payload
from merchantwatch.notify.channels import Policy, policy_of
from merchantwatch.notify.messages import MOST_ITEMS, message
from merchantwatch.notify.of_changes import alerts_of, open_items
from merchantwatch.notify.planning import MOST_GROUPS, MOST_SINGLE, deliveries
from merchantwatch.notify.services import Service, is_of_a_service, services

NOON = datetime(2026, 11, 21, 12)
NIGHT = datetime(2026, 11, 21, 23)


def item(key="1", **fields):
    plain = {
        "kind": "finding",
        "code": "DY104",
        "platform": "douyin",
        "shop": "一号店",
        "scope": "line",
        "state": "breached",
        "severity": "high",
        "count": 1,
        "text": Text(zh=f"订单 {key} 超时", en=f"order {key} is late"),
        "owner": "warehouse",
    }
    return Item(key=key, **{**plain, **fields})


def raised(key="1", alert="opened", status="new", reason=None, episode=1, **fields):
    return Change(item(key, **fields), episode, status, alert, reason)


def alert(key="1", state="opened", **fields):
    return alerts_of([raised(key, state, **fields)])[0]


def channel(name="ops", **fields):
    return ChannelConfig(name=name, url="env:MW_OPS_URL", **fields)


def policy(*channels, **fields):
    return policy_of(NotifyConfig(channels=list(channels or (channel(),)), **fields))


def planned(alerts, policy=None, as_of=NOON, **fields):
    plain = {"baseline": False, "followed": (), "sent": (), "held": {}, "one_by_one": ("ops",)}
    found = deliveries(
        policy or globals()["policy"](), alerts, run="7", as_of=as_of, **{**plain, **fields}
    )
    return [([a.key for a in one.alerts], one.held) for one in found]


# Ids ----------------------------------------------------------------------------------------------


def test_the_id_of_an_alert_is_of_its_item_episode_and_state_alone():
    one = alert()
    same = alert(
        due_at=NOON, count=9, text=Text(zh="x", en="x"), owner="logistics", status="ongoing"
    )
    assert one.alert_id == same.alert_id
    assert len({one.alert_id, alert("2").alert_id, alert(episode=2).alert_id}) == 3
    assert len({one.alert_id, alert(state="closed", reason="gone").alert_id}) == 2
    assert (
        alert(state="closed", reason="gone").alert_id
        == alert(state="closed", reason="resolved").alert_id
    )
    assert one.alert_id == alert(severity="low").alert_id, "how bad it opened is no other opening"


def test_each_further_step_down_is_an_alert_of_its_own_and_the_same_step_again_is_none():
    def worse(**fields):
        return alert(state="worsened", status="worsened", **fields).alert_id

    steps = [
        worse(),
        worse(strikes=2),
        worse(strikes=3),
        worse(severity="critical"),
        worse(penalty=1),
    ]
    assert len(set(steps)) == len(steps)
    assert worse(strikes=2) == worse(strikes=2, count=5)


def test_a_task_worsens_with_each_of_its_findings():
    def worse(*strikes):
        found = [item(str(n), has_task=True, strikes=count) for n, count in enumerate(strikes)]
        task = item("t", kind="task", findings=tuple(one.fingerprint for one in found))
        changes = [Change(one, 1, "ongoing") for one in found]
        return alerts_of([*changes, Change(task, 1, "worsened", "worsened")])[0].alert_id

    assert len({worse(1, 1), worse(2, 1), worse(1, 2), worse(2, 2)}) == 4
    assert worse(2, 1) == worse(2, 1)


# Who is sent what ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "wanted"),
    [
        ({}, True),
        ({"owners": ("warehouse",)}, True),
        ({"owners": ("logistics",)}, False),
        ({"owners": ()}, False),
        ({"shops": ("一号*",)}, True),
        ({"shops": ("二号*", "一号店")}, True),
        ({"shops": ("二号*",)}, False),
        ({"shops": ()}, False),
        ({"states": ("worsened",)}, False),
        ({"states": ("opened",)}, True),
        ({"min_severity": "medium"}, True),
        ({"min_severity": "high"}, True),
        ({"min_severity": "critical"}, False),
    ],
)
def test_a_channel_is_sent_what_it_asks_for(expected, wanted):
    assert planned([alert()], policy(channel(**expected))) == [(["1"], False)] * wanted


@pytest.mark.parametrize(("globs", "wanted"), [(("*",), True), (("?*",), False), (("",), True)])
def test_an_unnamed_shop_is_any(globs, wanted):
    assert bool(planned([alert(shop=None)], policy(channel(shops=globs)))) is wanted


CLOSED = {"state": "closed", "status": "resolved", "reason": "resolved"}


@pytest.mark.parametrize(
    "now",
    [{}, {"severity": "low"}, {"owner": "logistics"}, {"shop": "二号店"}, {"reason": "deselected"}],
)
def test_whoever_was_sent_that_it_opened_is_sent_that_it_closed(now):
    filtered = policy(channel(owners=("warehouse",), shops=("一号店",), min_severity="high"))
    over = alert(**{**CLOSED, **now})
    followed = [("ops", over.fingerprint, 1)]
    assert planned([over], filtered, followed=followed) == [(["1"], False)]
    assert planned([over], filtered, followed=[("ops", over.fingerprint, 2)]) == []
    assert planned([over], filtered, followed=[("other", over.fingerprint, 1)]) == []
    assert planned([over], policy(channel(states=("opened",))), followed=followed) == []


def test_who_asks_for_what_closed_alone_is_sent_it():
    assert planned([alert(**CLOSED)], policy(channel(states=("closed",)))) == [(["1"], False)]
    mild = policy(channel(states=("closed",), min_severity="critical"))
    assert planned([alert(**CLOSED)], mild) == []


def test_no_alert_is_sent_twice():
    one, two = alert("1"), alert("2")
    assert planned([one, two], sent=[("ops", one.alert_id)]) == [(["2"], False)]
    assert planned([one, two], sent=[("other", one.alert_id)]) == [(["1"], False), (["2"], False)]


# Together or one by one ---------------------------------------------------------------------------


def test_alerts_go_one_by_one_or_by_owner_and_shop_or_all_at_once():
    some = [alert("1"), alert("2", owner="logistics"), alert("3"), alert("4", shop=None)]
    single = [(["1"], False), (["2"], False), (["3"], False), (["4"], False)]
    assert planned(some) == single
    assert planned(some, one_by_one=()) == [(["1", "3"], False), (["2"], False), (["4"], False)]
    together = [(["1", "2", "3", "4"], False)]
    assert planned(some, policy(channel(), digest=True)) == together
    assert planned(some, baseline=True) == together
    assert planned([]) == planned([], baseline=True) == []


@pytest.mark.parametrize(("number", "messages"), [(MOST_SINGLE, MOST_SINGLE), (MOST_SINGLE + 1, 1)])
def test_a_flood_is_one_digest(number, messages):
    assert len(planned([alert(str(n)) for n in range(number)])) == messages


@pytest.mark.parametrize(("number", "messages"), [(MOST_GROUPS, MOST_GROUPS), (MOST_GROUPS + 1, 1)])
def test_a_chat_is_not_sent_a_message_for_each_of_many_shops(number, messages):
    some = [alert(str(n), shop=str(n)) for n in range(number)]
    assert len(planned(some, one_by_one=())) == messages


@pytest.mark.parametrize(
    ("quiet", "clock", "is_held_back"),
    [
        ("22:00-08:00", "21:59:59", False),
        ("22:00-08:00", "22:00:00", True),
        ("22:00-08:00", "23:59:59", True),
        ("22:00-08:00", "00:00:00", True),
        ("22:00-08:00", "07:59:59", True),
        ("22:00-08:00", "08:00:00", False),
        ("12:00-13:30", "11:59:59", False),
        ("12:00-13:30", "12:00:00", True),
        ("12:00-13:30", "13:30:00", False),
        ("00:00-06:00", "00:00:00", True),
        (None, "03:00:00", False),
    ],
)
def test_quiet_hours_hold_back(quiet, clock, is_held_back):
    as_of = datetime.combine(NOON.date(), time.fromisoformat(clock))
    assert policy(quiet=quiet).holds_back(as_of) is is_held_back


def test_what_is_held_back_is_one_digest_however_many_nights_add_to_it():
    quiet = policy(quiet="22:00-08:00")
    first = list(_of(quiet, [alert("1"), alert("2")], {}))
    assert [(len(one.alerts), one.held) for one in first] == [(2, True)]
    held = {"ops": first[0].delivery_id}
    (second,) = _of(quiet, [alert("3")], held)
    assert second.delivery_id == first[0].delivery_id


def _of(chosen, alerts, held):
    return deliveries(
        chosen,
        alerts,
        run="7",
        as_of=NIGHT,
        baseline=False,
        followed=(),
        sent=(),
        held=held,
        one_by_one=(),
    )


# Words --------------------------------------------------------------------------------------------


def _shown(alerts, most=10**6, lang="zh", **fields):
    def fits(one):
        return len(f"{one.title}\n{one.body}".encode()) <= most

    counts = counted(alerts, 12)
    return message(alerts, counts, delivery_id="d" * 32, lang=lang, fits=fits, **fields)


def test_a_message_lists_changes_by_owner_and_shop_and_counts_the_rest():
    some = [
        alert("1", severity="low"),
        alert("2", severity="critical"),
        alert("3", owner=None, shop=None),
    ]
    some += [alert("4", **CLOSED), alert("5", state="worsened")]
    zh, en = _shown(some), _shown(some, lang="en")
    assert zh.title == "合规风险：新增 3 · 恶化 1 · 结束 1 · 仍未结 12"
    assert en.title == "Compliance risk: 3 new · 1 worse · 1 closed · 12 open in all"
    lines = zh.body.splitlines()
    assert lines[0] == "【仓库 · 一号店】"
    assert lines[1] == "🔴 订单 2 超时"
    assert "【其他 · 店铺】" in lines
    assert "✅ 已解决：订单 4 超时" in lines
    assert "🔺 恶化：订单 5 超时" in lines
    assert lines[-1] == f"编号 {'d' * 32}"


@pytest.mark.parametrize(("number", "listed"), [(19, 19), (20, 20), (21, 20), (500, 20)])
def test_a_message_lists_twenty_items_at_most(number, listed):
    body = _shown([alert(str(n)) for n in range(number)]).body
    assert body.count("🔴") == listed == min(number, MOST_ITEMS)
    assert (f"另有 {number - listed} 件" in body) is (number > listed)


@pytest.mark.parametrize("most", [300, 2048, 4096])
@pytest.mark.parametrize("sign", ["长", "w", "😀", "\\", '"'])
def test_a_message_keeps_the_size_of_its_channel(most, sign):
    long = Text(zh=sign * 5000, en=sign * 5000)
    some = [alert(str(n), text=long, shop=sign * 300) for n in range(30)]
    shown = _shown(some, most)
    assert len(f"{shown.title}\n{shown.body}".encode()) <= most
    assert "编号" in shown.body


def test_what_a_chat_would_obey_is_shown():
    hostile = Text(
        zh='<at user_id="all">@all</at> `x` [a](http://b) **c**\x1b[2J\n@everyone', en="x"
    )
    body = _shown([alert(text=hostile, shop="<!channel>")]).body
    assert not set("<>@`[]*\x1b") & set(body)
    assert len(body.splitlines()) == 3


def test_a_message_that_may_come_twice_says_so():
    assert "可能已发过一次" in _shown([alert()], again=True).body
    assert "可能已发过一次" not in _shown([alert()]).body


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("wecombot", "长" * 682, True),
        ("wecombot", "长" * 683, False),
        ("dingtalk", "长" * 3131, True),
        ("dingtalk", "长" * 3134, False),
        ("feishu", "长" * 6332, True),
        ("feishu", "长" * 6333, False),
    ],
)
def test_the_size_of_a_service_is_in_bytes(name, text, fits):
    from merchantwatch.notify.messages import Message

    assert services()[name].takes(Message("", text), 32_000) is fits
    assert not Service().takes(Message("", text), 2000)


@pytest.mark.parametrize(
    ("address", "of_one"),
    [
        ("https://oapi.dingtalk.com/robot/send?access_token=x", True),
        ("https://QYAPI.weixin.qq.com/cgi-bin/webhook/send?key=x", True),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/x", True),
        ("https://example.com/oapi.dingtalk.com", False),
        ("http://[", False),
    ],
)
def test_the_own_address_of_a_chat_is_no_plain_webhook(address, of_one):
    assert is_of_a_service(address) is of_one


def test_a_webhook_is_sent_what_the_contract_says():
    some = [
        alert(due_at=NOON, key="9"),
        alert("2", shop=None, kind="task", code="ship", owner=None),
    ]
    body = payload(some, counted(some, 12), delivery_id="d", run="7", attempt=2, lang="en")
    assert list(body) == ["schema", "delivery_id", "attempt", "run", "alerts", "counts"]
    assert body["schema"] == "merchantwatch.alert/1"
    assert (body["attempt"], body["run"]) == (2, "7")
    assert body["counts"] == {"opened": 2, "worsened": 0, "closed": 0, "open": 12}
    first, second = body["alerts"]
    assert first.pop("alert_id") == some[0].alert_id
    assert first.pop("fingerprint") == some[0].fingerprint
    assert first == {
        "episode": 1, "state": "opened", "status": "new", "reason": None, "kind": "finding",
        "code": "DY104", "platform": "douyin", "shop": "一号店", "scope": "line", "key": "9",
        "severity": "high", "due_at": "2026-11-21T12:00:00", "owner": "warehouse",
        "text": "order 9 is late",
    }  # fmt: skip
    assert (second["kind"], second["shop"], second["due_at"]) == ("task", None, None)


@pytest.mark.parametrize("reason", ["resolved", "gone", "suppressed", "deselected", "not-in-force"])
def test_what_closed_says_why(reason):
    over = alert(state="closed", status="gone", reason=reason)
    assert over.text.zh.endswith("：订单 1 超时")
    assert over.text.en.endswith(": order 1 is late")
    assert over.reason == reason


def test_what_is_open_counts_once():
    of_a_task = Change(item("2", has_task=True), 1, "new")
    over = Change(item("3"), 1, "resolved", reason="resolved")
    assert open_items([raised("1"), of_a_task, over]) == 1


# Settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ('[[notify.channels]]\nname = "a"\nurl = "https://h/SECRET"', "env:NAME"),
        ('[[notify.channels]]\nname = "a"\nurl = "dingtalk://SECRET"', "env:NAME"),
        ('[[notify.channels]]\nname = "a"\nurl = "env:SECRET/x"', "env:NAME"),
        ('[[notify.channels]]\nname = "a"\nurl = "env:"', "env:NAME"),
        ('[[notify.channels]]\nname = "a"\nurl = "http://127.0.0.1/SECRET"', "env:NAME"),
        ('[[notify.channels]]\nname = ""\nurl = "env:A"', "name"),
        ('[[notify.channels]]\nname = "a"\nurl = "env:A"\n' * 2, "two channels"),
        ('[[notify.channels]]\nname = "a"\nurl = "env:A"\nstates = ["new"]', "states"),
        ('[[notify.channels]]\nname = "a"\nurl = "env:A"\nmin_severity = "bad"', "min_severity"),
        ('[notify]\nquiet = "22-8"', "22:00-08:00"),
        ('[notify]\nquiet = "22:00-22:00"', "22:00-08:00"),
        ('[notify]\nquiet = "24:00-08:00"', "22:00-08:00"),
        ("[notify]\nloud = true", "loud"),
    ],
)
def test_settings_that_mean_nothing_are_one_line_without_a_secret(toml, expected, tmp_path):
    path = tmp_path / "merchantwatch.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read(path)
    for line in (caught.value.en, caught.value.zh):
        assert expected in line
        assert "SECRET" not in line
        assert "\n" not in line


def test_an_unknown_owner_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="warehouse"):
        policy(channel(owners=("warehuose",)))


def test_an_address_comes_from_the_environment_alone():
    (ops,) = policy().channels
    assert ops.address({"MW_OPS_URL": " http://h/x\n"}) == "http://h/x"
    for environment in ({}, {"MW_OPS_URL": " "}):
        with pytest.raises(OutputError, match="MW_OPS_URL is not set"):
            ops.address(environment)


def test_no_channel_is_no_channel():
    assert Policy().channel("ops") is None
    assert planned([alert()], Policy()) == []
    assert isinstance(alert(), Alert)
    assert NIGHT - timedelta(hours=1) > NOON
