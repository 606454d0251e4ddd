import assert from 'node:assert/strict'
import { test } from 'node:test'

import { apiUrl, chat, connect, next, text } from './client.mjs'

const client = new chat.Client({ apiUrl })

test('a conversation is created once under an id of its own, and got or created often', async () => {
  const owner = await connect()
  const { conversation } = await owner.createConversation({ id: 'order-1042' })

  assert.equal(conversation.id, 'order-1042')
  assert.deepEqual((await owner.getConversation({ id: 'order-1042' })).conversation, conversation)
  await assert.rejects(owner.createConversation({ id: 'order-1042' }), chat.AlreadyExistsError)
  for (const id of ['order-1042', 'order-1043', 'order-1043']) {
    assert.equal((await owner.getOrCreateConversation({ id })).conversation.id, id)
  }
  await assert.rejects(owner.getOrCreateConversation({ id: 'not+allowed' }), chat.InvalidPayloadError)
  const stranger = await connect()
  await assert.rejects(stranger.getOrCreateConversation({ id: 'order-1042' }), chat.ForbiddenError)
})

test('an owner lists all conversations, page by page, and deletes them', async () => {
  const owner = await connect()
  for (let number = 0; number < 25; number++) await owner.createConversation({})

  const listed = await owner.list.conversations({}).collect()
  assert.equal(new Set(listed.map(({ id }) => id)).size, 25)
  await owner.deleteConversation({ id: listed[0].id })
  await assert.rejects(owner.getConversation({ id: listed[0].id }), chat.ResourceNotFoundError)
  await assert.rejects(owner.listConversations({ nextToken: 'made up' }), chat.InvalidQueryError)
})

test('only participants see a conversation, and only its owner lets them in', async () => {
  const [one, two, three] = await Promise.all([client.createUser({}), client.createUser({}), client.createUser({})])
  const as = ({ key }) => ({ 'x-user-key': key })
  const { conversation } = await client.createConversation(as(one))
  const about = { conversationId: conversation.id, userId: two.user.id }

  await assert.rejects(client.createMessage({ ...about, ...as(two), payload: text('hello') }), chat.ForbiddenError)
  assert.equal((await client.addParticipant({ ...about, ...as(one) })).participant.id, two.user.id)
  assert.equal((await client.getParticipant({ ...about, ...as(one) })).participant.id, two.user.id)
  await assert.rejects(client.getParticipant({ ...about, ...as(two) }), chat.ForbiddenError)
  assert.equal((await client.listParticipants({ ...about, ...as(two) })).participants.length, 2)
  await client.createMessage({ ...about, ...as(two), payload: text('hello') })
  for (const call of ['getConversation', 'listParticipants', 'listMessages', 'addParticipant']) {
    await assert.rejects(client[call]({ id: conversation.id, ...about, ...as(three) }), chat.ForbiddenError)
  }
  await client.removeParticipant({ ...about, ...as(one) })
  await assert.rejects(client.createMessage({ ...about, ...as(two), payload: text('hello') }), chat.ForbiddenError)
})

test('the owner stays', async () => {
  const owner = await connect()
  const { conversation } = await owner.createConversation({})
  const self = { conversationId: conversation.id, userId: owner.user.id }

  await assert.rejects(owner.removeParticipant(self), chat.InvalidPayloadError)
})

test('who is removed hears no more', async () => {
  const [owner, guest] = [await connect(), await connect()]
  const { conversation } = await owner.createConversation({})
  const about = { conversationId: conversation.id, userId: guest.user.id }
  const listener = await owner.listenConversation({ id: conversation.id })

  const added = next(listener, 'participant_added')
  await owner.addParticipant(about)
  assert.deepEqual(await added, { conversationId: conversation.id, participantId: guest.user.id })
  const guests = await guest.listenConversation({ id: conversation.id })
  const lost = new Promise((resolve) => guests.once('error', resolve))
  const removed = next(listener, 'participant_removed')
  await owner.removeParticipant(about)
  assert.deepEqual(await removed, { conversationId: conversation.id, participantId: guest.user.id })
  await lost
  assert.equal(guests.status, 'disconnected')
  await listener.disconnect()
})
