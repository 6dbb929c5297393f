# SPDX-License-Identifier: GPL-3.0-or-later
"""
One headless Chromium for many pages, driven over its debugging pipe (the DevTools protocol: JSON, ended by NUL).

    browser = Chromium(program, directory, timeout)     starts when the first page is opened
    with browser.page(path, is_dark, height) as page:   a page, loaded
        page.run(script)                                the value of the script
        page.markup()                                   what the document is now
        page.picture()                                  its window, as PNG
    browser.close()

An error in a script of the page fails, and so does a request for anything but the page.
"""

import base64
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"]
WIDTH = 900


class Page:
    """A page that is open; see above."""

    def __init__(self, browser, session):
        self._browser, self._session = browser, session

    def ask(self, method, **values):
        """A command of the protocol, about this page."""
        return self._browser.ask(method, self._session, **values)

    def load(self, url):
        loader = self.ask("Page.navigate", url=url)["loaderId"]
        self._browser.until("Page.lifecycleEvent", self._session, name="load", loaderId=loader)

    def run(self, script):
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def markup(self):
        return self.run("document.documentElement.outerHTML")

    def picture(self):
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png", optimizeForSpeed=True)["data"])

    def expect_clean(self, url):
        """No script of the page has failed, and nothing but the page was asked for."""
        for event in self._browser.told(self._session):
            values = event["params"]
            assert event["method"] != "Runtime.exceptionThrown", values
            if event["method"] == "Network.requestWillBeSent":
                assert values["request"]["url"] == url, values["request"]


class Chromium:
    """The browser; see above."""

    def __init__(self, program, directory, timeout):
        self._program, self._directory, self._timeout = program, directory, timeout
        self._process = self._reader = self._writer = self._tab = None
        self._number, self._data, self._events = 0, b"", []

    def _start(self):
        theirs_in, self._writer = os.pipe()
        self._reader, theirs_out = os.pipe()

        def hand_over():
            # It wants them as 3 and 4, which either may be at present.
            ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (theirs_in, theirs_out)]
            for number, fd in zip((3, 4), ends):
                os.dup2(fd, number)
        with open(os.path.join(self._directory, "said"), "wb") as said:
            self._process = subprocess.Popen(
                [self._program, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={self._directory}/profile"],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=hand_over, pass_fds=(3, 4),
                start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)

    def _read(self, end):
        """The next message."""
        while b"\0" not in self._data:
            ready, _, _ = select.select([self._reader], [], [], max(0, end - time.monotonic()))
            piece = os.read(self._reader, 1 << 20) if ready else b""
            if not piece:
                with open(os.path.join(self._directory, "said"), "rb") as said:
                    raise AssertionError(f"chromium {'has ended' if ready else 'does not answer'}: {said.read()!r}")
            self._data += piece
        message, _, self._data = self._data.partition(b"\0")
        return json.loads(message)

    def ask(self, method, session=None, **values):
        """A command, and its answer; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._writer, data):]
        end = time.monotonic() + self._timeout
        while (answer := self._read(end)).get("id") != self._number:
            if "method" in answer:
                self._events.append(answer)
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def told(self, session):
        """The events of a page so far."""
        return [event for event in self._events if event.get("sessionId") == session]

    def until(self, method, session, **values):
        """Wait for an event of a page that has these values."""
        end = time.monotonic() + self._timeout
        while not any(event["method"] == method and values.items() <= event["params"].items()
                      for event in self.told(session)):
            self._events.append(self._read(end))

    def _open(self):
        """The one tab, in which all pages are loaded: another would be another process."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._tab = Page(self, self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Network"):
            self._tab.ask(f"{domain}.enable")
        self._tab.ask("Page.setLifecycleEventsEnabled", enabled=True)

    @contextlib.contextmanager
    def page(self, path, is_dark=False, height=600):
        if self._process is None:
            self._start()
            self._open()
        page, url = self._tab, path.as_uri()
        page.ask("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False)
        page.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])
        self._events.clear()
        page.load(url)
        yield page
        page.expect_clean(url)

    def close(self):
        if self._process is None:
            return
        with contextlib.suppress(AssertionError, OSError, subprocess.TimeoutExpired):
            self.ask("Browser.close")
            self._process.wait(self._timeout)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._reader)
        os.close(self._writer)
        self._process = None
