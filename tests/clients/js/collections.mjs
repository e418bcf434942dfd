// The vendor's JavaScript client for management as a black box: content, its collections, and publishing.
import assert from 'node:assert/strict'
import { CS_API_KEY, connect, finish, logIn, refused as refusal, step } from './served.mjs'

const refused = (name, run, status, code) => refusal(name, run, { status, code })
const { client } = await logIn()
const stack = client.stack({ api_key: CS_API_KEY })

const schema = [{ uid: 'title', display_name: 'Title', data_type: 'text', mandatory: true, unique: true }]
await step('create, read, change and list content types', async () => {
  const made = await stack.contentType().create({ content_type: { title: 'Article', uid: 'article', schema } })
  assert.equal(made.uid, 'article')
  made.title = 'Articles'
  const changed = await made.update()
  assert.deepEqual([changed.title, changed._version], ['Articles', 2])
  const read = await stack.contentType('article').fetch()
  assert.equal(read.schema[0].uid, 'title')
  const all = await stack.contentType().query().find()
  assert.equal(all.items.length, 1)
})
await refused('a content type of the same uid', () => stack.contentType().create({ content_type: { title: 'x', uid: 'article', schema } }), 422, 115)
await refused('a content type that is not there', () => stack.contentType('nosuch').fetch(), 422, 118)

const entries = stack.contentType('article')
const entry = await step('create an entry', async () => {
  const made = await entries.entry().create({ entry: { title: 'First', rank: 1 } })
  assert.match(made.uid, /^blt[0-9a-f]{16}$/)
  assert.deepEqual([made._version, made.locale], [1, 'en-us'])
  return made
})
await refused('an entry without what is mandatory', () => entries.entry().create({ entry: { rank: 2 } }), 422, 119)
await refused('an entry with a title that is taken', () => entries.entry().create({ entry: { title: 'First' } }), 422, 119)
await step('change an entry by sending back what was read', async () => {
  const read = await entries.entry(entry.uid).fetch()
  read.rank = 3
  const changed = await read.update()
  assert.deepEqual([changed.rank, changed._version, changed.created_by], [3, 2, entry.created_by])
})
await step('find entries', async () => {
  await entries.entry().create({ entry: { title: 'Second', rank: 9 } })
  const found = await entries.entry().query({ query: { title: 'Second' }, include_count: true }).find()
  assert.deepEqual([found.items.length, found.count], [1, 1])
  const one = await entries.entry().query({ asc: 'title', limit: 1 }).find()
  assert.equal(one.items[0].title, 'First')
})
await step('publish and unpublish', async () => {
  const publishDetails = { environments: ['production'], locales: ['en-us'] }
  const answer = await (await entries.entry(entry.uid).fetch()).publish({ publishDetails, locale: 'en-us', version: 2 })
  assert.ok(answer.notice)
  const shown = await entries.entry(entry.uid).fetch({ include_publish_details: true })
  assert.equal(shown.publish_details[0].version, 2)
  assert.ok((await shown.unpublish({ publishDetails, locale: 'en-us' })).notice)
})
await refused('publishing to an environment that is not there', async () =>
  (await entries.entry(entry.uid).fetch()).publish({ publishDetails: { environments: ['nosuch'], locales: ['en-us'] } }), 401, 161)
await step('translate an entry', async () => {
  await stack.locale().create({ locale: { code: 'fr-fr', name: 'French', fallback_locale: 'en-us' } })
  const read = await entries.entry(entry.uid).fetch()
  read.title = 'Premier'
  const french = await read.update({ locale: 'fr-fr' })
  assert.deepEqual([french.title, french.locale], ['Premier', 'fr-fr'])
  assert.equal((await entries.entry(entry.uid).fetch()).title, 'First')
})
await step('delete an entry', async () => {
  const made = await entries.entry().create({ entry: { title: 'Third' } })
  assert.ok((await made.delete()).notice)
})

await step('upload, read, change and delete an asset; keep folders', async () => {
  const made = await stack.asset().create({ upload: Buffer.from('hello'), filename: 'hello.txt', content_type: 'text/plain', title: 'Hello', tags: ['a', 'b'] })
  assert.deepEqual([made.filename, made.content_type, made.file_size, made.tags], ['hello.txt', 'text/plain', '5', ['a', 'b']])
  made.title = 'Hello, again'
  assert.equal((await made.update()).title, 'Hello, again')
  const published = await made.publish({ publishDetails: { environments: ['production'], locales: ['en-us'] } })
  assert.ok(published.notice)
  const all = await stack.asset().query().find()
  assert.equal(all.items.length, 1)
  assert.ok((await made.delete()).notice)
  const folder = await stack.asset().folder().create({ asset: { name: 'Folder' } })
  assert.equal((await stack.asset().folder(folder.uid).fetch()).name, 'Folder')
  await folder.delete()
})

const collection = async (name, make, read, list, change) => {
  await step(name, async () => {
    const made = await make()
    assert.ok(made.uid, 'no uid')
    assert.equal((await read(made.uid)).uid, made.uid)
    if (list) assert.ok((await list()).items.some(item => item.uid === made.uid), 'it is not in the list')
    if (change) {
      change.apply(made)
      change.check(await made.update())
    }
    await made.delete()
    const error = await read(made.uid).then(() => null, error => error)
    assert.ok([404, 422].includes(error?.status), 'it is still there')
  })
}
const renamed = { apply: made => { made.name = 'other' }, check: changed => assert.equal(changed.name, 'other') }
await collection('global fields', () => stack.globalField().create({ global_field: { title: 'SEO', uid: 'seo', schema } }),
  uid => stack.globalField(uid).fetch(), () => stack.globalField().query().find(),
  { apply: made => { made.title = 'other' }, check: changed => assert.equal(changed.title, 'other') })
await collection('labels', () => stack.label().create({ label: { name: 'first', content_types: ['article'] } }),
  uid => stack.label(uid).fetch(), () => stack.label().query().find(), renamed)
await collection('releases', () => stack.release().create({ release: { name: 'first', description: 'one' } }),
  uid => stack.release(uid).fetch(), () => stack.release().query().find(), renamed)
await collection('webhooks', () => stack.webhook().create({ webhook: { name: 'first', destinations: [], channels: ['assets.create'] } }),
  uid => stack.webhook(uid).fetch(), () => stack.webhook().fetchAll(), renamed)
await collection('workflows', () => stack.workflow().create({ workflow: { name: 'first', workflow_stages: [{ name: 'Draft' }], content_types: ['article'] } }),
  uid => stack.workflow(uid).fetch(), () => stack.workflow().fetchAll(), renamed)
await collection('publish rules', () => stack.workflow().publishRule().create({ publishing_rule: { workflow: 'blt1', actions: ['publish'] } }),
  uid => stack.workflow().publishRule(uid).fetch(), () => stack.workflow().publishRule().fetchAll())
await collection('extensions', () => stack.extension().create({ extension: { title: 'first', data_type: 'text', type: 'field', srcdoc: '<p>' } }),
  uid => stack.extension(uid).fetch(), () => stack.extension().query().find())
await collection('taxonomies', () => stack.taxonomy().create({ taxonomy: { uid: 'colour', name: 'Colour' } }),
  uid => stack.taxonomy(uid).fetch(), () => stack.taxonomy().query().find(), renamed)
await step('terms', async () => {
  await stack.taxonomy().create({ taxonomy: { uid: 'colour', name: 'Colour' } })
  const terms = stack.taxonomy('colour').terms()
  await terms.create({ term: { uid: 'red', name: 'Red' } })
  await terms.create({ term: { uid: 'rose', name: 'Rose', parent_uid: 'red' } })
  const read = await stack.taxonomy('colour').terms('rose').fetch()
  assert.equal(read.parent_uid, 'red')
  assert.equal((await stack.taxonomy('colour').terms().query().find()).items.length, 2)
})
await step('terms as a tree', async () => {
  const taxonomy = stack.taxonomy('colour')
  const uids = answer => answer.terms.map(term => term.uid)
  assert.deepEqual(uids(await taxonomy.terms('rose').ancestors()), ['red'])
  assert.deepEqual(uids(await taxonomy.terms('red').descendants()), ['rose'])
  await taxonomy.terms().create({ term: { uid: 'pink', name: 'Pink' } })
  const moved = await taxonomy.terms('rose').move({ term: { parent_uid: 'pink', order: 1 } })
  assert.equal(moved.parent_uid, 'pink')
  assert.deepEqual(uids(await taxonomy.terms('red').descendants()), [])
})
await refused('a term below itself', () => stack.taxonomy('colour').terms('pink').move({ term: { parent_uid: 'rose', order: 1 } }), 422, 141)
await step('the languages of an entry', async () => {
  await stack.locale().create({ locale: { name: 'German', code: 'de-de' } })
  const read = await entries.entry().create({ entry: { title: 'Of two languages' } })
  const localized = () => entries.entry(read.uid).locales().then(answer => answer.locales.filter(locale => locale.localized).map(locale => locale.code))
  assert.deepEqual(await localized(), [])
  read.title = 'Zweisprachig'
  await read.update({ locale: 'de-de' })
  assert.deepEqual(await localized(), ['de-de'])
})
await step('move items to another release', async () => {
  const [from, to] = [await stack.release().create({ release: { name: 'from' } }), await stack.release().create({ release: { name: 'to' } })]
  const made = await entries.entry().create({ entry: { title: 'Released' } })
  const item = { uid: made.uid, content_type_uid: 'article', locale: 'en-us', action: 'publish', version: 1 }
  await stack.release(from.uid).item().create({ item })
  await stack.release(from.uid).item().move({ param: { release_uid: to.uid, items: [{ uid: made.uid, locale: 'en-us' }] } })
  assert.equal((await stack.release(from.uid).item().findAll()).items.length, 0)
  assert.equal((await stack.release(to.uid).item().findAll()).items.length, 1)
})
await step('variant groups', async () => {
  const made = await stack.variantGroup().create({ name: 'Colours', content_types: [] })
  assert.ok(made.variant_group.uid)
  const all = await stack.variantGroup().query().find()
  assert.equal(all.items.length, 1)
})

// A branch begins with the content of another one and goes its own way.
await step('content of another branch', async () => {
  const other = client.stack({ api_key: CS_API_KEY, branch_uid: 'development' })
  const error = await other.contentType('article').fetch().then(() => null, error => error)
  assert.deepEqual([error.status, error.errorCode], [422, 118])
})

// What a management token may do is its scope.
await step('content by a management token', async () => {
  const scope = [
    { module: 'entry', acl: { read: true } },
    { module: 'branch', branches: ['main'], acl: { read: true } },
  ]
  const made = await stack.managementToken().create({ token: { name: 'js content', scope } })
  const by = connect()
    .stack({ api_key: CS_API_KEY, management_token: made.token })
  assert.equal((await by.contentType('article').entry(entry.uid).fetch()).title, 'First')
  const error = await by.contentType('article').entry().create({ entry: { title: 'x' } }).then(() => null, error => error)
  assert.deepEqual([error.status, error.errorCode], [403, 316])
  const types = await by.contentType().query().find().then(() => null, error => error)
  assert.equal(types.status, 403)
})
await step('delete a content type', async () => {
  await stack.contentType('article').delete()
})

finish()
