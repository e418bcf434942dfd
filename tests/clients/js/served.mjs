// What the scripts share: where the service is, and steps that are counted.
// Needs CS_SCHEME, CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD; some also CS_ADMIN_URL and
// CS_ADMIN_TOKEN. Prints one line for each step that held.
import assert from 'node:assert/strict'
import contentstack from '@contentstack/management'

export const { CS_ADMIN_TOKEN, CS_ADMIN_URL, CS_SCHEME, CS_HOST, CS_API_KEY, CS_EMAIL, CS_PASSWORD } = process.env
export const CS_PORT = Number(process.env.CS_PORT)
export const insecure = CS_SCHEME === 'http'

// A client of its own: headers of one are shared by all of its stacks. No retries: a refusal must show at once.
export const connect = (more = {}) => contentstack.client({
  host: CS_HOST, port: CS_PORT, insecure, retryLimit: 0, retryOnError: false, logHandler: () => {}, ...more
})

export const logIn = async (email = CS_EMAIL, password = CS_PASSWORD) => {
  const client = connect()
  const { user } = await client.login({ email, password })
  return { client, user }
}

let steps = 0
export const step = async (name, run) => {
  let result
  try {
    result = await run()
  } catch (error) {
    // Errors of the client hold the request with what is secret in it, so only this much is shown.
    const says = error instanceof assert.AssertionError ? error.message : `${error.name} ${error.status} ${error.errorCode ?? error.error_code} ${JSON.stringify(error.errors)}`
    const place = error.stack?.split('\n').find(line => line.includes('/clients/js/') && !line.includes('node_modules'))
    console.error(`not ok: ${name}: ${says}${place ?? ''}`)
    process.exit(1)
  }
  steps += 1
  console.log(`ok ${steps} ${name}`)
  return result
}

// A refusal with the status, the error code unless it is undefined, and a key in `errors` if one is named.
export const refused = (name, run, { status, code, key }) => step(`refused: ${name}`, async () => {
  const error = await run().then(() => null, error => error)
  assert.ok(error, 'the service did not refuse')
  const seen = `${error.status} ${error.errorCode} ${Object.keys(error.errors ?? {})}`
  assert.equal(error.status, status, seen)
  if (code !== undefined) assert.equal(error.errorCode, code, seen)
  if (key !== undefined) assert.ok(error.errors[key], seen)
})

export const uid = /^blt[0-9a-f]{16}$/

export const finish = () => console.log(`${steps} passed, 0 failed`)
