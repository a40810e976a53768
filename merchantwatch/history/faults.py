"""Errors of the database as one clear line: what, where, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text


class HistoryError(OutputError):
    """A history could not be opened, read or written; the run itself is not affected."""


_REMEDIES = {
    "locked": Text(
        zh="其他程序正在写入，请待其结束后再试",
        en="another program is writing to it: try again when it has ended",
    ),
    "readonly": Text(
        zh="请检查该文件及所在文件夹的写权限",
        en="allow writing to it and to its folder",
    ),
    "unable to open": Text(
        zh="请检查该路径及所在文件夹的权限",
        en="check this path, and that its folder may be written to",
    ),
    "not a database": Text(
        zh="它不是历史记录或已损坏：请将其移走，下次运行会新建一份",
        en="it is no history, or is damaged: move it away, and the next run begins a new one",
    ),
    "malformed": Text(
        zh="它已损坏：请将其移走，下次运行会新建一份",
        en="it is damaged: move it away, and the next run begins a new one",
    ),
    "full": Text(zh="请腾出磁盘空间", en="make room on its disk"),
    "disk i/o": Text(zh="请检查磁盘", en="check its disk"),
    "connection": Text(
        zh="请检查服务器与 [history] url",
        en="check the server, and url under [history]",
    ),
    "permission denied": Text(
        zh="请检查权限：所在文件夹，或数据库用户",
        en="allow writing to it: to its folder, or to the user of the database",
    ),
}
"""The remedy for an error, by a part of the database's own message."""


@contextmanager
def in_words(shown: str) -> Iterator[None]:
    """Turn errors of the database into HistoryError; ``shown`` is its path or URL."""
    try:
        yield
    except SQLAlchemyError as error:
        # The first line of the driver: SQLAlchemy adds the statement, whose values are not for a
        # log.
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise unusable(shown, cause) from None
    except msgspec.DecodeError as error:
        raise unusable(shown, f"malformed: {error}") from None


def unusable(shown: str, cause: str) -> HistoryError:
    """Return the error of a history that cannot be used for this cause."""
    remedy = next((text for word, text in _REMEDIES.items() if word in cause.lower()), None)
    en = f"; {remedy.en}" if remedy else ""
    zh = f"；{remedy.zh}" if remedy else ""
    return HistoryError(
        f"{shown}: the history cannot be used ({cause}){en}",
        f"{shown}：无法使用历史记录（{cause}）{zh}",
    )


def newer(shown: str, schema: str, known: str) -> HistoryError:
    """Return the error of a history whose schema this program does not know yet."""
    return HistoryError(
        f"{shown}: this history was written by a newer merchantwatch (schema {schema}, this one "
        f"knows {known}); update merchantwatch, or use another history",
        f"{shown}：该历史由更新版本的 merchantwatch 写入（结构 {schema}，"
        f"本版本为 {known}）；请升级 merchantwatch，或换用另一历史",
    )
