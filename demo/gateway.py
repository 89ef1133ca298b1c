"""Talking to the gateway as any vendor's program would: discovery, tokens, retries, pages, jobs, files."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote_plus, urljoin, urlsplit

import httpx

from demo.access import Credentials
from demo.errors import DemoError
from demo.problems import refusal

ATTEMPTS = 6
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 20.0
RENEW_BEFORE_SECONDS = 60.0
JOB_SECONDS = 600.0
PAGE_SIZE = 1_000
#: Answers that ask to be asked again; every write here may be repeated (PUT, or POST under an Idempotency-Key).
TRY_AGAIN = frozenset({408, 429, 502, 503, 504})
IN_PROGRESS = "idempotency.in_progress"
OnProgress = Callable[[int, int, str | None], None]


class Gateway:
    """The gateway, found through its discovery document.

    Args:
        address: where it is.
        transport: replaces the network, for tests.
        sleep: waits, replaced in tests.
    """

    def __init__(
        self,
        address: str,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        is_local = urlsplit(address).hostname in {"127.0.0.1", "::1", "localhost"}
        self.sleep = sleep
        self.http = httpx.Client(
            base_url=address,
            transport=transport,
            timeout=httpx.Timeout(120, connect=5),
            headers={"User-Agent": "demo-vendor/1.0", "Accept-Language": "zh-CN"},
            # A proxy of the environment knows nothing of this machine's own addresses.
            trust_env=not is_local,
        )
        self.discovery: dict[str, Any] = self.send("GET", "/api").json()
        self._bases = {entry["name"]: str(entry["base"]) for entry in self.discovery["services"]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()

    def address(self, name: str) -> str:
        """An address of the discovery document, absolute."""
        return urljoin(str(self.http.base_url), str(self.discovery[name]))

    def service(self, name: str) -> str:
        """Base address of a service."""
        if name not in self._bases:
            raise DemoError(f"网关没有服务 {name}。", f"The gateway has no service {name}.")
        return self._bases[name]

    def send(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Sends a request, again after a short wait when the network or the platform asks for it.

        Raises:
            RefusedError: the platform refused.
            DemoError: it could not be reached.
        """
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            is_last = attempt == ATTEMPTS
            try:
                answer = self.http.request(method, url, **options)
            except httpx.TransportError as error:
                if is_last:
                    raise _unreachable(method, url, error) from error
            else:
                if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
                    return answer
                if is_last or not _may_be_repeated(answer):
                    raise refusal(answer)
                wait = max(wait, retry_after(answer, default=0.0))
            self.sleep(min(wait, LONGEST_WAIT_SECONDS))
            wait *= 2
        raise AssertionError("the last attempt returns or raises")


class Session:
    """One principal at the gateway, with a token that is renewed before it expires. Threads may share it."""

    def __init__(self, gateway: Gateway, credentials: Credentials, *, scope: str | None = None) -> None:
        self.gateway = gateway
        self.credentials = credentials
        self.scope = scope
        self.granted = ""
        self._token = ""
        self._renew_at = float("-inf")
        self._lock = threading.Lock()

    def token(self, *, refused: str | None = None) -> str:
        """A token that is good for a while yet; another one than ``refused``."""
        with self._lock:
            if time.monotonic() >= self._renew_at or self._token == refused:
                self._renew()
            return self._token

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Sends a request as this principal; a POST carries an Idempotency-Key, equal in every repetition.

        Raises:
            RefusedError: the platform refused.
        """
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        token = self.token()
        try:
            return self.gateway.send(method, url, headers=sent | _bearer(token), **options)
        except DemoError as error:
            # Revoked, or the issuer's keys were rotated away: once more with a fresh one.
            if getattr(error, "status", None) != httpx.codes.UNAUTHORIZED:
                raise
        return self.gateway.send(method, url, headers=sent | _bearer(self.token(refused=token)), **options)

    def read(self, url: str, **parameters: Any) -> Any:
        """A JSON document."""
        return self.request("GET", url, params=parameters or None).json()

    def pages(self, url: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every item of a collection, page after page."""
        asked: dict[str, Any] = {"page_size": PAGE_SIZE} | parameters
        while True:
            page = self.read(url, **asked)
            yield from page["items"]
            if not page.get("next_cursor"):
                return
            asked["cursor"] = page["next_cursor"]

    def finished_job(self, accepted: httpx.Response, *, on_progress: OnProgress) -> dict[str, Any]:
        """Follows a job (202 and its Location) to its end.

        Raises:
            DemoError: it failed, was cancelled, or took too long.
        """
        location = urljoin(str(accepted.request.url), accepted.headers["Location"])
        deadline = time.monotonic() + JOB_SECONDS
        while time.monotonic() < deadline:
            answer = self.request("GET", location)
            job: dict[str, Any] = answer.json()
            progress = job["progress"]
            on_progress(progress["done"], progress["total"], progress["step"])
            if job["state"] == "succeeded":
                return job
            if job["state"] in ("failed", "cancelled"):
                raise _job_failed(job)
            self.gateway.sleep(min(retry_after(answer, default=1.0), LONGEST_WAIT_SECONDS))
        raise DemoError(
            f"任务 {location} 在 {JOB_SECONDS:.0f} 秒内没有结束。",
            f"The job {location} did not end within {JOB_SECONDS:.0f} s.",
        )

    def _renew(self) -> None:
        credentials, form = self.credentials, {"scope": self.scope} if self.scope else {}
        headers: dict[str, str] = {}
        auth: httpx.BasicAuth | None = None
        if credentials.is_person:
            form |= {"grant_type": "password", "username": credentials.name, "password": credentials.secret}
        else:
            form |= {"grant_type": "client_credentials"}
            auth = httpx.BasicAuth(quote_plus(credentials.name), quote_plus(credentials.secret))
        url = self.gateway.address("token_endpoint")
        answer = self.gateway.send("POST", url, data=form, headers=headers, auth=auth).json()
        self._token, self.granted = str(answer["access_token"]), str(answer.get("scope", ""))
        lifetime = float(answer["expires_in"])
        self._renew_at = time.monotonic() + max(lifetime - RENEW_BEFORE_SECONDS, lifetime / 2)


def retry_after(answer: httpx.Response, *, default: float) -> float:
    """Seconds the platform asks us to wait; ``default`` when it does not say, or says it as a date."""
    try:
        return float(answer.headers.get("Retry-After", default))
    except ValueError:
        return default


def _may_be_repeated(answer: httpx.Response) -> bool:
    return answer.status_code in TRY_AGAIN or (
        answer.status_code == httpx.codes.CONFLICT and refusal(answer).code == IN_PROGRESS
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _unreachable(method: str, url: str, error: httpx.TransportError) -> DemoError:
    return DemoError(
        f"{method} {url} 重试 {ATTEMPTS} 次仍失败（{type(error).__name__}: {error}）。",
        f"{method} {url} failed {ATTEMPTS} times ({type(error).__name__}).",
    )


def _job_failed(job: Mapping[str, Any]) -> DemoError:
    problem = job.get("problem") or {}
    return DemoError(
        f"任务 {job['kind']} 状态为 {job['state']}：{problem.get('title', '')} {problem.get('detail', '')}",
        f"The job {job['kind']} ended as {job['state']}.",
    )
