"""This school's pseudonym in each epoch: made here, certified blindly, registered like any record.

asking -> credentialed -> registering -> registered, or missed. What would link the school to its pseudonym is sealed:
the key in the keyring, the blinding and the credential in `Participation.sealed`.
"""

import asyncio
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from federation.blindrsa import blind, finalize, prepare, public_key
from federation.epochs import Phase, build_issue_request, message_to_blind, verify_credential, verify_epoch_policy
from federation.errors import FederationError, untrusted_document
from federation.keys import decode_base64url, thumbprint
from federation.leaves import build_pseudonym, sign_leaf
from nic_node.errors import NotFound
from nic_node.i18n import N_
from nic_node.keyring.keys import create_key, load_private_jwk
from nic_node.keyring.purposes import KeyPurpose, generate_key
from nic_node.membership.documents import obtain_document
from nic_node.membership.keys import federation_private, signer
from nic_node.membership.local import LocalNode
from nic_node.mirror.epochs import EpochView, epochs_of, find_pseudonym
from nic_node.peerhttp.answers import PeerRefused
from nic_node.publishing.sealing import epoch_context, open_document, seal_document
from nic_node.publishing.states import EpochState
from nic_node.publishing.tables import Participation
from schemas.base64url import encode_base64url
from schemas.canonical import canonical_bytes
from schemas.code import Code
from schemas.document import InvalidDocument, load_document
from schemas.jwk import RSA_3072_BYTES
from schemas.leaf import CREDENTIAL_MESSAGE_MAX_BYTES, CREDENTIAL_PREFIX_BYTES
from schemas.limits import REQUEST_MAX_BYTES
from schemas.membership import BLIND_SIGN_ANSWER

LONGEST_PROBLEM: Final = 400
TERM_KEY_LOST: Final = N_(
    "The key of this term’s pseudonym is lost, so nothing new can be signed with it. What is approved waits for the"
    " next term, when your school gets a new one."
)
FOR_GOOD: Final = frozenset({Code.ISSUED_ALREADY, Code.EPOCH_VOID})
"""The network says that there is nothing to be had. Whatever else comes back may be another answer the next time: its
clock may be behind ours, a proxy may stand in its place, its member list may be a moment old."""


async def take_part(node: LocalNode, network: str, *, may_write: bool) -> None:
    """Bring this school's part in every epoch of a network as far as it goes now."""
    now = node.clock()
    async with node.database.reading() as session:
        views = await epochs_of(session, network)
        parts = {part.epoch: part for part in await parts_of(session, network)}
    for view in views:
        part = parts.get(view.number)
        match view.phase(now):
            case Phase.ISSUING if may_write and view.is_final:
                if part is None:
                    part = await _begin(node, view)
                if part is not None and part.state == EpochState.ASKING:
                    await _ask(node, view)
            case Phase.REGISTERING if may_write and part is not None and part.state == EpochState.ASKING:
                # An answer that was given is given again: only we did not get it before issuing closed.
                await _ask(node, view)
            case Phase.OPEN | Phase.CLOSED | Phase.VOID | Phase.REGISTERING:
                if part is not None:
                    await _settle(node, view)


async def parts_of(session: AsyncSession, network: str | None = None) -> list[Participation]:
    chosen = select(Participation).order_by(Participation.network, Participation.epoch)
    return list(await session.scalars(chosen if network is None else chosen.where(Participation.network == network)))


async def part_in(session: AsyncSession, network: str, epoch: int) -> Participation | None:
    """This school's row in an epoch, locked."""
    found: Participation | None = await session.scalar(
        select(Participation).where(Participation.network == network, Participation.epoch == epoch).with_for_update()
    )
    return found


async def _begin(node: LocalNode, view: EpochView) -> Participation | None:
    """Check the epoch, draw a pseudonym, blind its name; nothing is sent before this is kept."""
    try:
        policy = await obtain_document(node, view.network, view.epoch.policy_sha256)
        verify_epoch_policy(view.epoch, policy)
    except FederationError:
        return None
    private = await generate_key(KeyPurpose.PSEUDONYM)
    jkt = thumbprint(private)
    message = message_to_blind(view.network, view.number, jkt)
    prepared = prepare(message, node.random_bytes(CREDENTIAL_PREFIX_BYTES))
    issuer = public_key(view.epoch.rsa_jwk)
    blinded = await asyncio.to_thread(blind, issuer, prepared, random=node.random_bytes)
    secrets = {
        "jkt": jkt,
        "prepared": encode_base64url(prepared),
        "blinded": encode_base64url(blinded.message),
        "inverse": encode_base64url(blinded.inverse),
    }
    now = node.clock()
    async with node.database.writing() as session:
        await create_key(
            session,
            operator_key=node.operator_key,
            entity_id=node.entity_id,
            purpose=KeyPurpose.PSEUDONYM,
            private_jwk=private,
            scope=f"{view.network}#{view.number}",
            now=now,
        )
        part = Participation(
            network=view.network, epoch=view.number, state=EpochState.ASKING, sealed=b"", updated_at=now
        )
        _keep(node, part, secrets)
        session.add(part)
    return part


async def _ask(node: LocalNode, view: EpochView) -> None:
    """Ask for the blind signature; the same request again gets the same answer."""
    async with node.database.reading() as session:
        part = await part_in(session, view.network, view.number)
        assert part is not None
        secrets = open_secrets(node, part)
        key = await federation_private(node, session)
        by = await signer(node, session)
    jws = build_issue_request(
        key,
        network=view.network,
        epoch=view.number,
        blinded_message=decode_base64url(secrets["blinded"], max_bytes=RSA_3072_BYTES),
    )
    try:
        answer = await node.client.post(
            f"{view.network}/v1/epochs/{view.number}/blind-sign",
            body=canonical_bytes({"jws": jws}),
            body_type="application/json",
            content_type="application/json",
            max_bytes=REQUEST_MAX_BYTES,
            signer=by,
        )
        credential = await asyncio.to_thread(_unblind, view, secrets, answer.body)
    except FederationError as error:
        for_good = FOR_GOOD if view.phase(node.clock()) is Phase.ISSUING else {*FOR_GOOD, Code.EPOCH_NOT_ISSUING}
        refused = isinstance(error, PeerRefused) and error.peer_code in for_good
        await _note(node, view, EpochState.MISSED if refused else EpochState.ASKING, error.detail)
        return
    await _note(node, view, EpochState.CREDENTIALED, "", {"jkt": secrets["jkt"], **credential})


def _unblind(view: EpochView, secrets: dict[str, Any], body: bytes) -> dict[str, str]:
    """The credential, checked as every peer will check it.

    Raises:
        Untrusted: the answer is not the network's signature of what was asked.
    """
    try:
        answer = load_document(BLIND_SIGN_ANSWER, body)
    except InvalidDocument as error:
        raise untrusted_document(error) from error
    prepared = decode_base64url(secrets["prepared"], max_bytes=CREDENTIAL_MESSAGE_MAX_BYTES)
    signature = finalize(
        public_key(view.epoch.rsa_jwk),
        prepared,
        decode_base64url(answer["blind_sig"], max_bytes=RSA_3072_BYTES),
        decode_base64url(secrets["inverse"], max_bytes=RSA_3072_BYTES),
    )
    credential = {"msg": secrets["prepared"], "sig": encode_base64url(signature)}
    verify_credential(
        credential, rsa_jwk=view.epoch.rsa_jwk, network=view.network, epoch=view.number, jkt=secrets["jkt"]
    )
    return credential


async def _settle(node: LocalNode, view: EpochView) -> None:
    """See whether the pseudonym stands in the log; after the term opened it never will."""
    async with node.database.writing() as session:
        part = await part_in(session, view.network, view.number)
        if part is None or part.state in {EpochState.REGISTERED, EpochState.MISSED}:
            return
        jkt = open_secrets(node, part)["jkt"]
        if await find_pseudonym(session, view.network, jkt) is not None:
            part.state, part.problem = EpochState.REGISTERED, ""
        elif view.phase(node.clock()) != Phase.REGISTERING:
            part.state = EpochState.MISSED
        part.updated_at = node.clock()


async def pseudonym_leaf(session: AsyncSession, node: LocalNode, part: Participation) -> bytes | None:
    """The leaf that registers this school's pseudonym; None where its key is lost, which the row then says."""
    secrets = open_secrets(node, part)
    try:
        private = await load_private_jwk(
            session, operator_key=node.operator_key, entity_id=node.entity_id, kid=secrets["jkt"]
        )
    except NotFound:
        part.problem = TERM_KEY_LOST
        return None
    payload = build_pseudonym(
        part.network,
        epoch=part.epoch,
        jwk=private,
        prepared_message=decode_base64url(secrets["msg"], max_bytes=CREDENTIAL_MESSAGE_MAX_BYTES),
        signature=decode_base64url(secrets["sig"], max_bytes=RSA_3072_BYTES),
    )
    return sign_leaf(payload, private)


def open_secrets(node: LocalNode, part: Participation) -> dict[str, Any]:
    """jkt of the pseudonym; while asking also prepared, blinded, inverse; afterwards the credential msg, sig."""
    return open_document(node.operator_key, part.sealed, context=epoch_context(part.network, part.epoch))


def _keep(node: LocalNode, part: Participation, secrets: dict[str, Any]) -> None:
    part.sealed = seal_document(node.operator_key, secrets, context=epoch_context(part.network, part.epoch))


async def _note(
    node: LocalNode, view: EpochView, state: EpochState, problem: str, secrets: dict[str, Any] | None = None
) -> None:
    async with node.database.writing() as session:
        part = await part_in(session, view.network, view.number)
        if part is None or part.state != EpochState.ASKING:
            return
        part.state, part.problem, part.updated_at = state, problem[:LONGEST_PROBLEM], node.clock()
        if secrets is not None:
            _keep(node, part, secrets)
