// The vendor's JavaScript client as a black box: what surrounds tokens. Users, organizations, stacks with their settings and
// users, environments, branches, aliases, languages and roles.
// Needs CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD. Prints one line for each step that held.
import assert from 'node:assert/strict'
import contentstack from '@contentstack/management'

const { CS_HOST, CS_PORT, CS_API_KEY, CS_EMAIL, CS_PASSWORD } = process.env
// No retries: a refusal must show at once.
const client = contentstack.client({ host: CS_HOST, port: Number(CS_PORT), insecure: true, retryLimit: 0, retryOnError: false })

let steps = 0
const step = async (name, run) => {
  const result = await run()
  steps += 1
  console.log(`ok ${steps} ${name}`)
  return result
}
const refused = async (name, run, check) => {
  await step(`refused: ${name}`, async () => {
    const error = await run().then(() => null, error => error)
    assert.ok(error, 'the service did not refuse')
    check(error)
  })
}
const is = (status, code) => error => {
  assert.equal(error.status, status, error.message)
  assert.equal(error.errorCode, code, error.message)
}

await step('log in', async () => {
  const answer = await client.login({ email: CS_EMAIL, password: CS_PASSWORD })
  assert.ok(answer.user.authtoken)
})

// The user
await step('update the user', async () => {
  const user = await client.getUser({ include_orgs: true, include_orgs_roles: true, include_stack_roles: true })
  assert.ok(user.organizations.length > 0)
  assert.equal(user.organizations[0].is_owner, true)
  assert.ok(user.roles.some(role => role.name === 'Owner' && role.api_key === CS_API_KEY))
})

// Organizations
const organization = await step('list organizations', async () => {
  const list = await client.organization().fetchAll({ include_plan: true })
  assert.equal(list.items[0].plan.features.find(feature => feature.uid === 'getLimit').limit, 10)
  return list.items[0]
})
await step('read the organization with its plan', async () => {
  const read = await client.organization(organization.uid).fetch({ include_plan: true })
  assert.equal(read.uid, organization.uid)
  assert.equal(read.plan.features.find(feature => feature.uid === 'limit').limit, 10)
})
const orgRoles = await step('read the roles of the organization', async () => {
  const roles = await client.organization(organization.uid).roles()
  assert.deepEqual(roles.items.map(role => role.name).sort(), ['admin', 'member'])
  return roles.items
})
await step('add a user to the organization', async () => {
  const member = orgRoles.find(role => role.name === 'member')
  const added = await client.organization(organization.uid).addUser({ users: { 'member@example.invalid': [member.uid] } })
  assert.equal(added.items[0].email, 'member@example.invalid')
})
await step('list invitations', async () => {
  const invitations = await client.organization(organization.uid).getInvitations({ include_count: true })
  assert.equal(invitations.count, 2)
  assert.ok(invitations.items.some(item => item.email === 'member@example.invalid'))
})
await step('list the stacks of the organization', async () => {
  const stacks = await client.organization(organization.uid).stacks({ include_count: true })
  assert.ok(stacks.items.some(stack => stack.api_key === CS_API_KEY))
})
await refused('an organization that does not exist', () => client.organization('bltnosuch').fetch(), is(422, 21))

// Stacks
const stack = await step('create a stack', async () => {
  const made = await client.stack().create({ stack: { name: 'js stack', description: 'first', master_locale: 'en-us' } }, { organization_uid: organization.uid })
  assert.match(made.api_key, /^blt[0-9a-f]{16}$/)
  return client.stack({ api_key: made.api_key })
})
await step('read and update the stack', async () => {
  const read = await stack.fetch()
  assert.equal(read.name, 'js stack')
  read.name = 'js stack, renamed'
  const updated = await read.update()
  assert.equal(updated.name, 'js stack, renamed')
})
await step('query stacks by name', async () => {
  const found = await client.stack().query({ query: { name: 'js stack, renamed' } }).find()
  assert.equal(found.items.length, 1)
})
await step('settings are added, read and reset', async () => {
  const added = await stack.addSettings({ samplevariable: 'too' })
  assert.equal(added.stack_variables.samplevariable, 'too')
  const read = await stack.settings()
  assert.equal(read.stack_variables.samplevariable, 'too')
  const reset = await stack.resetSettings()
  assert.deepEqual(reset.stack_variables, {})
  assert.deepEqual(reset.discrete_variables, {})
})

// Roles and users
const roles = await step('list roles', async () => {
  const list = await stack.role().fetchAll({ include_rules: true, include_permissions: true })
  assert.deepEqual(list.items.map(role => role.name).sort(), ['Admin', 'Content Manager', 'Developer'])
  return list.items
})
const custom = await step('create a role', async () => {
  const rules = [
    { module: 'branch', branches: ['main'], acl: { read: true } },
    { module: 'environment', environments: [], acl: { read: true } },
    { module: 'locale', locales: [], acl: { read: true } },
    { module: 'content_type', content_types: ['$all'], acl: { read: true, sub_acl: { read: true, create: true, update: true, delete: true, publish: true } } },
    { module: 'asset', assets: ['$all'], acl: { read: true, update: true, publish: true, delete: true } },
    { module: 'folder', folders: ['$all'], acl: { read: true, sub_acl: { read: true, create: true, update: true, publish: true, delete: true } } }
  ]
  const made = await stack.role().create({ role: { name: 'js role', description: 'first', rules } })
  assert.match(made.uid, /^blt[0-9a-f]{16}$/)
  assert.deepEqual(made.rules, rules)
  return made
})
await step('read, update and query the role', async () => {
  const read = await stack.role(custom.uid).fetch({ include_rules: true })
  read.name = 'js role, renamed'
  assert.equal((await read.update()).name, 'js role, renamed')
  const found = await stack.role().query({ query: { name: 'js role, renamed' } }).find()
  assert.equal(found.items.length, 1)
})
await refused('a role without a rule for branches', () => stack.role().create({ role: { name: 'x', rules: [{ module: 'environment', environments: [], acl: { read: true } }] } }), error => {
  assert.ok([400, 422].includes(error.status))
  assert.ok(error.errors['rules.branch'])
})
await refused('to delete a role of the system', () => stack.role(roles[0].uid).delete(), error => {
  assert.ok([400, 403, 422].includes(error.status))
})
await step('share, change the roles, unshare', async () => {
  const email = 'shared@example.invalid'
  assert.ok((await stack.share([email], { [email]: [roles.find(role => role.name === 'Developer').uid] })).notice)
  const users = await stack.users()
  const user = users.find(user => user.email === email)
  assert.ok(user, 'the user is among the collaborators')
  assert.ok((await stack.updateUsersRoles({ [user.uid]: [custom.uid] })).notice)
  assert.ok((await stack.unShare(email)).notice)
  assert.ok(!(await stack.users()).some(user => user.email === email))
})
await refused('to share with a role that does not exist', () => stack.share(['x@example.invalid'], { 'x@example.invalid': ['nosuch'] }), is(422, 141))
await refused('to hand the stack to nobody', () => stack.transferOwnership('nobody@example.invalid'), is(422, 141))
await step('delete the role', async () => assert.ok((await stack.role(custom.uid).delete()).notice))

// Languages
await step('add, read, update, query and remove a language', async () => {
  const made = await stack.locale().create({ locale: { code: 'de-at', name: 'German' } })
  assert.equal(made.fallback_locale, 'en-us')
  const read = await stack.locale('de-at').fetch()
  read.name = 'German - Austria'
  assert.equal((await read.update()).name, 'German - Austria')
  const found = await stack.locale().query({ query: { code: 'de-at' } }).find()
  assert.equal(found.items.length, 1)
  const all = await stack.locale().query().find()
  assert.equal(all.items.find(locale => locale.code === 'en-us').name, 'English - United States')
  assert.ok((await stack.locale('de-at').delete()).notice)
})
await refused('the master language a second time', () => stack.locale().create({ locale: { code: 'en-us' } }), is(422, 247))

// Environments
await step('create, read, update, query and delete an environment', async () => {
  const body = { name: 'development', servers: [{ name: 'default' }], urls: [{ locale: 'en-us', url: 'http://example.com/' }], deploy_content: true }
  const made = await stack.environment().create({ environment: body })
  assert.equal(made.name, 'development')
  assert.ok(made.uid)
  const read = await stack.environment('development').fetch()
  read.name = 'dev'
  assert.equal((await read.update()).name, 'dev')
  const found = await stack.environment().query({ query: { name: 'dev' } }).find()
  assert.equal(found.items[0].urls[0].url, 'http://example.com/')
  assert.ok((await stack.environment('dev').delete()).notice)
})
await refused('an environment that does not exist', () => stack.environment('nosuch').fetch(), is(422, 248))

// Branches and aliases
await step('create a branch and an alias', async () => {
  const made = await stack.branch().create({ branch: { uid: 'test', source: 'main' } })
  assert.equal(made.uid, 'test')
  assert.equal((await stack.branch('test').fetch()).source, 'main')
  assert.deepEqual((await stack.branch().query().find()).items.map(branch => branch.uid).sort(), ['main', 'test'])
  const alias = await stack.branchAlias('test_alias').createOrUpdate('test')
  assert.equal(alias.uid, 'test_alias')
  assert.equal((await stack.branchAlias('test_alias').fetch()).source, 'test')
  assert.equal((await stack.branchAlias().fetchAll()).items.length, 1)
})
await refused('a second branch of the same name', () => stack.branch().create({ branch: { uid: 'test', source: 'main' } }), is(422, 910))
await refused('a name too long for a branch', () => stack.branch().create({ branch: { uid: 'longer-than-fifteen', source: 'main' } }), is(422, 903))
await refused('to delete a branch that an alias needs', () => stack.branch('test').delete(), is(422, 909))
await step('delete alias and branch', async () => {
  assert.ok((await stack.branchAlias('test_alias').delete()).notice)
  assert.ok((await stack.branch('test').delete()).notice)
})

await step('delete the stack', async () => {
  const read = await stack.fetch()
  const answer = read.delete ? await read.delete() : null
  if (answer) {
    await refused('the stack that is gone', () => stack.fetch(), is(412, 109))
  }
})
await step('log out', async () => assert.ok((await client.logout()).notice))
console.log(`${steps} passed, 0 failed`)
