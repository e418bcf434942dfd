// The vendor's JavaScript delivery SDK as a black box: what tokens of each kind may read, and what they may not.
import assert from 'node:assert/strict'
import deliverySdk from '@contentstack/delivery-sdk'
import { CS_API_KEY, CS_HOST, CS_PORT, finish, insecure, logIn, step } from './served.mjs'

const { client } = await step('log in', () => logIn())
const stack = client.stack({ api_key: CS_API_KEY })
const onDevelopment = client.stack({ api_key: CS_API_KEY, branch_uid: 'development' })

const contentType = {
  title: 'Page', uid: 'page',
  schema: [{ display_name: 'Title', uid: 'title', data_type: 'text', mandatory: true, unique: true }],
  options: { is_page: false, singleton: false, title: 'title', sub_title: [] }
}
const publish = (entry, environment) => entry.publish({ publishDetails: { environments: [environment], locales: ['en-us'] }, locale: 'en-us' })
const write = async (where, title) => {
  const made = await where.contentType('page').entry().create({ entry: { title } })
  return where.contentType('page').entry(made.uid)
}
const { live, staged, draft } = await step('write and publish entries', async () => {
  await stack.contentType().create({ content_type: contentType })
  await onDevelopment.contentType().create({ content_type: contentType })
  const live = await write(stack, 'live')
  const staged = await write(stack, 'staged')
  const draft = await write(stack, 'draft')
  const branched = await write(onDevelopment, 'branched')
  await publish(live, 'production')
  await publish(staged, 'staging')
  await publish(branched, 'production')
  return { live, staged, draft }
})
const token = (name, environment, branch, more) => stack.deliveryToken().create({
  token: {
    name,
    scope: [
      { module: 'environment', environments: [environment], acl: { read: true } },
      { module: 'branch', branches: [branch], acl: { read: true } }
    ]
  }
}, more)
const production = await step('create tokens', () => token('sdk production', 'production', 'main', { create_with_preview_token: true }))
const staging = await token('sdk staging', 'staging', 'main')
const development = await token('sdk development', 'production', 'development')

const reader = (deliveryToken, environment, more = {}) => deliverySdk.stack({
  apiKey: CS_API_KEY, deliveryToken, environment, host: CS_HOST, port: CS_PORT, insecure, retryOnError: false, logHandler: () => {}, ...more
})
const titles = async reader => (await reader.contentType('page').entry().find()).entries.map(entry => entry.title).sort()
const refused = (name, run, { status, code }) => step(`refused: ${name}`, async () => {
  const error = await run().then(() => null, error => error)
  assert.ok(error, 'the service did not refuse')
  const seen = `${error.status} ${error.error_code} ${error.error_message}`
  assert.equal(error.status, status, seen)
  if (code !== undefined) assert.equal(error.error_code, code, seen)
})

// What is published where
await step('read what is published to an environment', async () => {
  const sdk = reader(production.token, 'production')
  assert.deepEqual(await titles(sdk), ['live'])
  assert.equal((await sdk.contentType('page').entry(live.uid).fetch()).title, 'live')
  assert.deepEqual((await sdk.contentType().find()).content_types.map(type => type.uid), ['page'])
  assert.equal((await sdk.contentType('page').fetch()).uid, 'page')
})
await step('read what is published to another environment with its token', async () => {
  assert.deepEqual(await titles(reader(staging.token, 'staging')), ['staged'])
})
await step('read what is published on another branch with its token', async () => {
  assert.deepEqual(await titles(reader(development.token, 'production', { branch: 'development' })), ['branched'])
})
await step('see a change when it is published, not before', async () => {
  const sdk = reader(production.token, 'production')
  const entry = await live.fetch()
  entry.title = 'live, changed'
  await entry.update()
  assert.deepEqual(await titles(sdk), ['live'])
  await publish(live, 'production')
  assert.deepEqual(await titles(sdk), ['live, changed'])
})
await step('search', async () => {
  const sdk = reader(production.token, 'production')
  const find = title => sdk.contentType('page').entry().query().equalTo('title', title).find()
  assert.equal((await find('live, changed')).entries.length, 1)
  assert.equal((await find('draft')).entries.length, 0)
})
await step('synchronize', async () => {
  const found = await reader(production.token, 'production').sync()
  assert.ok(found.items.some(item => item.data.uid === live.uid))
  assert.ok(!found.items.some(item => item.data.uid === draft.uid))
  assert.ok(found.sync_token)
})

// What is not for the token
const sdk = reader(production.token, 'production')
await refused('a draft', () => sdk.contentType('page').entry(draft.uid).fetch(), { status: 422, code: 141 })
await refused('an entry of another environment', () => sdk.contentType('page').entry(staged.uid).fetch(), { status: 422, code: 141 })
await refused('another environment', () => titles(reader(production.token, 'staging')), { status: 401, code: 161 })
await refused('an environment that does not exist', () => titles(reader(production.token, 'nowhere')), { status: 401, code: 161 })
await refused('another branch', () => titles(reader(production.token, 'production', { branch: 'development' })), { status: 422, code: 901 })
await refused('a branch that does not exist', () => titles(reader(production.token, 'production', { branch: 'nothing' })), { status: 422, code: 900 })
await refused('a made up token', () => titles(reader('cs' + '0'.repeat(24), 'production')), { status: 401, code: 105 })
await refused('another stack', () => titles(reader(production.token, 'production', { apiKey: 'blt' + '0'.repeat(16) })), { status: 412, code: 109 })

// Drafts, with the preview token
const preview = token => {
  const sdk = reader(production.token, 'production', {
    live_preview: { enable: true, preview_token: token, host: `${CS_HOST}:${CS_PORT}` }
  })
  sdk.livePreviewQuery({ live_preview: 'a'.repeat(20), contentTypeUid: 'page', entryUid: draft.uid })
  return sdk
}
// The SDK always reads previews over https.
if (!insecure) {
  await step('read a draft with a preview token', async () => {
    assert.equal((await preview(production.preview_token).contentType('page').entry(draft.uid).fetch()).title, 'draft')
  })
  await refused('a made up preview token', () => preview('cs' + '0'.repeat(24)).contentType('page').entry(draft.uid).fetch(), { status: 401 })
}

// After the end
await step('unpublish', async () => {
  await live.unpublish({ publishDetails: { environments: ['production'], locales: ['en-us'] }, locale: 'en-us' })
  assert.deepEqual(await titles(sdk), [])
})
await step('delete a token', async () => {
  assert.ok((await stack.deliveryToken(production.uid).delete()).notice)
})
await refused('a deleted token', () => titles(sdk), { status: 401, code: 105 })
if (!insecure) {
  await refused('the preview token of a deleted token', () => preview(production.preview_token).contentType('page').entry(draft.uid).fetch(), { status: 401 })
}
finish()
