"""Clients that break HTTP, are slow, many, or huge: each is answered, and the rest go on."""

import contextlib
import json
import resource
import socket
import time

from daemon_process import DEADLINE_SECONDS, FreshetTest, main, wait_until
from http_client import event
from raw_http import RawConnection, request_bytes


class BadHttpTest(FreshetTest):
    settings = {}

    def setUp(self):
        super().setUp()
        self.daemon = self.start_daemon(settings=self.settings)
        self.client = self.connect(self.daemon)
        self.assertEqual(self.client.put_events("ann", "s", event("tent")).status, 200)
        self.learned = 1

    def tearDown(self):
        """Whatever a test did, the daemon answers, learns, and has learned no more than it says."""
        with self.daemon.client() as client:
            self.assertEqual(client.recommend("popularity-count"), ["tent"])
            self.assertEqual(client.put_events("bob", "s2", event("tent")).status, 200)
        state = self.stop_and_dump(self.daemon)
        self.assertRegex(state, rf"(?m)^clock \d+ events {self.learned + 1}$")
        self.assertEqual(state.count("\nitem "), 1, state)

    def raw(self):
        return RawConnection(self.daemon.port)


class MalformedTest(BadHttpTest):
    def test_malformed_requests_are_400_and_the_connection_ends(self):
        for text in (b"nonsense\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                     b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
                     b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                     b"POST /events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with self.subTest(text=text), self.raw() as connection:
                # TLS has no line end: give the parser one, as a real client's next bytes would.
                answer = connection.send(text + b"\r\n\r\n").read_answer()
                self.assertEqual(answer.status, 400)
                self.assertTrue(answer.message)
                self.assertTrue(connection.is_closed())

    def test_a_body_of_an_unknown_coding_is_not_taken_for_a_request(self):
        smuggled = request_bytes("DELETE", "/v1/users/ann")
        for coding in (b"xchunked", b"chunked, identity", b"gzip, chunked"):
            with self.subTest(coding=coding), self.raw() as connection:
                connection.send(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
                                b"Transfer-Encoding: " + coding + b"\r\n\r\n" + smuggled)
                self.assertEqual(connection.read_answer().status, 501)
                self.assertTrue(connection.is_closed())
        self.assertEqual(self.client.get("/v1/users/ann").status, 200)

    def test_a_web_page_of_another_site_reads_and_changes_nothing(self):
        body = json.dumps({"userId": "eve", "itemId": "evil", "eventType": "view"}).encode()
        foreign = {"Content-Type": "text/plain", "Origin": "https://evil.example",
                   "Sec-Fetch-Site": "cross-site"}
        self.assertEqual(self.client.post("/v1/events", body, foreign).status, 403)
        with self.raw() as connection:
            connection.send(b"GET /v1/users/ann HTTP/1.1\r\nHost: evil.example:7979\r\n\r\n")
            answer = connection.read_answer()
            self.assertEqual(answer.status, 421)
            self.assertIn("server.allowed_hosts", answer.message)

    def test_wrong_methods_are_refused_with_the_right_ones(self):
        for method, path in (("GET", "/events"), ("DELETE", "/recommendations"),
                             ("POST", "/healthz"), ("PATCH", "/v1/items/tent"),
                             ("PUT", "/v1/events"), ("BREW", "/metrics")):
            with self.subTest(method=method, path=path), self.raw() as connection:
                answer = connection.send(request_bytes(method, path)).read_answer()
                self.assertIn(answer.status, (400, 405) if method == "BREW" else (405,))
                if answer.status == 405:
                    self.assertTrue(answer.headers["allow"])
                self.assertTrue(answer.message)

    def test_unknown_paths_are_404_in_json(self):
        for path in ("/", "/v1", "/v1/nothing", "/recommendations/x", "/..%2f..%2fetc/passwd"):
            with self.subTest(path=path):
                answer = self.client.get(path)
                self.assertEqual(answer.status, 404, answer)
                self.assertTrue(answer.message)

    def test_broken_percent_encoding_is_400(self):
        for path in ("/v1/items/%zz", "/v1/items/%f", "/v1/recommendations?user=%"):
            with self.subTest(path=path):
                self.assertEqual(self.client.get(path).status, 400)

    def test_head_answers_like_get_without_a_body(self):
        whole = self.client.get("/healthz")
        with self.raw() as connection:
            connection.send(request_bytes("HEAD", "/healthz"))
            answer = connection.read_answer(head_only=True)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["content-length"], str(len(whole.body)))
            # The next answer follows at once: no body lay between.
            connection.send(request_bytes("GET", "/healthz"))
            self.assertEqual(connection.read_answer().body, whole.body)

    def test_expect_100_continue_is_answered_before_the_body(self):
        body = b'{"campaignArn":"popularity-count"}'
        head = request_bytes("POST", "/recommendations", body, Expect="100-continue")[:-len(body)]
        with self.raw() as connection:
            self.assertEqual(connection.send(head).read_answer().status, 100)
            self.assertEqual(connection.send(body).read_answer().status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        paths = ["/healthz", "/v1/nothing", "/v1/status", "/healthz"] * 50
        with self.raw() as connection:
            connection.send(b"".join(request_bytes("GET", path) for path in paths))
            statuses = [connection.read_answer().status for _ in paths]
        self.assertEqual(statuses, [404 if path == "/v1/nothing" else 200 for path in paths])

    def test_a_pipelined_put_is_applied_before_the_get_behind_it(self):
        body = json.dumps({"trackingId": "t", "userId": "ann", "sessionId": "s",
                           "eventList": [event("tent")]}).encode()
        ask = json.dumps({"campaignArn": "similar-items", "itemId": "x"}).encode()
        with self.raw() as connection:
            connection.send(request_bytes("POST", "/recommendations", ask) +
                            request_bytes("DELETE", "/v1/users/ann") +
                            request_bytes("GET", "/v1/users/ann") +
                            request_bytes("POST", "/events", body))
            statuses = [connection.read_answer().status for _ in range(4)]
        self.assertEqual((statuses[0], statuses[2], statuses[3]), (200, 404, 200))
        self.assertIn(statuses[1], (200, 204))
        self.learned += 1


class HugeTest(BadHttpTest):
    def test_a_body_of_100_megabytes_is_413(self):
        answer = self.client.post("/v1/events", b" " * 100_000_000)
        self.assertEqual(answer.status, 413)
        self.assertTrue(answer.message)

    def test_a_body_that_is_announced_too_large_is_413_before_it_is_sent(self):
        with self.raw() as connection:
            connection.send(b"POST /events HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
            self.assertEqual(connection.read_answer().status, 413)

    def test_a_chunked_body_that_grows_too_large_is_413(self):
        def chunks():
            for _ in range(100):
                yield b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        with self.raw() as connection:
            connection.send(b"POST /events HTTP/1.1\r\nHost: localhost\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                for chunk in chunks():
                    connection.send(chunk)
            self.assertEqual(connection.read_answer().status, 413)

    def test_headers_beyond_the_limit_are_431(self):
        answer = self.client.get("/healthz", {"X-Padding": "x" * 20_000})
        self.assertEqual(answer.status, 431)
        self.assertTrue(answer.message)
        many = {f"X-Padding-{number}": "x" for number in range(90)}
        self.assertEqual(self.client.get("/healthz", many).status, 200)

    def test_a_target_beyond_the_limit_is_431_or_414(self):
        self.assertIn(self.client.get("/v1/items/" + "x" * 20_000).status, (414, 431))


class SlowTest(BadHttpTest):
    settings = {"server.request_timeout_ms": 300, "server.idle_timeout_ms": 1000}

    def test_a_slow_request_is_408_and_does_not_hold_up_others(self):
        with self.raw() as slow:
            slow.send(b"POST /events HTTP/1.1\r\nHost: localhost\r\n")
            self.assertEqual(self.client.get("/healthz").status, 200)
            self.assertEqual(slow.read_answer().status, 408)
            self.assertTrue(slow.is_closed())

    def test_a_request_that_trickles_is_408_however_often_a_byte_comes(self):
        with self.raw() as slow:
            slow.socket.settimeout(0.02)
            head = b"POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
            slow.send(head)
            end = time.monotonic() + DEADLINE_SECONDS
            while b"\r\n\r\n" not in slow.buffer and time.monotonic() < end:
                with contextlib.suppress(OSError):
                    slow.send(b" ")
                with contextlib.suppress(TimeoutError):
                    slow.receive()
            self.assertEqual(slow.read_answer().status, 408)

    def test_an_idle_connection_is_closed(self):
        with self.raw() as idle:
            self.assertTrue(idle.is_closed())


class ManyConnectionsTest(BadHttpTest):
    settings = {"server.maximum_connections": 20_000}

    def test_ten_thousand_connections_are_held_and_answered(self):
        wanted = 10_000
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        if hard < wanted + 500:
            wanted = hard - 500
            print(f"RLIMIT_NOFILE allows {hard} files: only {wanted} connections are tried")
        # The daemon inherits the limit it was started with: start it again with the raised one.
        self.daemon.terminate()
        self.daemon.start()
        with contextlib.ExitStack() as stack:
            connections = []
            for _ in range(wanted):
                connection = stack.enter_context(self.raw())
                connection.send(request_bytes("GET", "/healthz"))
                connections.append(connection)
            for connection in connections:
                self.assertEqual(connection.read_answer().status, 200)
            self.assertEqual(self.client.get("/healthz").status, 200)
            for connection in connections:
                connection.send(request_bytes("GET", "/v1/status"))
            for connection in connections:
                self.assertEqual(connection.read_answer().status, 200)


class TooManyConnectionsTest(BadHttpTest):
    settings = {"server.maximum_connections": 20}

    def test_a_connection_too_many_is_refused_with_503_and_room_comes_back(self):
        self.client.close()
        with contextlib.ExitStack() as stack:
            for _ in range(20):
                connection = stack.enter_context(self.raw())
                connection.send(request_bytes("GET", "/healthz"))
                self.assertEqual(connection.read_answer().status, 200)
            with self.raw() as refused:
                refused.send(request_bytes("GET", "/v1/status"))
                answer = refused.read_answer()
                self.assertEqual(answer.status, 503)
                self.assertTrue(answer.message)
                self.assertTrue(refused.is_closed())
            for path in ("/healthz", "/readyz", "/metrics"):
                with self.raw() as health:
                    health.send(request_bytes("GET", path))
                    self.assertEqual(health.read_answer().status, 200)

        def has_room():
            with self.daemon.client() as client:
                return client.get("/v1/status").status == 200
        wait_until(has_room, "room again after clients have left")


class FewDescriptorsTest(BadHttpTest):
    def make_daemon(self, *args, **options):
        daemon = super().make_daemon(*args, **options)
        command = daemon.command
        daemon.command = lambda: ["sh", "-c", 'ulimit -n 96; exec "$@"', "sh", *command()]
        return daemon

    def test_idle_clients_do_not_take_the_descriptors_of_the_journal(self):
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                stack.enter_context(self.raw())
            for _ in range(50):
                with self.daemon.client() as client:
                    self.assertEqual(client.put_events("ann", "s", event("tent")).status, 200)
                    self.learned += 1
            self.assertEqual(self.daemon.readiness(), 200)
            with self.daemon.client() as client:
                metrics = client.get("/metrics").body.decode()
            self.assertRegex(metrics, r"(?m)^freshet_descriptor_shortages_total [1-9]")
        self.assertEqual(self.daemon.log().count("file descriptors run short"), 1)


class AbandonedTest(BadHttpTest):
    def test_clients_that_leave_in_the_middle_do_no_harm(self):
        body = json.dumps({"campaignArn": "popularity-count"}).encode()
        whole = request_bytes("POST", "/recommendations", body)
        for size in range(0, len(whole), 7):
            with self.raw() as connection:
                connection.send(whole[:size])
        with self.raw() as connection:
            # Sends, does not read the answer, and resets the connection.
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.send(whole * 100)


if __name__ == "__main__":
    main()
