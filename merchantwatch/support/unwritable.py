"""Refuses texts that no path, name or report can hold: with a NUL, or bytes of no character."""

from collections.abc import Mapping

from merchantwatch.errors import UsageError
from merchantwatch.support.options import Flags


def refuse_nul(value: object, name: str) -> None:
    """Raise UsageError if a text holds a NUL, which no path, name or word can contain."""
    if isinstance(value, str) and "\0" in value:
        raise UsageError(f"{name}: it holds a NUL", f"{name}：含有 NUL 字符")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            refuse_nul(str(key), str(key))
            refuse_nul(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse_nul(inner, name)


def refuse_unwritable(flags: Flags, shop: str | None) -> None:
    """Refuse flags with NUL or bytes that are no text; ``shop`` is the environment's value."""
    refuse_nul(flags, "")
    try:
        f"{flags.get('shop')} {shop}".encode()
    except UnicodeEncodeError:
        raise UsageError(
            "--shop: the name holds bytes that are no UTF-8", "--shop：店铺名不是 UTF-8 文字"
        ) from None
