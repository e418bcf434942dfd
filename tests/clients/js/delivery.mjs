// The vendor's JavaScript clients for delivery as black boxes: what is published is read with a delivery token; drafts,
// other environments and other branches are refused; drafts are previewed with a preview token.
// Needs CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD. Prints one line for each step that held.
import assert from 'node:assert/strict'
import management from '@contentstack/management'
import delivery from '@contentstack/delivery-sdk'
import classic from 'contentstack'

const { CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD } = process.env
let steps = 0
const step = async (name, run) => {
  const result = await run()
  steps += 1
  console.log(`ok ${steps} ${name}`)
  return result
}

// What there is to read.
const client = management.client({ host: CS_HOST, port: Number(CS_PORT), insecure: true, retryLimit: 0, retryOnError: false })
await client.login({ email: CS_EMAIL, password: CS_PASSWORD })
const stack = client.stack({ api_key: CS_API_KEY })
const environment = { module: 'environment', environments: ['production'], acl: { read: true } }
const branch = { module: 'branch', branches: ['main'], acl: { read: true } }
const token = await stack.deliveryToken().create({ token: { name: 'js site', scope: [environment, branch] } }, { create_with_preview_token: true })
const schema = [{ uid: 'title', display_name: 'Title', data_type: 'text', mandatory: true, unique: true }]
await stack.contentType().create({ content_type: { title: 'Page', uid: 'page', schema } })
const make = async (title, environments) => {
  const entry = await stack.contentType('page').entry().create({ entry: { title, tags: [title.toLowerCase()] } })
  if (environments.length) await entry.publish({ publishDetails: { environments, locales: ['en-us'] } })
  return entry.uid
}
const first = await make('First', ['production'])
await make('Second', ['production'])
const staged = await make('Staged', ['staging'])
const draft = await make('Draft', [])

// `contentstack`, the classic one.
const at = (config = {}) => {
  const made = classic.Stack({ api_key: CS_API_KEY, delivery_token: token.token, environment: 'production', ...config })
  made.setProtocol('http')
  made.setHost(CS_HOST)
  made.setPort(Number(CS_PORT))
  return made
}
const failing = async (run, status, code) => {
  const error = await run().then(() => null, error => error)
  assert.ok(error, 'the service did not refuse')
  assert.deepEqual([error.status, error.error_code], [status, code])
}
const site = at()
await step('classic: entries that are published', async () => {
  const [entries, count] = await site.ContentType('page').Query().includeCount().ascending('title').toJSON().find()
  assert.deepEqual([entries.map(entry => entry.title), count], [['First', 'Second'], 2])
})
await step('classic: a query', async () => {
  const [entries] = await site.ContentType('page').Query().where('title', 'First').toJSON().find()
  assert.deepEqual(entries.map(entry => entry.uid), [first])
  const [some] = await site.ContentType('page').Query().containedIn('title', ['First', 'Staged']).toJSON().find()
  assert.equal(some.length, 1)
  const [page] = await site.ContentType('page').Query().only(['title']).limit(1).skip(1).ascending('title').toJSON().find()
  assert.deepEqual(Object.keys(page[0]).sort(), ['title', 'uid'])
})
await step('classic: one entry', async () => {
  assert.equal((await site.ContentType('page').Entry(first).toJSON().fetch()).title, 'First')
})
await step('classic: content types', async () => {
  assert.deepEqual((await site.getContentTypes()).content_types.map(type => type.uid), ['page'])
})
await step('classic: drafts, and what is published elsewhere, are not there', async () => {
  await failing(() => site.ContentType('page').Entry(draft).toJSON().fetch(), 422, 141)
  await failing(() => site.ContentType('page').Entry(staged).toJSON().fetch(), 422, 141)
})
await step('classic: another environment is refused', () =>
  failing(() => at({ environment: 'staging' }).ContentType('page').Query().toJSON().find(), 401, 161))
await step('classic: another branch is refused', () =>
  failing(() => at({ branch: 'development' }).ContentType('page').Query().toJSON().find(), 422, 901))
await step('classic: another token is refused', () =>
  failing(() => at({ delivery_token: 'cs' + '0'.repeat(24) }).ContentType('page').Query().toJSON().find(), 401, 105))
await step('classic: synchronization', async () => {
  const all = await site.sync({ init: true })
  assert.deepEqual(all.items.map(item => item.type), ['entry_published', 'entry_published'])
  await (await stack.contentType('page').entry(first).fetch()).unpublish({ publishDetails: { environments: ['production'], locales: ['en-us'] } })
  const news = await site.sync({ sync_token: all.sync_token })
  assert.deepEqual(news.items.map(item => [item.type, item.data.uid]), [['entry_unpublished', first]])
  await (await stack.contentType('page').entry(first).fetch()).publish({ publishDetails: { environments: ['production'], locales: ['en-us'] } })
})
await step('classic: a preview shows a draft', async () => {
  const preview = at({ live_preview: { enable: true, preview_token: token.preview_token, host: `${CS_HOST}:${CS_PORT}` } })
  preview.livePreviewQuery({ live_preview: 'hash', content_type_uid: 'page', entry_uid: draft })
  assert.equal((await preview.ContentType('page').Entry(draft).toJSON().fetch()).title, 'Draft')
})

// `@contentstack/delivery-sdk`, the typed one. It speaks https unless it is told where to go, and repeats a 401 until it has
// forgotten what it was.
const typed = (config = {}) => {
  const made = delivery.stack({ apiKey: CS_API_KEY, deliveryToken: token.token, environment: 'production', retryOnError: false, ...config })
  made.getClient().defaults.baseURL = `http://${CS_HOST}:${CS_PORT}/v3`
  return made
}
await step('typed: entries that are published', async () => {
  const found = await typed().contentType('page').entry().includeCount().find()
  assert.deepEqual([found.entries.map(entry => entry.title).sort(), found.count], [['First', 'Second'], 2])
  assert.equal((await typed().contentType('page').entry(first).fetch()).title, 'First')
})
await step('typed: drafts, other environments and other branches are refused', async () => {
  const refusals = [
    [() => typed().contentType('page').entry(draft).fetch(), 422, 141],
    [() => typed({ environment: 'staging' }).contentType('page').entry().find(), 401, 161],
    [() => typed({ branch: 'development' }).contentType('page').entry().find(), 422, 901]
  ]
  for (const [run, status, code] of refusals) {
    const error = await run().then(() => null, error => error)
    assert.ok(error, 'the service did not refuse')
    assert.deepEqual([error.status, error.error_code], [status, code], `${error.message}`)
  }
})

console.log(`${steps} passed, 0 failed`)
