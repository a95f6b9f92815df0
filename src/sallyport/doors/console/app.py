"""The console's addresses: who may open each, and what comes back.

Rules:
  1. A page or act has a right; whoever lacks it sees the name of the right and is recorded.
  2. An error is a page with what happened, what did not, and what to do; never a traceback.
  3. No token of an agent or a program opens anything here: the one cookie is a person's.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sallyport.doors.api.wire import STATUS
from sallyport.doors.api.wire import answer as json_answer
from sallyport.doors.console import headers, pages, shell, sign_in
from sallyport.doors.console.ceremonies import Ceremonies
from sallyport.doors.console.elsewhere import LOOK_S, Elsewhere
from sallyport.doors.console.live import LOOK_S as NEWS_S
from sallyport.doors.console.live import Live
from sallyport.doors.console.page import FOLDER, Glance, Page, Visit, make_ready, render
from sallyport.doors.console.words import say
from sallyport.doors.settings import Settings
from sallyport.errors import (
    BadInputError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    SallyportError,
    TooLargeError,
)
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules.roles import may
from sallyport.rules.strict_json import loads

log = logging.getLogger("sallyport.console")

COOKIE = "__Host-sallyport"
OIDC_COOKIE = "__Host-sallyport-oidc"
OIDC_S = 600
WORKER = "worker.js"
WAYS_IN = ("/enter/", "/oidc/")
FORM_BYTES_MAX = 1024 * 1024
PACKED_FROM = 1024
"""Answers of fewer bytes go out as they are."""
STATIC: Mapping[str, str] = {
    "console.css": "text/css",
    "console.js": "text/javascript",
    "inter.woff2": "font/woff2",
    "icon.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "devices.js": "text/javascript",
    "worker.js": "text/javascript",
    "manifest.webmanifest": "application/manifest+json",
}

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


def console_app(
    house: House, settings: Settings, *, elsewhere: Elsewhere | None = None
) -> Starlette:
    """Return what listens for people with a browser.

    Args:
        house: What it shows, and hands what people sign to.
        settings: As loaded.
        elsewhere: The way in by an identity provider; made here where the settings name one.
    """
    if elsewhere is None and settings.oidc_issuer:
        elsewhere = Elsewhere(house, settings)
    glance = Glance(house)
    news = Live(house, glance)
    house.background.repeat(news.look, NEWS_S)
    house.background.spawn(_ready(glance))
    console = _Console(house, settings, glance, news, elsewhere)
    if elsewhere is not None:
        house.background.repeat(elsewhere.look, LOOK_S)
    routes = [
        Route("/", console.home),
        Route("/enter/{code}", console.enter),
        Route("/sign-in", console.sign_in),
        Route("/sign-in/begin", console.begin, methods=["POST"]),
        Route("/sign-in/finish", console.finish, methods=["POST"]),
        Route("/recover", console.recover, methods=["POST"]),
        Route("/oidc/begin", console.oidc_begin),
        Route("/oidc/callback", console.oidc_callback),
        Route("/sign-out", console.sign_out, methods=["POST"]),
        Route("/static/{name}", console.static),
        Route("/live", console.live),
    ]
    for line in pages.PAGES:
        handler = console.page(line)
        routes += [Route(f"{line.path}.json", handler), Route(line.path, handler)]
    routes += [Route(line.path, console.file(line)) for line in pages.FILES]
    routes += [Route(line.path, console.act(line), methods=["POST"]) for line in pages.ACTS]
    routes.append(Route("/{rest:path}", console.nowhere))
    # Nobody learns a secret from a packed page's size: no foreign page can have one of ours sent.
    packed = Middleware(GZipMiddleware, minimum_size=PACKED_FROM, compresslevel=6)
    return Starlette(routes=routes, middleware=[packed])


async def _ready(glance: Glance) -> None:
    """Do beforehand what the first page would have to wait for."""
    await glance.waiting()
    await asyncio.to_thread(make_ready, "inbox")


@dataclass(frozen=True, slots=True)
class _Console:
    house: House
    settings: Settings
    glance: Glance
    news: Live
    elsewhere: Elsewhere | None = None
    ceremonies: Ceremonies = field(default_factory=Ceremonies)

    # --- Pages and acts. ---

    def page(self, line: pages.Line) -> Handler:
        """Return the handler of a page and of its twin."""

        async def handle(request: Request) -> Response:
            visit = self._visit(request)
            await self._admit(visit, line.right, _path(request))
            page = await line.show(visit)
            if _path(request).endswith(".json"):
                return self._with_headers(json_answer(page.view, page.status))
            return await self._html(visit, page)

        return self._guarded(handle)

    def file(self, line: pages.File) -> Handler:
        """Return the handler of a file to take along."""

        async def handle(request: Request) -> Response:
            visit = self._visit(request)
            await self._admit(visit, line.right, _path(request))
            found = await line.load(visit)
            response = self._with_headers(Response(found.text, media_type=found.media_type))
            response.headers["content-disposition"] = f'attachment; filename="{found.name}"'
            return response

        return self._guarded(handle)

    def act(self, line: pages.Act) -> Handler:
        """Return the handler of something that a person does."""

        async def handle(request: Request) -> Response:
            visit = self._visit(request, await _form(request))
            await self._admit(visit, line.right, _path(request))
            return self._with_headers(json_answer(await line.run(visit)))

        return self._guarded(handle)

    async def home(self, request: Request) -> Response:
        """Go to the inbox."""
        del request
        return self._with_headers(RedirectResponse("/inbox", 303))

    async def nowhere(self, request: Request) -> Response:
        """Answer for every address that there is not."""

        async def handle(request: Request) -> Response:
            self._visit(request)
            raise NotFoundError("there is no such page", fix="use the list on the left")

        return await self._guarded(handle)(request)

    async def static(self, request: Request) -> Response:
        """Serve a file of the console."""
        name = request.path_params["name"]
        path = FOLDER / "static" / name
        if name not in STATIC or not path.is_file():
            return Response(status_code=404)
        response = self._with_headers(FileResponse(path, media_type=STATIC[name]))
        response.headers["cache-control"] = "public, max-age=3600"
        if name == WORKER:
            response.headers["service-worker-allowed"] = "/"
        return response

    async def live(self, request: Request) -> Response:
        """Say, as a stream, when what waits or what is in force has changed."""

        async def handle(request: Request) -> Response:
            secret = request.cookies.get(COOKIE, "")
            self.house.sessions.look(secret)
            events = self.news.events(request, secret)
            return self._with_headers(StreamingResponse(events, media_type="text/event-stream"))

        return await self._guarded(handle)(request)

    # --- Signing in and out. ---

    async def enter(self, request: Request) -> Response:
        """Sign in by the link that `sallyport console` makes."""

        async def handle(request: Request) -> Response:
            secret = await self.house.sessions.enter(request.path_params["code"])
            session, _ = self.house.sessions.look(secret)
            to = "/people" if session.how == "enrolment" else "/inbox"
            response = self._with_headers(RedirectResponse(to, 303))
            _keep(response, secret)
            return response

        return await self._guarded(handle)(request)

    async def sign_in(self, request: Request) -> Response:
        """Show the ways in."""

        async def handle(request: Request) -> Response:
            return self._alone(200, problem=None, to=request.query_params.get("to", ""))

        return await self._guarded(handle)(request)

    async def begin(self, request: Request) -> Response:
        """Begin to sign in with a passkey."""

        async def handle(request: Request) -> Response:
            found = sign_in.begin(self.house, self.ceremonies, _site(request))
            return self._with_headers(json_answer(found))

        return await self._guarded(handle)(request)

    async def finish(self, request: Request) -> Response:
        """Sign in with a passkey."""

        async def handle(request: Request) -> Response:
            secret = await sign_in.finish(self.house, self.ceremonies, await _form(request))
            response = self._with_headers(json_answer({"to": "/inbox"}))
            _keep(response, secret)
            return response

        return await self._guarded(handle)(request)

    async def recover(self, request: Request) -> Response:
        """Sign in with a recovery code."""

        async def handle(request: Request) -> Response:
            code = (await _form(request)).get("code")
            secret = await self.house.regain.use_code(code if isinstance(code, str) else "")
            response = self._with_headers(json_answer({"to": "/people"}))
            _keep(response, secret)
            return response

        return await self._guarded(handle)(request)

    async def oidc_begin(self, request: Request) -> Response:
        """Send a browser to the identity provider."""

        async def handle(request: Request) -> Response:
            where = f"{_own_origin(request)}/oidc/callback"
            to = sign_in.onward(request.query_params.get("to", ""))
            url, browser = await self._elsewhere().begin(where, to)
            response = self._with_headers(RedirectResponse(url, 303))
            # Lax: the browser comes back from the provider's page, and must be known then.
            response.set_cookie(
                OIDC_COOKIE,
                browser,
                max_age=OIDC_S,
                path="/",
                secure=True,
                httponly=True,
                samesite="lax",
            )
            return response

        return await self._guarded(handle)(request)

    async def oidc_callback(self, request: Request) -> Response:
        """Sign in whom the identity provider stands for.

        The answer is a page and no redirection: a browser keeps a strict cookie from a chain of
        redirections that began on another site.
        """

        async def handle(request: Request) -> Response:
            browser = request.cookies.get(OIDC_COOKIE, "")
            secret, to = await self._elsewhere().finish(dict(request.query_params), browser)
            page = Response(render("onward", to=to, said="login.done"), media_type="text/html")
            _keep(page, secret)
            page.delete_cookie(OIDC_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
            return self._with_headers(page)

        return await self._guarded(handle)(request)

    def _elsewhere(self) -> Elsewhere:
        if self.elsewhere is None:
            raise NotFoundError("no identity provider is set up", fix="sign in with a passkey")
        return self.elsewhere

    async def sign_out(self, request: Request) -> Response:
        """End the session."""

        async def handle(request: Request) -> Response:
            await self.house.sessions.end(request.cookies.get(COOKIE, ""))
            response = self._with_headers(json_answer({"to": "/sign-in"}))
            response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
            return response

        return await self._guarded(handle)(request)

    # --- How. ---

    def _visit(self, request: Request, form: JsonObject | None = None) -> Visit:
        session, person = self.house.sessions.of(request.cookies.get(COOKIE, ""))
        return Visit(
            house=self.house,
            settings=self.settings,
            session=session,
            person=person,
            ceremonies=self.ceremonies,
            glance=self.glance,
            theme=_theme(request),
            rp=_site(request),
            path=request.path_params,
            query=dict(request.query_params),
            form=form or {},
        )

    async def _admit(self, visit: Visit, right: str, path: str) -> None:
        if may(visit.person.roles, right):
            return
        evidence = self.house.gateway.evidence
        draught = evidence.draught()
        body: JsonObject = {"person": visit.person.name, "right": right, "path": path[:200]}
        evidence.note(draught, "console.refused", body, index={"person": visit.person.name})
        await self.house.gateway.outside.store.append(draught.done())
        raise NotPermittedError(
            f"this needs the right `{right}`", fix="ask an administrator for a role that has it"
        )

    async def _html(self, visit: Visit, page: Page) -> Response:
        frame = await shell.around(visit, page.at)
        text = render(page.template, v=page.view, page=page, frame=frame)
        response = self._with_headers(Response(text, page.status, media_type="text/html"))
        if page.worker:
            response.headers["content-security-policy"] = headers.WITH_WORKER
        return response

    def _alone(self, status: int, problem: JsonObject | None, to: str = "") -> Response:
        text = render(
            "sign_in",
            problem=problem,
            to=sign_in.onward(to),
            oidc=self.settings.oidc_name if self.settings.oidc_issuer else "",
        )
        return self._with_headers(Response(text, status, media_type="text/html"))

    def _with_headers(self, response: Response) -> Response:
        for name, value in headers.HEADERS.items():
            response.headers[name] = value
        return response

    def _guarded(self, handle: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                headers.check(request, self.settings)
                return await handle(request)
            except SallyportError as error:
                return await self._refusal(request, error)
            except Exception as error:  # noqa: BLE001 (whatever it was, nobody gets a traceback)
                return await self._refusal(request, self._unforeseen(error))

        return guarded

    async def _refusal(self, request: Request, error: SallyportError) -> Response:
        status = next((number for kind, number in STATUS if isinstance(error, kind)), 500)
        said: JsonObject = dict[str, Json](error.as_dict())
        if request.method != "GET" or _path(request).endswith(".json"):
            return self._with_headers(json_answer({"error": said}, status))
        if isinstance(error, NotAuthenticatedError):
            if COOKIE not in request.cookies and not _path(request).startswith(WAYS_IN):
                return self._strange(request)
            return self._alone(status, problem=said, to=_whole_path(request))
        try:
            visit = self._visit(request)
        except SallyportError:
            return self._alone(status, problem=said)
        page = Page(template="error", title=error.what, at="", view={"error": said}, status=status)
        return await self._html(visit, page)

    def _strange(self, request: Request) -> Response:
        """Answer somebody who brings no session.

        Whoever follows a link on another site brings none even where they have one, because the
        cookie is strict: they go on from a page of ours, and bring it then.
        """
        to = sign_in.onward(_whole_path(request))
        if request.headers.get("sec-fetch-site") == "cross-site":
            return self._with_headers(
                Response(render("onward", to=to, said="login.onward"), media_type="text/html")
            )
        query = "" if to == sign_in.INBOX else f"?{urlencode({'to': to})}"
        return self._with_headers(RedirectResponse(f"/sign-in{query}", 303))

    def _unforeseen(self, error: Exception) -> SallyportError:
        error_id = self.house.gateway.outside.ids.new("e")
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames))
        log.error("internal error %s: %s at %s", error_id, type(error).__name__, where)
        return SallyportError(
            say("error.unknown", id=error_id), fix="look for that id in the gateway's own log"
        )


def _path(request: Request) -> str:
    """Return the path that was asked for, whatever else of the address can be read."""
    return str(request.scope["path"])


def _whole_path(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{_path(request)}?{query}" if query else _path(request)


def _site(request: Request) -> str:
    """Return the name that the browser knows this console by."""
    return headers.site(request.headers.get("host", ""))


def _theme(request: Request) -> str:
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def _own_origin(request: Request) -> str:
    """Return where this console is, as the browser sees it: over TLS, but on this machine."""
    scheme = "http" if _site(request) in headers.LOOPBACK else "https"
    return f"{scheme}://{request.headers['host']}"


def _keep(response: Response, secret: str) -> None:
    response.set_cookie(COOKIE, secret, path="/", secure=True, httponly=True, samesite="strict")


async def _form(request: Request) -> JsonObject:
    """Return the JSON object that a page sent."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > FORM_BYTES_MAX:
            raise TooLargeError(f"this has more than {FORM_BYTES_MAX} bytes")
    value = loads(bytes(data) or b"{}", bytes_max=FORM_BYTES_MAX, depth_max=64)
    if not isinstance(value, dict):
        raise BadInputError("the body is not a JSON object", fix="use the page's own buttons")
    return value
