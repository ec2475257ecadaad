"""A network that issues credentials and takes envelopes over real HTTP, and writes what they hold into its log."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from secrets import token_bytes

from aiohttp import web
from aiohttp.test_utils import TestServer

from federation import leaves
from federation.blindrsa import blind_sign, private_key
from federation.envelope import Submission, open_envelope
from federation.epochs import verify_issue_request
from federation.leaves import sign_leaf
from schemas.base64url import encode_base64url
from tests.fakes.network_log import epoch_keys
from tests.fakes.served_log import ServedLog


class IssuingNetwork(ServedLog):
    """An honest network of one process.

    Attributes:
        taken: every envelope that was sent, opened; None for a dummy.
        refuse_with: a status that every request between nodes gets instead of its answer.
        lose_answers: takes what is sent, then answers 503, as a network does that dies too soon.
        signers: the `keyid` of each signed request.
        relayed: which of its three relays carried each envelope that was taken.
        failing: relays that answer 502; dropping: those that take an envelope and keep it.
        retractions: leaves that came in the open.
        answer_openly: what stands in the place of its answer to these, and to who asks for a credential: a proxy's or
            its own refusal.
        incidents: (signed, record id) of what members told.
    """

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Submission | None] = []
        self.sizes: list[int] = []
        self.refuse_with: int | None = None
        self.lose_answers = False
        self.signers: list[str] = []
        self.relayed: list[str] = []
        self.failing: set[str] = set()
        self.dropping: set[str] = set()
        self.retractions: list[bytes] = []
        self.answer_openly: Callable[[], web.Response] | None = None
        self.signed_retractions = 0
        self.incidents: list[tuple[bool, str]] = []
        self.answers: dict[tuple[str, int], tuple[bytes, bytes]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["IssuingNetwork"]:
        application = web.Application()
        application.router.add_get("/net/north/log/1/{path:.*}", self._serve_log)
        application.router.add_get("/net/north/v1/documents/{sha256}", self._serve_document)
        application.router.add_post("/net/north/v1/epochs/{epoch}/blind-sign", self._issue)
        application.router.add_post("/net/north/v1/submissions", self._take)
        application.router.add_post("/{relay:relay-[123]}/v1/relay", self._relay)
        application.router.add_post("/net/north/v1/retractions", self._take_retraction)
        application.router.add_post("/net/north/v1/incidents", self._take_incident)
        self._server = TestServer(application)
        await self._server.start_server()
        try:
            yield self
        finally:
            await self._server.close()

    async def _issue(self, request: web.Request) -> web.Response:
        self.signers.append(request.headers["Signature-Input"])
        if self.refuse_with:
            return web.Response(status=self.refuse_with)
        if self.answer_openly is not None:
            return self.answer_openly()
        epoch = int(request.match_info["epoch"])
        jws = (await request.json())["jws"]
        asked = verify_issue_request(jws)
        known = self.answers.get((asked.jkt, epoch))
        if known is None:
            rsa, _ = epoch_keys(epoch)
            signed = blind_sign(private_key(rsa), asked.blinded_message, random=token_bytes)
            known = (asked.blinded_message, signed)
            self.answers[asked.jkt, epoch] = known
            self.log.append(self.log.by_network(leaves.build_issued(self.network, jws=jws)))
        if known[0] != asked.blinded_message:
            return web.Response(status=409)
        if self.lose_answers:
            return web.Response(status=503)
        return web.json_response({"epoch": epoch, "blind_sig": encode_base64url(known[1])})

    async def _take(self, request: web.Request) -> web.Response:
        self.signers.append(request.headers["Signature-Input"])
        if self.refuse_with:
            return web.Response(status=self.refuse_with)
        body = await request.read()
        self.sizes.append(len(body))
        _, x25519 = epoch_keys(1)
        self.taken.append(open_envelope(x25519, body, origin=self.log.origin, epoch=1))
        return web.Response(status=503 if self.lose_answers else 202)

    @property
    def relays(self) -> list[str]:
        """Entity ids of three more members, whose nodes carry envelopes."""
        return [str(self._server.make_url(f"/relay-{number}")) for number in (1, 2, 3)]

    async def _relay(self, request: web.Request) -> web.Response:
        if request.match_info["relay"] in self.failing:
            return web.Response(status=502)
        assert request.query["network"] == self.network
        self.relayed.append(request.match_info["relay"])
        if request.match_info["relay"] in self.dropping:
            return web.Response(status=202)
        return await self._take(request)

    async def _take_retraction(self, request: web.Request) -> web.Response:
        self.signed_retractions += "Signature" in request.headers
        if self.refuse_with:
            return web.Response(status=self.refuse_with)
        if self.answer_openly is not None:
            return self.answer_openly()
        self.retractions.append((await request.json())["leaf"].encode())
        return web.Response(status=202)

    async def _take_incident(self, request: web.Request) -> web.Response:
        if self.refuse_with:
            return web.Response(status=self.refuse_with)
        if self.answer_openly is not None:
            return self.answer_openly()
        self.incidents.append(("Signature" in request.headers, (await request.json())["record"]))
        return web.Response(status=202)

    def sequence(self) -> None:
        """Write what was taken since the last time, as a sequencer does at a slot's end: a second copy is dropped."""
        for leaf in self.retractions:
            if leaf not in self.log.entries:
                self.log.append(leaf)
        for submission in self.taken:
            if submission is not None and submission.leaf not in self.log.entries:
                index = self.log.append(submission.leaf)
                if submission.blob:
                    self.log.blobs[index] = submission.blob

    def admit(self, entity: str, jkt: str) -> None:
        payload = leaves.build_member(self.network, entity=entity, jkt=jkt, from_state="applied", to_state="approved")
        self.log.append(sign_leaf(payload, self.log.leaf_private))
