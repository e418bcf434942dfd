// The vendor's JavaScript client as a black box: content types, entries, assets, publishing, and what tokens may do there.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CS_API_KEY, connect, finish, logIn, refused, step, uid } from './served.mjs'

const { client } = await step('log in', () => logIn())
const stack = client.stack({ api_key: CS_API_KEY })
const read = (module, more) => ({ module, acl: { read: true }, ...more })
const branch = read('branch', { branches: ['main'] })

// Content types
const contentType = {
  title: 'Page', uid: 'page',
  schema: [
    { display_name: 'Title', uid: 'title', data_type: 'text', mandatory: true, unique: true, field_metadata: { _default: true } },
    { display_name: 'Body', uid: 'body', data_type: 'text', mandatory: false, field_metadata: {} }
  ],
  options: { is_page: false, singleton: false, title: 'title', sub_title: [] }
}
await step('create a content type', async () => {
  const made = await stack.contentType().create({ content_type: contentType })
  assert.equal(made.uid, 'page')
  assert.equal(made.schema.length, 2)
})
await refused('a content type that is there', () => stack.contentType().create({ content_type: contentType }), { status: 422, code: 115 })
await step('list content types', async () => {
  const found = await stack.contentType().query({ include_count: true }).find()
  assert.deepEqual(found.items.map(item => item.uid), ['page'])
  assert.equal(found.count, 1)
})
await step('update a content type', async () => {
  const page = await stack.contentType('page').fetch()
  page.description = 'pages'
  assert.equal((await page.update()).description, 'pages')
})
await refused('an unknown content type', () => stack.contentType('nothing').fetch(), { status: 422, code: 118, key: 'uid' })
await step('find a content type of another branch missing', async () => {
  const other = client.stack({ api_key: CS_API_KEY, branch_uid: 'development' })
  assert.deepEqual((await other.contentType().query().find()).items, [])
})

// Entries
const entries = stack.contentType('page')
const entry = await step('create an entry', async () => {
  const made = await entries.entry().create({ entry: { title: 'first', body: 'one' } })
  assert.match(made.uid, uid)
  assert.equal(made._version, 1)
  assert.equal(made.locale, 'en-us')
  return made
})
await refused('an entry of a title that is there', () => entries.entry().create({ entry: { title: 'first' } }), { status: 422, code: 119, key: 'title' })
await refused('an entry without a title', () => entries.entry().create({ entry: { body: 'two' } }), { status: 422, code: 119, key: 'title' })
await step('list entries', async () => {
  const found = await entries.entry().query({ include_count: true }).find()
  assert.deepEqual(found.items.map(item => item.uid), [entry.uid])
  assert.equal(found.count, 1)
})
await step('find an entry by a field', async () => {
  assert.equal((await entries.entry().query({ query: { title: 'first' } }).find()).items.length, 1)
  assert.equal((await entries.entry().query({ query: { title: 'second' } }).find()).items.length, 0)
})
await step('update an entry', async () => {
  const found = await entries.entry(entry.uid).fetch()
  found.body = 'two'
  const updated = await found.update()
  assert.equal(updated.body, 'two')
  assert.equal(updated._version, 2)
})
await refused('an unknown entry', () => entries.entry('blt' + '0'.repeat(16)).fetch(), { status: 422, code: 141, key: 'uid' })
await step('publish an entry', async () => {
  const answer = await entries.entry(entry.uid).publish({ publishDetails: { environments: ['production'], locales: ['en-us'] }, locale: 'en-us', version: 2 })
  assert.ok(answer.notice)
})
await refused('publishing to an unknown environment', () => entries.entry(entry.uid).publish({ publishDetails: { environments: ['nowhere'], locales: ['en-us'] } }), { status: 401, code: 161 })
await step('unpublish an entry', async () => {
  const answer = await entries.entry(entry.uid).unpublish({ publishDetails: { environments: ['production'], locales: ['en-us'] }, locale: 'en-us' })
  assert.ok(answer.notice)
})

// Assets
const folder = mkdtempSync(join(tmpdir(), 'cs-tokens-'))
const file = join(folder, 'hello.txt')
writeFileSync(file, 'hello')
const asset = await step('upload an asset', async () => {
  const made = await stack.asset().create({ upload: file, title: 'hello', description: 'a file' })
  assert.match(made.uid, uid)
  assert.equal(made.filename, 'hello.txt')
  assert.equal(made.title, 'hello')
  assert.equal(Number(made.file_size), 5)
  return made
})
await step('list assets', async () => {
  assert.deepEqual((await stack.asset().query().find()).items.map(item => item.uid), [asset.uid])
})
await step('update an asset', async () => {
  const found = await stack.asset(asset.uid).fetch()
  found.title = 'hello again'
  assert.equal((await found.update()).title, 'hello again')
})
await step('replace the file of an asset', async () => {
  writeFileSync(file, 'hello, hello')
  const replaced = await stack.asset(asset.uid).replace({ upload: file })
  assert.equal(Number(replaced.file_size), 12)
})
rmSync(folder, { recursive: true })
await step('publish an asset', async () => {
  const answer = await stack.asset(asset.uid).publish({ publishDetails: { environments: ['production'], locales: ['en-us'] } })
  assert.ok(answer.notice)
})
const shelf = await step('make a folder of assets', async () => {
  const made = await stack.asset().folder().create({ asset: { name: 'shelf' } })
  assert.equal(made.name, 'shelf')
  return made
})
await step('delete a folder and an asset', async () => {
  assert.ok((await stack.asset().folder(shelf.uid).delete()).notice)
  assert.ok((await stack.asset(asset.uid).delete()).notice)
})
await refused('a deleted asset', () => stack.asset(asset.uid).fetch(), { status: 422 })

// Modules of which all are kept alike
for (const [name, of, body, change] of [
  ['global field', 'globalField', { global_field: { title: 'Seo', uid: 'seo', schema: contentType.schema } }, { description: 'for search' }],
  ['webhook', 'webhook', { webhook: { name: 'hook', destinations: [{ target_url: 'https://hook.example.invalid', custom_header: [] }], channels: ['content_types.entries.create'], retry_policy: 'manual', disabled: false } }, { name: 'hook renamed' }],
  ['label', 'label', { label: { name: 'label', content_types: ['page'] } }, { name: 'label renamed' }],
  ['release', 'release', { release: { name: 'release', description: '', locked: false, archived: false } }, { name: 'release renamed' }],
  ['taxonomy', 'taxonomy', { taxonomy: { uid: 'topics', name: 'Topics', description: '' } }, { name: 'Topics renamed' }]
]) {
  await step(`create, list, read, update and delete a ${name}`, async () => {
    const made = await stack[of]().create(body)
    const all = stack[of]()
    const found = await (all.fetchAll ? all.fetchAll() : all.query().find())
    assert.ok(found.items.some(item => item.uid === made.uid))
    const one = await stack[of](made.uid).fetch()
    Object.assign(one, change)
    const updated = await one.update()
    for (const [key, value] of Object.entries(change)) assert.equal(updated[key], value)
    await stack[of](made.uid).delete()
    const error = await stack[of](made.uid).fetch().then(() => null, error => error)
    assert.ok([404, 422].includes(error.status), `${error.status}`)
  })
}

// What a management token may do with content
const token = async (name, scope) => {
  const made = await stack.managementToken().create({ token: { name, expires_on: '2099-12-10', scope } })
  // A client of its own: the token becomes a header of all requests.
  return connect().stack({ api_key: CS_API_KEY, management_token: made.token })
}
await step('write with a management token', async () => {
  const writer = await token('js writer', [{ module: 'content_type', acl: { read: true, write: true } }, { module: 'entry', acl: { read: true, write: true } }, branch])
  const made = await writer.contentType('page').entry().create({ entry: { title: 'by a token' } })
  assert.equal((await writer.contentType('page').entry(made.uid).fetch()).title, 'by a token')
})
const reader = await step('read with a management token', async () => {
  const reader = await token('js reader', [read('content_type'), read('entry'), branch])
  assert.ok((await reader.contentType('page').entry().query().find()).items.length >= 2)
  return reader
})
await refused('writing with a token that reads', () => reader.contentType('page').entry().create({ entry: { title: 'no' } }), { status: 403 })
await refused('another branch than that of the token', async () => {
  const { client } = await logIn()
  const made = await client.stack({ api_key: CS_API_KEY }).managementToken().create({ token: { name: 'js other', expires_on: '2099-12-10', scope: [read('content_type'), branch] } })
  return connect().stack({ api_key: CS_API_KEY, management_token: made.token, branch_uid: 'development' }).contentType().query().find()
}, { status: 422, code: 901 })
await refused('a management token on settings of the stack', () => reader.settings(), { status: 403 })
await refused('a management token that does not exist', () => connect().stack({ api_key: CS_API_KEY, management_token: 'cs' + '0'.repeat(24) }).contentType().query().find(), { status: 401, code: 105, key: 'authorization' })

await step('delete an entry', async () => {
  assert.ok((await entries.entry(entry.uid).delete()).notice)
})
await refused('a deleted entry', () => entries.entry(entry.uid).fetch(), { status: 422, code: 141, key: 'uid' })
await step('delete a content type', async () => {
  assert.ok((await stack.contentType('page').delete({ force: true })).notice)
})
finish()
