"""A small signed-in HTTP client over the standard library, for tests and benchmarks against a running process."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar

from tests.support.app_process import ADMIN, PASSWORD

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; redirects are followed."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()


class Browser:
    """Keeps cookies; posts forms with their CSRF token."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, url: str, **headers: str) -> Answer:
        return self._open(urllib.request.Request(url, headers=headers))

    def post(self, url: str, fields: dict[str, str], **headers: str) -> Answer:
        """POST a form; the token comes from the cookie, as the page's own script takes it."""
        token = (
            next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "") or ""
        )
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        return self._open(
            urllib.request.Request(url, data=data, headers={"Referer": self.base_url, **headers})
        )

    def cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)

    def _open(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.read(), dict(refusal.headers))


def sign_in(base_url: str, username: str = ADMIN, password: str = PASSWORD) -> Browser:
    """Return a browser that has signed in; fails when the password is refused."""
    browser = Browser(base_url)
    token = _TOKEN.search(browser.get(f"{base_url}/sign-in/").text)
    assert token is not None, "the sign-in page has no form"
    fields = {"username": username, "password": password, "csrfmiddlewaretoken": token[1]}
    answer = browser.post(f"{base_url}/sign-in/", fields)
    assert answer.status == 200, answer.text
    assert any(cookie.name == "sessionid" for cookie in browser.cookies), "sign-in was refused"
    return browser
