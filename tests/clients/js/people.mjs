// The vendor's JavaScript client as a black box: sessions, the user, organizations, invitations.
import assert from 'node:assert/strict'
import { CS_ADMIN_TOKEN, CS_ADMIN_URL, CS_API_KEY, CS_EMAIL, CS_PASSWORD, connect, finish, logIn, refused, step, uid } from './served.mjs'

const { client, user } = await step('log in', async () => {
  const session = await logIn()
  assert.match(session.user.uid, uid)
  assert.equal(session.user.email, CS_EMAIL)
  assert.ok(session.user.authtoken)
  return session
})
await refused('a wrong password', () => connect().login({ email: CS_EMAIL, password: 'wrong' }), { status: 422, code: 104 })
await refused('an unknown address', () => connect().login({ email: 'nobody@demo.invalid', password: CS_PASSWORD }), { status: 422, code: 104 })
await refused('no credential', () => connect().getUser(), { status: 401, code: 105, key: 'authtoken' })
await refused('a made up authtoken', () => connect({ authtoken: 'blt' + '0'.repeat(16) }).getUser(), { status: 401, code: 105, key: 'authtoken' })

// The user
await step('read the user', async () => {
  const read = await client.getUser()
  assert.equal(read.uid, user.uid)
  assert.equal(read.email, CS_EMAIL)
})
await step('read the user with rights in organizations', async () => {
  const read = await client.getUser({ include_orgs_roles: true })
  assert.ok(read.organizations.some(organization => organization.is_owner === true))
  const { roles } = await client.getUser({ include_stack_roles: true })
  assert.ok(roles.some(role => role.name === 'Owner' && role.api_key === CS_API_KEY))
})
await step('update the user', async () => {
  // Only a user of a login has these methods: the client wants to see its authtoken.
  const mine = (await logIn()).user
  mine.company = 'A company'
  mine.first_name = 'Renamed'
  const updated = await mine.update()
  assert.equal(updated.first_name, 'Renamed')
  const again = await client.getUser()
  assert.equal(again.company, 'A company')
  assert.equal(again.first_name, 'Renamed')
  assert.equal(again.email, CS_EMAIL, 'the address stays')
})
await step('ask for a new password, for a known address and an unknown one alike', async () => {
  const mine = (await logIn()).user
  const known = await mine.requestPassword()
  assert.ok(known.notice)
  mine.email = 'nobody@demo.invalid'
  assert.deepEqual(await mine.requestPassword(), known, 'nothing tells which addresses have accounts')
})
await refused('a new password with a wrong token', () => {
  const password = 'another-password-1'
  return user.resetPassword({ resetPasswordToken: 'a'.repeat(20), password, passwordConfirm: password })
}, { status: 422 })

// Sessions
await step('log out one session of two', async () => {
  const other = await logIn()
  assert.notEqual(other.user.authtoken, user.authtoken)
  const answer = await other.client.logout(other.user.authtoken)
  assert.ok(answer.notice)
  const error = await connect({ authtoken: other.user.authtoken }).getUser().then(() => null, error => error)
  assert.equal(error.status, 401)
  assert.equal((await client.getUser()).uid, user.uid, 'the first one lives')
})
await step('log in twenty-one times: the oldest session ends without a word', async () => {
  const first = await logIn()
  for (let more = 0; more < 20; more += 1) await logIn()
  const error = await first.client.getUser().then(() => null, error => error)
  assert.equal(error.status, 401)
  assert.equal(error.errorCode, 105)
})

// The second factor, and the mails that nobody sends: the admin API has what they would hold.
const admin = async (method, path, body) => {
  const answer = await fetch(CS_ADMIN_URL + path, { method, headers: { authorization: `Bearer ${CS_ADMIN_TOKEN}` }, body: JSON.stringify(body) })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
  return answer.json()
}
const email = 'second@demo.invalid'
const password = 'a-password-for-tests'
const second = (await admin('POST', '/users', { email, password })).uid
await step('log in with an authenticator', async () => {
  const factor = await admin('PUT', `/users/${second}/second-factor`, { kind: 'authenticator' })
  const error = await connect().login({ email, password }).then(() => null, error => error)
  assert.equal(error?.errorCode, 294)
  assert.equal(error.status, 422)
  assert.equal(error.tfa_type, 'totp_authenticator')
  const wrong = await connect().login({ email, password, tfa_token: '000000' }).then(() => null, error => error)
  assert.equal(wrong?.errorCode, 295)
  // The client makes the code itself.
  const session = connect()
  const { user } = await session.login({ email, password, mfaSecret: factor.secret })
  assert.equal(user.email, email)
  assert.equal((await session.getUser()).uid, second)
})
await step('log in with a code once', async () => {
  await admin('PUT', `/users/${second}/second-factor`, { kind: 'authenticator' })
  const { code } = await admin('GET', `/users/${second}/second-factor/code`)
  assert.equal((await connect().login({ email, password, tfa_token: code })).user.uid, second)
  const error = await connect().login({ email, password, tfa_token: code }).then(() => null, error => error)
  assert.equal(error?.status, 422)
})
await step('log in with a text message', async () => {
  await admin('PUT', `/users/${second}/second-factor`, { kind: 'text_messages' })
  const error = await connect().login({ email, password }).then(() => null, error => error)
  assert.equal(error?.errorCode, 294)
  assert.equal(error.tfa_type, 'sms')
  const { code } = await admin('GET', `/users/${second}/second-factor/code`)
  assert.equal((await connect().login({ email, password, tfa_token: code })).user.uid, second)
  await admin('DELETE', `/users/${second}/second-factor`)
})
await step('set a new password with the token of a mail, once', async () => {
  const { token } = await admin('POST', `/users/${second}/mails`, { purpose: 'password_reset' })
  const fresh = 'another-password-1'
  const reset = () => user.resetPassword({ resetPasswordToken: token, password: fresh, passwordConfirm: fresh })
  assert.ok((await reset()).notice)
  assert.equal((await logIn(email, fresh)).user.uid, second)
  const old = await logIn(email, password).then(() => null, error => error)
  assert.equal(old?.errorCode, 104)
  assert.equal((await reset().then(() => null, error => error))?.status, 422)
})
await step('lock an account by wrong passwords', async () => {
  for (let attempt = 0; attempt < 20; attempt += 1) await connect().login({ email, password: 'wrong' }).catch(() => {})
  const error = await logIn(email, 'another-password-1').then(() => null, error => error)
  assert.equal(error?.errorCode, 104)
  await admin('POST', `/users/${second}/unlock`)
  assert.equal((await logIn(email, 'another-password-1')).user.uid, second)
})

// Organizations
const owner = await logIn()
const organizations = await step('list organizations', async () => {
  const found = await owner.client.organization().fetchAll()
  assert.ok(found.items.length >= 1)
  return found.items
})
const organization = owner.client.organization(organizations[0].uid)
await step('read an organization', async () => {
  const read = await organization.fetch()
  assert.equal(read.uid, organizations[0].uid)
  assert.equal(read.name, organizations[0].name)
})
await step('give a team roles in a stack, and others, and none', async () => {
  const { roles } = await owner.client.getUser({ include_stack_roles: true })
  const role = roles.find(role => role.api_key === CS_API_KEY).uid
  const team = await organization.teams().create({ team: { name: 'A team', users: [], stackRoleMapping: [] } })
  const mappings = key => organization.teams(team.uid).stackRoleMappings(key)
  await mappings().add({ stackApiKey: CS_API_KEY, roles: [] })
  // This one is a PUT, where the page on the API has a POST.
  const changed = await mappings(CS_API_KEY).update({ roles: [role] })
  assert.deepEqual(changed.stackRoleMapping.roles, [role])
  await mappings(CS_API_KEY).delete()
  await organization.teams(team.uid).delete()
})
await step('read the plan of an organization', async () => {
  const read = await organization.fetch({ include_plan: true })
  const features = read.plan.features.map(feature => feature.uid)
  assert.ok(features.includes('getLimit'), features.join())
})
await refused('an unknown organization', () => owner.client.organization('blt' + '0'.repeat(16)).fetch(), { status: 422 })
// These are methods of an organization that was read.
const read = await organization.fetch()
await step('list the stacks of an organization', async () => {
  const found = await read.stacks()
  assert.ok(found.items.some(stack => stack.api_key))
})
const roles = await step('list the roles of an organization', async () => {
  const found = await read.roles()
  assert.ok(found.items.length >= 1)
  return found.items
})
const invited = await step('invite to an organization', async () => {
  const member = roles.find(role => /member/i.test(role.name)) ?? roles[0]
  const found = await read.addUser({ users: { 'invited@demo.invalid': [member.uid] }, stacks: {} })
  const item = found.items.find(item => item.email === 'invited@demo.invalid')
  assert.ok(item)
  return item
})
await step('list invitations', async () => {
  const found = await read.getInvitations()
  assert.ok(found.items.some(item => item.uid === invited.uid))
  assert.equal((await read.getInvitations({ include_count: true })).count, found.items.length)
})
await step('invite the same again: once is enough', async () => {
  const member = roles.find(role => /member/i.test(role.name)) ?? roles[0]
  await read.addUser({ users: { 'invited@demo.invalid': [member.uid] }, stacks: {} })
  const found = await read.getInvitations()
  assert.equal(found.items.filter(item => item.email === 'invited@demo.invalid').length, 1)
})
await refused('an invitation of what is no address', () => read.addUser({ users: { nobody: [roles[0].uid] }, stacks: {} }), { status: 422 })
// This version of the client has a path of its own here; the documented one is `/share/{uid}/resend_invitation`.
await refused('sending an invitation again by a path that no document has', () => read.resendInvitation(invited.uid), { status: 404 })
await refused('giving an organization to nobody', () => read.transferOwnership('nobody-at-all'), { status: 422 })
await step('log out, and find the session dead', async () => {
  assert.ok((await owner.client.logout(owner.user.authtoken)).notice)
  const error = await connect({ authtoken: owner.user.authtoken }).organization().fetchAll().then(() => null, error => error)
  assert.equal(error.status, 401)
  assert.equal(error.errorCode, 105)
})
finish()
