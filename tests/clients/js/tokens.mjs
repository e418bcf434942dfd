// The vendor's JavaScript client as a black box: create, list, read, update and delete tokens.
import assert from 'node:assert/strict'
import { CS_API_KEY, CS_EMAIL, CS_PASSWORD, connect, finish, refused, step } from './served.mjs'

const client = connect()

const environment = { module: 'environment', environments: ['production'], acl: { read: true } }
const branch = { module: 'branch', branches: ['main', 'development'], acl: { read: true } }
const alias = { module: 'branch_alias', branch_aliases: ['deploy'], acl: { read: true } }

const login = await step('log in', async () => {
  const answer = await client.login({ email: CS_EMAIL, password: CS_PASSWORD })
  assert.ok(answer.notice)
  assert.ok(answer.user.authtoken)
  return answer
})
await step('read the user', async () => {
  const user = await client.getUser()
  assert.equal(user.email, CS_EMAIL)
})

const stack = client.stack({ api_key: CS_API_KEY })

// Delivery tokens
const delivery = await step('create a delivery token', async () => {
  const made = await stack.deliveryToken().create({ token: { name: 'js delivery', description: 'first', scope: [environment, branch, alias] } })
  assert.match(made.uid, /^blt[0-9a-f]{16}$/)
  assert.match(made.token, /^cs[0-9a-f]{24}$/)
  assert.equal(made.scope[0].environments[0].name, 'production')
  assert.ok(made.scope[0].environments[0].uid, 'an environment comes back as an object')
  return made
})
await step('create a delivery token with a preview token by query parameter', async () => {
  const made = await stack.deliveryToken().create({ token: { name: 'js with preview', scope: [environment, branch] } }, { create_with_preview_token: true })
  assert.match(made.preview_token, /^cs[0-9a-f]{24}$/)
  await made.delete()
})
await step('ask for a preview token in the body, which is ignored', async () => {
  const made = await stack.deliveryToken().create({ create_with_preview_token: true, token: { name: 'js in body', scope: [environment, branch], create_with_preview_token: true } })
  assert.equal(made.preview_token, undefined)
  await made.delete()
})
await step('list delivery tokens', async () => {
  const found = await stack.deliveryToken().query().find()
  assert.ok(found.items.some(item => item.uid === delivery.uid))
})
await step('find a delivery token by name', async () => {
  const found = await stack.deliveryToken().query({ query: { name: 'js delivery' } }).find()
  assert.deepEqual(found.items.map(item => item.uid), [delivery.uid])
})
await step('read a delivery token', async () => {
  const read = await stack.deliveryToken(delivery.uid).fetch()
  assert.equal(read.token, delivery.token, 'the value of a delivery token can be read again')
})
await step('update a delivery token', async () => {
  const read = await stack.deliveryToken(delivery.uid).fetch()
  read.name = 'js delivery renamed'
  read.scope = [{ ...environment, environments: ['staging'] }, branch]
  const updated = await read.update()
  assert.equal(updated.name, 'js delivery renamed')
  const again = await stack.deliveryToken(delivery.uid).fetch()
  assert.equal(again.scope[0].environments[0].name, 'staging')
  assert.equal(again.token, delivery.token, 'the value remains constant')
})
await refused('a scope without branches', () => stack.deliveryToken().create({ token: { name: 'js no branch', scope: [environment] } }), { status: 422, code: 141, key: 'scope.branch_or_alias' })
await refused('an unknown environment', () => stack.deliveryToken().create({ token: { name: 'js unknown', scope: [{ ...environment, environments: ['nowhere'] }, branch] } }), { status: 422 })
await refused('a taken name', () => stack.deliveryToken().create({ token: { name: 'js delivery renamed', scope: [environment, branch] } }), { status: 422 })

// Preview tokens
const preview = await step('create a preview token', async () => {
  const made = await stack.deliveryToken(delivery.uid).previewToken().create()
  assert.equal(made.uid, delivery.uid, 'the answer is the delivery token')
  assert.match(made.preview_token, /^cs[0-9a-f]{24}$/)
  return made
})
await step('see the preview token in the list', async () => {
  const found = await stack.deliveryToken().query().find()
  assert.equal(found.items.find(item => item.uid === delivery.uid).preview_token, preview.preview_token)
})
await step('delete the preview token', async () => {
  const answer = await stack.deliveryToken(delivery.uid).previewToken().delete()
  assert.ok(answer.notice)
  const read = await stack.deliveryToken(delivery.uid).fetch()
  assert.equal(read.preview_token, undefined)
})
await step('delete a delivery token', async () => {
  const answer = await stack.deliveryToken(delivery.uid).delete()
  assert.ok(answer.notice)
})
await refused('reading a deleted delivery token', () => stack.deliveryToken(delivery.uid).fetch(), { status: 422 })

// Management tokens
const management = await step('create a management token', async () => {
  const made = await stack.managementToken().create({ token: {
    name: 'js management', description: 'for tests', expires_on: '2099-12-10', is_email_notification_enabled: true,
    scope: [{ module: 'content_type', acl: { read: true, write: true } }, branch, alias]
  } })
  assert.match(made.token, /^cs[0-9a-f]{24}$/)
  return made
})
await step('list management tokens, without their values', async () => {
  const found = await stack.managementToken().query().find()
  const item = found.items.find(item => item.uid === management.uid)
  assert.equal(item.token, undefined)
  assert.equal(item.expires_on, '2099-12-10')
})
await step('read a management token, without its value', async () => {
  const read = await stack.managementToken(management.uid).fetch()
  assert.equal(read.token, undefined)
  assert.equal(read.name, 'js management')
})
await refused('a delivery token without a name', () => stack.deliveryToken().create({ token: { scope: [environment, branch] } }), { status: 422, code: 141, key: 'name' })
await refused('an unknown module', () => stack.deliveryToken().create({ token: { name: 'js module', scope: [environment, branch, { module: 'nothing', acl: { read: true } }] } }), { status: 422, key: 'scope.module' })
await refused('a management token without branches', () => stack.managementToken().create({ token: { name: 'js no branch', scope: [{ module: 'content_type', acl: { read: true } }] } }), { status: 422, code: 141, key: 'scope.branch_or_alias' })
await step('count delivery tokens, page by page', async () => {
  const made = []
  for (const name of ['c', 'a', 'b']) made.push(await stack.deliveryToken().create({ token: { name: `js page ${name}`, scope: [environment, branch] } }))
  const first = await stack.deliveryToken().query({ include_count: true, limit: 2, asc: 'name' }).find()
  assert.deepEqual(first.items.map(item => item.name), ['js page a', 'js page b'])
  assert.equal(first.count, 3)
  const rest = await stack.deliveryToken().query({ skip: 2, asc: 'name' }).find()
  assert.deepEqual(rest.items.map(item => item.name), ['js page c'])
  for (const token of made) await token.delete()
})
await step('fill a stack with delivery tokens', async () => {
  const made = []
  for (let number = 0; number < 20; number += 1) made.push(await stack.deliveryToken().create({ token: { name: `js full ${number}`, scope: [environment, branch] } }))
  const error = await stack.deliveryToken().create({ token: { name: 'js one more', scope: [environment, branch] } }).then(() => null, error => error)
  assert.equal(error?.status, 422)
  for (const token of made) await token.delete()
})
await step('update a management token', async () => {
  const read = await stack.managementToken(management.uid).fetch()
  read.name = 'js management renamed'
  read.expires_on = '2099-12-31'
  const updated = await read.update()
  assert.equal(updated.expires_on, '2099-12-31')
})
await refused('a management token on a token route', () => connect()
  .stack({ api_key: CS_API_KEY, management_token: management.token }).deliveryToken().query().find(), { status: 403 })
await step('delete a management token', async () => {
  const answer = await stack.managementToken(management.uid).delete()
  assert.ok(answer.notice)
})
await refused('a wrong api_key', () => client.stack({ api_key: 'blt0000000000000000' }).deliveryToken().query().find(), { status: 412, code: 109, key: 'api_key' })
await step('log out', async () => {
  const answer = await client.logout(login.user.authtoken)
  assert.ok(answer.notice)
})
await refused('a dead authtoken', () => stack.deliveryToken().query().find(), { status: 401, code: 105, key: 'authtoken' })
finish()
