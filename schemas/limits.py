"""Wire version, and how large a document may be: bytes unless the name says otherwise, checked before parsing."""

WIRE_VERSION = 1

LEAF_MAX_BYTES = 4 * 1024  # a leaf as it stands in the log: the compact JWS
BLOB_MAX_BYTES = 48 * 1024  # a blob's canonical bytes
ENVELOPE_BYTES = 64 * 1024  # every submission is exactly this long
ENTITY_STATEMENT_MAX_BYTES = 64 * 1024
TRUST_MARK_MAX_BYTES = 8 * 1024
APPLICATION_MAX_BYTES = 32 * 1024
INVITATION_MAX_BYTES = 4 * 1024
PUBLIC_DOCUMENT_MAX_BYTES = 256 * 1024  # policy, charter, lattice
REQUEST_MAX_BYTES = 64 * 1024  # the JSON body of a request between nodes
CHECKPOINT_MAX_BYTES = 16 * 1024  # a signed note with its cosignatures
JSON_MAX_DEPTH = 24  # arrays and objects inside each other

NUMBER_MAX = 2**53 - 1  # RFC 7493 section 2.2: up to here a double holds every integer exactly
