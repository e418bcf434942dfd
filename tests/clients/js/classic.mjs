// The vendor's older JavaScript client for delivery as a black box: what is published is read with a delivery token; drafts,
// other environments and other branches are refused; drafts are previewed with a preview token.
import assert from 'node:assert/strict'
import classic from 'contentstack'
import { CS_API_KEY, CS_HOST, CS_PORT, CS_SCHEME, finish, logIn, step } from './served.mjs'

// What there is to read.
const { client } = await logIn()
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

const at = (config = {}) => {
  const made = classic.Stack({ api_key: CS_API_KEY, delivery_token: token.token, environment: 'production', ...config })
  made.setProtocol(CS_SCHEME)
  made.setHost(CS_HOST)
  made.setPort(CS_PORT)
  return made
}
const failing = async (run, status, code) => {
  const error = await run().then(() => null, error => error)
  assert.ok(error, 'the service did not refuse')
  assert.deepEqual([error.status, error.error_code], [status, code])
}
const site = at()
await step('entries that are published', async () => {
  const [entries, count] = await site.ContentType('page').Query().includeCount().ascending('title').toJSON().find()
  assert.deepEqual([entries.map(entry => entry.title), count], [['First', 'Second'], 2])
})
await step('a query', async () => {
  const [entries] = await site.ContentType('page').Query().where('title', 'First').toJSON().find()
  assert.deepEqual(entries.map(entry => entry.uid), [first])
  const [some] = await site.ContentType('page').Query().containedIn('title', ['First', 'Staged']).toJSON().find()
  assert.equal(some.length, 1)
  const [page] = await site.ContentType('page').Query().only(['title']).limit(1).skip(1).ascending('title').toJSON().find()
  assert.deepEqual(Object.keys(page[0]).sort(), ['title', 'uid'])
})
await step('one entry', async () => {
  assert.equal((await site.ContentType('page').Entry(first).toJSON().fetch()).title, 'First')
})
await step('content types', async () => {
  assert.deepEqual((await site.getContentTypes()).content_types.map(type => type.uid), ['page'])
})
await step('drafts, and what is published elsewhere, are not there', async () => {
  await failing(() => site.ContentType('page').Entry(draft).toJSON().fetch(), 422, 141)
  await failing(() => site.ContentType('page').Entry(staged).toJSON().fetch(), 422, 141)
})
await step('another environment is refused', () =>
  failing(() => at({ environment: 'staging' }).ContentType('page').Query().toJSON().find(), 401, 161))
await step('another branch is refused', () =>
  failing(() => at({ branch: 'development' }).ContentType('page').Query().toJSON().find(), 422, 901))
await step('another token is refused', () =>
  failing(() => at({ delivery_token: 'cs' + '0'.repeat(24) }).ContentType('page').Query().toJSON().find(), 401, 105))
await step('synchronization', async () => {
  const all = await site.sync({ init: true })
  assert.deepEqual(all.items.map(item => item.type), ['entry_published', 'entry_published'])
  await (await stack.contentType('page').entry(first).fetch()).unpublish({ publishDetails: { environments: ['production'], locales: ['en-us'] } })
  const news = await site.sync({ sync_token: all.sync_token })
  assert.deepEqual(news.items.map(item => [item.type, item.data.uid]), [['entry_unpublished', first]])
  await (await stack.contentType('page').entry(first).fetch()).publish({ publishDetails: { environments: ['production'], locales: ['en-us'] } })
})
await step('a preview shows a draft', async () => {
  const preview = at({ live_preview: { enable: true, preview_token: token.preview_token, host: `${CS_HOST}:${CS_PORT}` } })
  preview.livePreviewQuery({ live_preview: 'hash', content_type_uid: 'page', entry_uid: draft })
  assert.equal((await preview.ContentType('page').Entry(draft).toJSON().fetch()).title, 'Draft')
})
finish()
