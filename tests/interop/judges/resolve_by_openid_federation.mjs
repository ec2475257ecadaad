// Trust chains as @openid-federation/core finds them: SUBJECT ANCHOR in, one JSON line out.
import { createPublicKey, verify } from "node:crypto"
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

const [environment, subject, anchor] = process.argv.slice(2)
const require = createRequire(pathToFileURL(`${environment}/package.json`))
const { resolveTrustChains } = require("@openid-federation/core")

const verifyJwtCallback = async ({ jwt, jwk, header }) => {
  if (header.alg !== "ES256") return false
  const [head, payload, signature] = jwt.split(".")
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }
  return verify("sha256", Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, "base64url"))
}

const chains = await resolveTrustChains({ entityId: subject, trustAnchorEntityIds: [anchor], verifyJwtCallback })
const answer = chains.map((found) => ({
  valid: found.valid,
  anchor: found.trustAnchorEntityConfiguration.sub,
  chain: found.chain.map(({ iss, sub }) => [iss, sub]),
  metadata: found.resolvedLeafMetadata,
}))
process.stdout.write(`${JSON.stringify(answer)}\n`)
