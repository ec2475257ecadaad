// RSABSSA-SHA384-PSS-Randomized by @cloudflare/blindrsa-ts: ENVIRONMENT as argument, one JSON request on stdin.
import { pathToFileURL } from "node:url"

const [environment] = process.argv.slice(2)
const { RSABSSA } = await import(
  pathToFileURL(`${environment}/node_modules/@cloudflare/blindrsa-ts/lib/src/index.js`)
)
const suite = RSABSSA.SHA384.PSS.Randomized()
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url"))
const text = (data) => Buffer.from(data).toString("base64url")
const key = (jwk, use) =>
  crypto.subtle.importKey("jwk", { ...jwk, alg: "PS384", ext: true }, { name: "RSA-PSS", hash: "SHA-384" }, true, [use])

const steps = {
  async blind({ jwk, message }) {
    const prepared = suite.prepare(bytes(message))
    const { blindedMsg, inv } = await suite.blind(await key(jwk, "verify"), prepared)
    return { prepared: text(prepared), blinded: text(blindedMsg), inverse: text(inv) }
  },
  async sign({ jwk, blinded }) {
    return { signature: text(await suite.blindSign(await key(jwk, "sign"), bytes(blinded))) }
  },
  async finalize({ jwk, prepared, signature, inverse }) {
    const made = await suite.finalize(await key(jwk, "verify"), bytes(prepared), bytes(signature), bytes(inverse))
    return { signature: text(made) }
  },
  async verify({ jwk, prepared, signature }) {
    return { valid: await suite.verify(await key(jwk, "verify"), bytes(signature), bytes(prepared)) }
  },
}

let input = ""
for await (const chunk of process.stdin) input += chunk
const { step, ...request } = JSON.parse(input)
process.stdout.write(`${JSON.stringify(await steps[step](request))}\n`)
