// The vendor's JavaScript client as a black box: stacks, their settings and users, environments, branches, aliases,
// languages, roles.
import assert from 'node:assert/strict'
import { CS_API_KEY, CS_EMAIL, finish, logIn, refused, step, uid } from './served.mjs'

const { client } = await step('log in', () => logIn())

// Stacks
const stack = client.stack({ api_key: CS_API_KEY })
const organization = await step('read a stack', async () => {
  const read = await stack.fetch()
  assert.equal(read.api_key, CS_API_KEY)
  assert.equal(read.name, 'Demo stack')
  return read.org_uid
})
await step('list stacks', async () => {
  const found = await client.stack().query().find()
  assert.ok(found.items.some(item => item.api_key === CS_API_KEY))
})
await step('update a stack', async () => {
  const read = await stack.fetch()
  read.name = 'Demo stack renamed'
  read.description = 'by a client'
  const updated = await read.update()
  assert.equal(updated.name, 'Demo stack renamed')
  assert.equal((await stack.fetch()).description, 'by a client')
})
await step('create a stack', async () => {
  const made = await client.stack({ organization_uid: organization }).create({ stack: { name: 'js stack', description: '', master_locale: 'fr-fr' } })
  assert.match(made.api_key, uid)
  assert.equal(made.master_locale, 'fr-fr')
  const second = client.stack({ api_key: made.api_key })
  assert.deepEqual((await second.branch().query().find()).items.map(item => item.uid), ['main'])
  assert.deepEqual((await second.locale().query().find()).items.map(item => item.code), ['fr-fr'])
  const found = await client.stack({ organization_uid: organization }).query().find()
  assert.ok(found.items.some(item => item.api_key === made.api_key))
})
await step('create a stack, with the organization in the call', async () => {
  const made = await client.stack().create({ stack: { name: 'js third', master_locale: 'en-us' } }, { organization_uid: organization })
  assert.match(made.api_key, uid)
})
await refused('creating a stack without an organization', () => client.stack().create({ stack: { name: 'nowhere', master_locale: 'en-us' } }), { status: 422 })
await refused('a wrong api_key', () => client.stack({ api_key: 'blt' + '0'.repeat(16) }).fetch(), { status: 412, code: 109, key: 'api_key' })

// Settings
await step('read the settings of a stack', async () => {
  assert.ok(await stack.settings())
})
await step('add settings to a stack', async () => {
  const settings = await stack.addSettings({ stack_variables: { js: 'yes' } })
  assert.equal(settings.stack_variables.js, 'yes')
  assert.equal((await stack.settings()).stack_variables.js, 'yes')
})
await step('reset the settings of a stack', async () => {
  await stack.resetSettings()
  const settings = await stack.settings()
  assert.deepEqual(settings.stack_variables, {})
  assert.deepEqual(settings.discrete_variables, {})
})

// Users
await step('list the users of a stack', async () => {
  const users = await stack.users()
  assert.ok(users.some(user => user.email === CS_EMAIL))
})
const roles = await step('list roles', async () => {
  const found = await stack.role().fetchAll()
  assert.ok(['Admin', 'Developer', 'Content Manager'].every(name => found.items.some(role => role.name === name)))
  return found.items
})
const developer = roles.find(role => role.name === 'Developer')
await step('share a stack', async () => {
  const answer = await stack.share(['shared@demo.invalid'], { 'shared@demo.invalid': [developer.uid] })
  assert.ok(answer.notice)
  const users = await stack.users()
  assert.ok(users.some(user => user.email === 'shared@demo.invalid'))
})
await step('change the roles of a user', async () => {
  const shared = (await stack.users()).find(user => user.email === 'shared@demo.invalid')
  const answer = await stack.updateUsersRoles({ [shared.uid]: [roles.find(role => role.name === 'Content Manager').uid] })
  assert.ok(answer.notice)
})
await refused('sharing with what is no address', () => stack.share(['nobody'], { nobody: [developer.uid] }), { status: 422 })
await refused('sharing with an unknown role', () => stack.share(['other@demo.invalid'], { 'other@demo.invalid': ['blt' + '0'.repeat(16)] }), { status: 422 })
await step('unshare a stack', async () => {
  const answer = await stack.unShare('shared@demo.invalid')
  assert.ok(answer.notice)
  assert.ok(!(await stack.users()).some(user => user.email === 'shared@demo.invalid'))
})
await refused('taking the stack from its owner', () => stack.unShare(CS_EMAIL), { status: 422 })
await refused('unsharing with a stranger', () => stack.unShare('stranger@demo.invalid'), { status: 422 })

// Environments
const environment = { name: 'js', urls: [{ locale: 'en-us', url: 'https://js.example.invalid' }] }
await step('create an environment', async () => {
  const made = await stack.environment().create({ environment })
  assert.match(made.uid, uid)
  assert.equal(made.name, 'js')
})
await refused('a taken name of an environment', () => stack.environment().create({ environment }), { status: 422 })
await step('list environments', async () => {
  const found = await stack.environment().query().find()
  assert.deepEqual(found.items.map(item => item.name).sort(), ['js', 'production', 'staging'])
})
await step('find environments, languages and stacks by their fields', async () => {
  assert.deepEqual((await stack.environment().query({ query: { name: 'js' } }).find()).items.map(item => item.name), ['js'])
  assert.deepEqual((await stack.locale().query({ query: { code: 'en-us' } }).find()).items.map(item => item.name), ['English - United States'])
  assert.ok((await client.stack().query({ query: { name: 'Demo stack renamed' } }).find()).items.every(item => item.api_key === CS_API_KEY))
})
await step('count environments', async () => {
  assert.equal((await stack.environment().query({ include_count: true, limit: 1 }).find()).count, 3)
})
await step('update an environment', async () => {
  const read = await stack.environment('js').fetch()
  read.name = 'js-renamed'
  const updated = await read.update()
  assert.equal(updated.name, 'js-renamed')
})
await step('delete an environment', async () => {
  assert.ok((await stack.environment('js-renamed').delete()).notice)
})
await refused('reading a deleted environment', () => stack.environment('js-renamed').fetch(), { status: 422, code: 248 })
await refused('an environment without a name', () => stack.environment().create({ environment: {} }), { status: 422 })

// Branches and aliases
await step('create a branch', async () => {
  const made = await stack.branch().create({ branch: { uid: 'jsbranch', source: 'main' } })
  assert.equal(made.uid, 'jsbranch')
})
await refused('a branch that is there', () => stack.branch().create({ branch: { uid: 'jsbranch', source: 'main' } }), { status: 422, code: 910 })
await refused('a branch with a long uid', () => stack.branch().create({ branch: { uid: 'jsbranchjsbranch', source: 'main' } }), { status: 422, code: 903, key: 'uid' })
await refused('a branch of nothing', () => stack.branch().create({ branch: { uid: 'jsother', source: 'nothing' } }), { status: 422, code: 903 })
await step('list branches', async () => {
  const found = await stack.branch().query().find()
  assert.deepEqual(found.items.map(item => item.uid).sort(), ['development', 'jsbranch', 'main'])
})
await step('read a branch', async () => {
  assert.equal((await stack.branch('jsbranch').fetch()).source, 'main')
})
await step('create an alias', async () => {
  await stack.branchAlias('jsalias').createOrUpdate('jsbranch')
  const found = await stack.branchAlias().fetchAll()
  assert.ok(found.items.some(item => item.uid === 'jsalias' && item.source === 'jsbranch'))
})
await step('move an alias to another branch', async () => {
  await stack.branchAlias('jsalias').createOrUpdate('main')
  assert.equal((await stack.branchAlias('jsalias').fetch()).source, 'main')
})
await refused('deleting a branch that an alias needs', async () => {
  await stack.branchAlias('jsalias').createOrUpdate('jsbranch')
  return stack.branch('jsbranch').delete()
}, { status: 422, code: 909 })
await refused('an alias of nothing', () => stack.branchAlias('jsnothing').createOrUpdate('nothing'), { status: 422 })
await step('delete an alias', async () => {
  assert.ok((await stack.branchAlias('jsalias').delete({ force: true })).notice)
})
await step('delete a branch', async () => {
  assert.ok((await stack.branch('jsbranch').delete({ force: true })).notice)
})
await refused('deleting a deleted branch', () => stack.branch('jsbranch').delete({ force: true }), { status: 422, code: 905 })
await refused('a request on a deleted branch', () => client.stack({ api_key: CS_API_KEY, branch_uid: 'jsbranch' }).contentType().query().find(), { status: 422, code: 900 })

// Languages
await step('add a language', async () => {
  const made = await stack.locale().create({ locale: { code: 'fr-fr', name: 'French', fallback_locale: 'en-us' } })
  assert.equal(made.code, 'fr-fr')
  assert.equal(made.fallback_locale, 'en-us')
})
await refused('a language that is there', () => stack.locale().create({ locale: { code: 'fr-fr', name: 'French' } }), { status: 422, code: 247 })
await step('list languages', async () => {
  const found = await stack.locale().query().find()
  assert.deepEqual(found.items.map(item => item.code).sort(), ['en-us', 'fr-fr'])
})
await step('update a language', async () => {
  const read = await stack.locale('fr-fr').fetch()
  read.name = 'French of France'
  assert.equal((await read.update()).name, 'French of France')
})
await refused('the language of the stack a second time', () => stack.locale().create({ locale: { code: 'en-us' } }), { status: 422, code: 247 })
await step('delete a language', async () => {
  assert.ok((await stack.locale('fr-fr').delete()).notice)
})
await refused('reading a deleted language', () => stack.locale('fr-fr').fetch(), { status: 422 })
await refused('deleting the language of the stack', () => stack.locale('en-us').delete(), { status: 422 })

// Roles
const rules = [
  { module: 'branch', branches: ['main'], acl: { read: true } },
  { module: 'content_type', content_types: ['$all'], acl: { read: true, sub_acl: { read: true, create: true } } },
  { module: 'environment', environments: [], acl: { read: true } }
]
const role = await step('create a role', async () => {
  const made = await stack.role().create({ role: { name: 'js role', description: 'reads', rules } })
  assert.match(made.uid, uid)
  return made
})
await refused('a role without branches', () => stack.role().create({ role: { name: 'js no branch', rules: rules.slice(1) } }), { status: 422, key: 'rules.branch' })
await step('read a role with its rules', async () => {
  const read = await stack.role(role.uid).fetch({ include_rules: true })
  assert.equal(read.rules.length, 3)
})
await step('update a role', async () => {
  const read = await stack.role(role.uid).fetch()
  read.name = 'js role renamed'
  assert.equal((await read.update()).name, 'js role renamed')
})
await refused('changing a role of the system', async () => {
  const read = await stack.role(developer.uid).fetch()
  read.name = 'mine'
  return read.update()
}, { status: 422 })
await refused('deleting a role of the system', () => stack.role(developer.uid).delete(), { status: 422 })
await step('delete a role', async () => {
  assert.ok((await stack.role(role.uid).delete()).notice)
})
await refused('reading a deleted role', () => stack.role(role.uid).fetch(), { status: 422 })

// Deleting the stack itself ends it all.
await step('delete a stack', async () => {
  assert.ok((await stack.delete()).notice)
})
await refused('reading a deleted stack', () => stack.fetch(), { status: 412, code: 109, key: 'api_key' })
finish()
