"""A plain webhook: one POST of JSON by the standard library."""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

from merchantwatch.notify.outcomes import (
    SECONDS_TO_ANSWER,
    Outcome,
    by_status,
    failed,
    unclear,
    within,
)

_SCHEMES = ("http", "https")
_LONGEST_WAIT = 30.0
_SAFE = "/%:@!$&'()*+,;=~-._"


def is_address(value: str) -> bool:
    """Say whether a value is a valid address of a plain webhook."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # no port, or no IPv6 address
        return False
    is_named = bool(host) and not any(map(str.isspace, host))
    return parts.scheme in _SCHEMES and is_named and port != 0


def post(address: str, body: Mapping[str, object], seconds: float = SECONDS_TO_ANSWER) -> Outcome:
    """Send one delivery and return its outcome, within the time limit in any case."""
    parts = urlsplit(address)
    request = Request(  # noqa: S310  is_address has looked at the scheme
        _plain(parts),
        data=msgspec.json.encode(body),
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": str(body["delivery_id"]),
            "User-Agent": "merchantwatch",
            **_authorization(parts),
        },
    )
    opener = _opener(parts.hostname or "")
    return within(seconds, lambda: _attempt(opener, request, seconds))


def _attempt(opener: OpenerDirector, request: Request, seconds: float) -> Outcome:
    """Make one attempt. No words of an exception are passed on: they may hold the address."""
    try:
        with opener.open(request, timeout=seconds) as answer:
            # The body is not read: it may be endless.
            return by_status(answer.status)
    except HTTPError as error:
        with error:
            return by_status(error.code, _wait(error.headers.get("Retry-After")))
    except URLError as error:
        return _unsent(error.reason)
    except UnicodeError:
        return failed("地址中的主机名无效", "the host of the address is no name")
    except (OSError, HTTPException):
        return unclear("连接在答复前中断", "the connection ended before an answer")


def _unsent(reason: object) -> Outcome:
    """Return the outcome of an error that urllib wraps: one while connecting or sending."""
    if isinstance(reason, ssl.SSLError):
        problem = getattr(reason, "verify_message", "") or "TLS"
        return failed(
            f"无法建立加密连接（{problem}）", f"no encrypted connection can be made ({problem})"
        )
    if isinstance(reason, TimeoutError):
        return failed("连接超时", "no connection in time")
    if isinstance(reason, ConnectionRefusedError):
        return failed("连接被拒绝", "the connection is refused")
    if isinstance(reason, BrokenPipeError | ConnectionResetError):
        return unclear("连接在发送时中断", "the connection ended while sending")
    return failed("无法连接（主机名或网络）", "no connection can be made (host or network)")


def _wait(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header, within bounds; dates are ignored."""
    with suppress(TypeError, ValueError):
        return min(max(float(value or ""), 0.0), _LONGEST_WAIT)
    return None


def _plain(parts: SplitResult) -> str:
    """Return the address without a name and password, which go into a header."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    place = f"{host}:{parts.port}" if parts.port else host
    path, query = quote(parts.path or "/", safe=_SAFE), quote(parts.query, safe=f"{_SAFE}?")
    return urlunsplit((parts.scheme, place, path, query, ""))


def _authorization(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


class _NoRedirects(HTTPRedirectHandler):
    """Returns redirects as answers, and does not follow them (``by_status`` says why)."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _opener(host: str) -> OpenerDirector:
    """Return an opener of addresses: through the environment's proxy, except on this machine."""
    proxy = [ProxyHandler({})] if _is_here(host) else []
    return build_opener(_NoRedirects, *proxy)


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
