// The vendor's JavaScript client with its defaults: changes one management token in each of many stacks, again and again, all
// stacks at once. Run by the example `bulk` of cs-tokens; see docs/performance.md. Prints how many updates went well.
import contentstack from '@contentstack/management'

const { CS_HOST, CS_PORT, CS_AUTHTOKEN, CS_UPDATES, CS_JOBS } = process.env
const client = contentstack.client({ host: CS_HOST, port: Number(CS_PORT), insecure: true, authtoken: CS_AUTHTOKEN })

let done = 0
let failed = 0
await Promise.all(CS_JOBS.split('\n').map(async line => {
  const [apiKey, uid] = line.split(' ')
  const stack = client.stack({ api_key: apiKey })
  const scope = [
    { module: 'entry', acl: { read: true } },
    { module: 'branch', branches: ['main'], acl: { read: true } }
  ]
  for (let round = 0; round < Number(CS_UPDATES); round += 1) {
    const token = stack.managementToken(uid)
    Object.assign(token, { name: 'bulk', description: `js ${round}`, scope })
    try {
      await token.update()
      done += 1
    } catch (error) {
      failed += 1
      if (failed <= 3) console.error(String(error.message).slice(0, 300).replaceAll(CS_AUTHTOKEN, '[redacted]'))
    }
  }
}))
console.error(`${failed} updates failed`)
console.log(done)
