import assert from 'node:assert/strict'
import { test } from 'node:test'

import { apiUrl, chat, connect, control, encryptionKey } from './client.mjs'

const client = new chat.Client({ apiUrl })

test('a new user has a key and is found by it', async () => {
  const { user, key } = await client.createUser({ name: 'Zoe', pictureUrl: 'https://example.org/zoe.png', profile: '{}' })

  assert.deepEqual((await client.getUser({ 'x-user-key': key })).user, user)
  assert.deepEqual((await client.getOrCreateUser({ 'x-user-key': key })).user.id, user.id)
})

test('a user is changed, and what is missing stays', async () => {
  const zoe = await connect({ userId: 'zoe' })
  await zoe.updateUser({ name: 'Zoe', profile: 'basic' })
  await zoe.updateUser({ name: 'Zoë' })

  const { user } = await zoe.getUser({})
  assert.deepEqual([user.id, user.name, user.profile], ['zoe', 'Zoë', 'basic'])
})

test('an id is taken once', async () => {
  await client.createUser({ id: 'once' })
  await assert.rejects(client.createUser({ id: 'once' }), chat.AlreadyExistsError)
})

test('an id has certain characters and no more than seventy', async () => {
  for (const id of ['not+allowed', 'long'.repeat(20)]) {
    await assert.rejects(client.createUser({ id }), chat.InvalidPayloadError)
  }
})

test('a user is gone once deleted', async () => {
  const user = await connect()
  await user.deleteUser({})
  await assert.rejects(user.getUser({}), chat.ResourceNotFoundError)
})

test('a key that nobody signed is refused', async () => {
  await assert.rejects(client.getUser({ 'x-user-key': 'made up' }), chat.UnauthorizedError)
})

test('the owner of the integration signs the keys of users', async () => {
  await control('set_encryption_key', { key: encryptionKey })

  const first = await connect({ encryptionKey, userId: 'signed' })
  const again = await connect({ encryptionKey, userId: 'signed' })
  assert.deepEqual([first.user.id, again.user.createdAt], ['signed', first.user.createdAt])
  await assert.rejects(connect({ encryptionKey, userId: 'not+allowed' }), chat.InvalidPayloadError)
  await assert.rejects(client.createUser({}), chat.UnauthorizedError)
})

test('another webhook id leads nowhere', async () => {
  await assert.rejects(connect({ apiUrl: `${apiUrl}1234` }), chat.ChatClientError)
})
