"""The console's door without a browser: cookies, other sites, sign-out, throttle, addresses, uploads."""

import re
import socket
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.web.conftest import PASSWORD, Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def here(site: Site) -> Iterator[httpx.Client]:
    """A caller as a browser on the console's own pages would be."""
    with httpx.Client(base_url=site.address, headers={"origin": site.address}, timeout=60) as client:
        yield client


def _sign_in(here: httpx.Client, login: str = "owner", password: str = PASSWORD, after: str = "/") -> httpx.Response:
    return here.post("/sign-in", data={"login": login, "password": password, "next": after})


def test_the_cookie_is_for_the_server_alone(here: httpx.Client) -> None:
    answer = _sign_in(here)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert here.get("/").status_code == 200


def test_nobody_sees_a_page_without_a_session(here: httpx.Client) -> None:
    for address in ("/", "/inbox?id=1", "/settings"):
        answer = here.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=/")
    here.cookies.set("zhanggui", "eyJsb2dpbiI6ICJvd25lciJ9.aaaa.bbbb")
    assert here.get("/").status_code == 303


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_another_site_cannot_post_here(site: Site, origin: str) -> None:
    with httpx.Client(base_url=site.address, headers={"origin": origin}, timeout=60) as forged:
        assert _sign_in(forged).status_code == 403
        for path in ("/sign-out", "/preferences", "/_nicegui/client/x/upload/1"):
            assert forged.post(path, data={"dark": "1"}).status_code == 403
    with httpx.Client(base_url=site.address, timeout=60) as nameless:
        assert _sign_in(nameless).status_code == 403


def test_another_site_cannot_open_a_socket_here(site: Site) -> None:
    address = site.address.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(InvalidStatus), connect(address, origin="https://evil.example"):  # type: ignore[arg-type]
        pass


def test_signing_out_makes_every_copy_of_the_cookie_worthless(site: Site, here: httpx.Client) -> None:
    _sign_in(here)
    stolen = dict(here.cookies)
    assert here.post("/sign-out").headers["location"] == "/login"
    with httpx.Client(base_url=site.address, cookies=stolen, timeout=60) as thief:
        assert thief.get("/").status_code == 303
    _sign_in(here)
    assert here.get("/").status_code == 200


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(here: httpx.Client, after: str) -> None:
    assert _sign_in(here, after=after).headers["location"] == "/"
    assert "evil" not in here.get("/login", params={"next": after}).text


def test_wrong_passwords_lock_the_login_and_tell_nothing(site: Site, here: httpx.Client) -> None:
    site.staff("forgetful", "viewer")
    known = _sign_in(here, "forgetful", "wrong password")
    unknown = _sign_in(here, "nobody-here", "wrong password")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    for _ in range(4):
        assert _sign_in(here, "forgetful", "wrong password").status_code == 401
    assert _sign_in(here, "forgetful").status_code == 401  # right, and too late


def test_pages_tell_the_browser_to_load_nothing_from_elsewhere(here: httpx.Client) -> None:
    login = here.get("/login")
    assert "script-src" not in login.headers["content-security-policy"]
    assert "default-src 'none'" in login.headers["content-security-policy"]
    assert "<script" not in login.text
    _sign_in(here)
    page = here.get("/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//[^\"]+", page.text) == []


def test_a_body_beyond_the_limit_is_refused(site: Site, here: httpx.Client) -> None:
    _sign_in(here)
    limit = site.app.settings.max_upload_mb << 20
    host, port = site.address.removeprefix("http://").split(":")
    lines = (
        "POST /preferences HTTP/1.1",
        f"Host: {host}:{port}",
        f"Origin: {site.address}",
        f"Content-Length: {limit * 2}",
    )
    head = "\r\n".join((*lines, "", ""))
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall(head.encode())
        assert b" 413 " in line.recv(200)


def test_the_api_stays_as_it_is(site: Site) -> None:
    assert httpx.get(f"{site.address}/healthz", timeout=60).json()["status"] == "ok"
    assert httpx.get(f"{site.address}/api/v1/products", timeout=60).status_code == 401
    made = httpx.post(f"{site.address}/api/v1/copy-jobs", json={"products": ["x"]}, timeout=60)
    assert made.status_code == 401  # a token, not an origin, is what the API asks for
