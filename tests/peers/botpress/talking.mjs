// A bot at work: people, conversations, messages, events, states, workflows and actions.

import assert from 'node:assert/strict'
import test from 'node:test'

import { advance, botId, botpress, client, clientOf, control, ids } from './client.mjs'

async function parties() {
  const { user } = await client.createUser({ tags: { name: 'Ana' } })
  const { conversation } = await client.createConversation({ channel: 'channel', tags: { topic: 'pumps' } })
  return { userId: user.id, conversationId: conversation.id }
}

const said = (text) => ({ type: 'text', payload: { text }, tags: {} })

test('a user is made, found again, changed and forgotten', async () => {
  const { user } = await client.createUser({ tags: { email: 'ana@example.com' }, name: 'Ana' })
  const again = await client.getOrCreateUser({ tags: { email: 'ana@example.com' }, discriminateByTags: ['email'] })
  const changed = await client.updateUser({ id: user.id, tags: { plan: 'plus' } })

  assert.equal(again.user.id, user.id)
  assert.equal(again.meta.created, false)
  assert.deepEqual((await client.getUser({ id: user.id })).user, changed.user)
  assert.deepEqual(ids((await client.listUsers({ tags: { plan: 'plus' } })).users), [user.id])
  assert.deepEqual((await client.listTagValues({ type: 'user', key: 'plan' })).tags, [{ value: 'plus' }])
  assert.deepEqual(await client.deleteUser({ id: user.id }), {})
  await assert.rejects(client.getUser({ id: user.id }), botpress.ResourceNotFoundError)
})

test('a conversation is opened, joined, changed and closed', async () => {
  const { userId, conversationId } = await parties()
  const known = { channel: 'channel', tags: { topic: 'pumps' }, discriminateByTags: ['topic'] }
  const again = await client.getOrCreateConversation(known)
  const added = await client.addParticipant({ id: conversationId, userId })
  const changed = await client.updateConversation({ id: conversationId, tags: { topic: 'rings' } })

  assert.equal(again.conversation.id, conversationId)
  assert.deepEqual((await client.getParticipant({ id: conversationId, userId })).participant, added.participant)
  assert.ok(ids((await client.listParticipants({ id: conversationId })).participants).includes(userId))
  const found = await client.listConversations({ participantIds: [userId], tags: { topic: 'rings' } })
  assert.deepEqual(found.conversations, [(await client.getConversation({ id: conversationId })).conversation])
  assert.equal(changed.conversation.tags.topic, 'rings')
  await client.removeParticipant({ id: conversationId, userId })
  await client.deleteConversation({ id: conversationId })
  await assert.rejects(client.getConversation({ id: conversationId }), botpress.ResourceNotFoundError)
})

test('a message is said once, changed and taken back', async () => {
  const who = await parties()
  const { message } = await client.createMessage({ ...who, ...said('Hello') })
  const form = { ...who, ...said('Once'), tags: { source: 'form-7' }, discriminateByTags: ['source'] }
  const first = await client.getOrCreateMessage(form)
  const again = await client.getOrCreateMessage(form)
  const changed = await client.updateMessage({ id: message.id, payload: { text: 'Goodbye' }, tags: { topic: 'end' } })

  assert.equal(message.direction, 'outgoing')
  assert.equal(first.message.id, again.message.id)
  assert.deepEqual((await client.getMessage({ id: message.id })).message, changed.message)
  const listed = await client.listMessages({ conversationId: who.conversationId })
  assert.deepEqual(ids(listed.messages), [first.message.id, message.id])
  assert.deepEqual(await client.deleteMessage({ id: message.id }), {})
})

test('messages of the past are imported', async () => {
  const past = { ...(await parties()), ...said('Long ago'), createdAt: '2025-03-01T08:00:00.000Z' }
  const { messages } = await client.importMessages({ messages: [{ ...past, discriminateByTags: [] }] })

  assert.equal(messages[0].createdAt, past.createdAt)
})

test('an integration brings in a message with all that belongs to it', async () => {
  const telegram = clientOf('iak')
  const arrival = {
    user: { tags: { id: '42' }, name: 'Ben', discriminateByTags: ['id'] },
    conversation: { channel: 'channel', tags: { chatId: '7' }, discriminateByTags: ['chatId'] },
    message: { ...said('Hi'), tags: { id: '1' }, discriminateByTags: ['id'] },
  }
  const first = await telegram.initializeIncomingMessage(arrival)
  const again = await telegram.initializeIncomingMessage(arrival)

  assert.equal(first.message.direction, 'incoming')
  assert.equal(again.message.id, first.message.id)
  assert.deepEqual(await telegram.configureIntegration({ identifier: 'chat-7' }), {})
})

test('an event is told of, and one for later is called off', async () => {
  const { event } = await client.createEvent({ type: 'orderPlaced', payload: { order: 7 } })
  const later = await client.createEvent({ type: 'orderPlaced', payload: {}, schedule: { delay: 60_000 } })

  assert.deepEqual((await client.getEvent({ id: event.id })).event.payload, { order: 7 })
  assert.deepEqual(ids((await client.listEvents({ status: 'scheduled' })).events), [later.event.id])
  await client.cancelScheduledEvent({ id: later.event.id })
  assert.equal((await client.getEvent({ id: later.event.id })).event.status, 'canceled')
})

test('a state is set, changed in part, and expires', async () => {
  const { conversationId } = await parties()
  const address = { type: 'conversation', id: conversationId, name: 'order' }
  await client.setState({ ...address, payload: { step: 1, item: 'pump' } })
  const patched = await client.patchState({ ...address, payload: { step: 2 } })
  const kept = await client.getOrSetState({ ...address, payload: { step: 9 } })
  await client.setStateExpiry({ ...address, expiry: 60_000 })

  assert.deepEqual(patched.state.payload, { step: 2, item: 'pump' })
  assert.deepEqual(kept.state.payload, patched.state.payload)
  assert.equal((await client.getState(address)).state.payload.step, 2)
  await advance(120)
  await assert.rejects(client.getState(address), (error) => [404, 410].includes(error.code))
})

test('a workflow goes on to its end', async () => {
  const { event } = await client.createEvent({ type: 'orderPlaced', payload: {} })
  const known = { name: 'order', status: 'pending', tags: { order: '7' } }
  const { workflow } = await client.createWorkflow(known)
  await client.updateWorkflow({ id: workflow.id, status: 'in_progress', eventId: event.id })
  const again = await client.getOrCreateWorkflow({ ...known, discriminateByTags: ['order'] })
  const done = await client.updateWorkflow({ id: workflow.id, status: 'completed', output: { sum: 3 } })

  assert.equal(again.workflow.id, workflow.id)
  assert.deepEqual((await client.getWorkflow({ id: workflow.id })).workflow, done.workflow)
  const found = await client.listWorkflows({ statuses: ['completed', 'failed'], tags: { order: '7' } })
  assert.deepEqual(ids(found.workflows), [workflow.id])
  assert.deepEqual(await client.deleteWorkflow({ id: workflow.id }), {})
})

test('an action gives its output, or the error of its code', async () => {
  await control('set_action', { type: 'lookUp', output: { price: 12 } })
  assert.deepEqual((await client.callAction({ type: 'lookUp', input: { item: 'pump' } })).output, { price: 12 })

  await control('set_action', { type: 'lookUp', error: 'sold out' })
  await assert.rejects(client.callAction({ type: 'lookUp', input: { item: 'pump' } }), botpress.RuntimeError)
})

test('what happens is counted', async () => {
  assert.deepEqual(await client.trackAnalytics({ name: 'orders', count: 3 }), {})
  assert.deepEqual(await client.captureObservation({ name: 'slow', data: { seconds: 9 } }), {})
})

test('the narrow client of the runtime is enough for a bot', async () => {
  const narrow = new botpress.runtime.Client({ token: process.env.BP_TOKEN, botId })
  const { user } = await narrow.createUser({ tags: {} })

  assert.equal((await clientOf('bak').getUser({ id: user.id })).user.id, user.id)
})

/** Let a user write to the bot on the channel of the integration. */
async function heard(text) {
  const { user, conversation } = await clientOf('iak').initializeIncomingMessage({
    user: { tags: { id: '42' }, name: 'Ben', discriminateByTags: ['id'] },
    conversation: { channel: 'channel', tags: { chatId: '7' }, discriminateByTags: ['chatId'] },
    message: { ...said(text), discriminateByTags: [] },
  })
  return { userId: user.id, conversationId: conversation.id }
}

const texts = async (conversationId) =>
  (await client.listMessages({ conversationId })).messages.map((message) => message.payload.text)

test('a bot replies as itself', async () => {
  const bot = clientOf('bak')
  const { conversationId } = await heard('Hello')
  const { message } = await bot.createMessage({ conversationId, userId: botId, ...said('Hello world') })

  assert.equal(message.direction, 'outgoing')
  assert.equal(message.userId, botId)
  assert.equal((await bot.getUser({ id: botId })).user.id, botId)
  assert.ok(ids((await bot.listParticipants({ id: conversationId })).participants).includes(botId))
  assert.deepEqual((await texts(conversationId)).slice(0, 2), ['Hello world', 'Hello'])
})

test('a bot hands over to a person and takes back', async () => {
  const bot = clientOf('bak')
  const upstream = await heard('I want to talk to a person')
  const { user: agent } = await bot.createUser({ tags: {}, name: 'Agent' })
  const { conversation: downstream } = await bot.createConversation({ channel: 'channel', tags: { topic: 'help' } })
  await bot.addParticipant({ id: downstream.id, userId: botId })
  await bot.addParticipant({ id: downstream.id, userId: agent.id })
  await bot.updateConversation({ id: upstream.conversationId, tags: { topic: downstream.id } })
  await bot.updateUser({ id: upstream.userId, tags: { plan: 'assisted' } })
  await bot.setState({ type: 'conversation', id: upstream.conversationId, name: 'order', payload: { isHandedOver: true } })

  for (const { type, payload } of (await bot.listMessages({ conversationId: upstream.conversationId })).messages) {
    await bot.createMessage({ conversationId: downstream.id, userId: botId, type, payload, tags: {} })
  }
  await bot.createMessage({ conversationId: upstream.conversationId, userId: botId, ...said('A person will answer') })
  await bot.updateConversation({ id: upstream.conversationId, tags: { topic: null } })
  await bot.updateUser({ id: upstream.userId, tags: { plan: null } })
  const { conversation } = await bot.getConversation({ id: upstream.conversationId })

  assert.ok((await texts(downstream.id)).includes('I want to talk to a person'))
  assert.equal(conversation.tags.topic, undefined)
  assert.equal((await bot.getUser({ id: upstream.userId })).user.tags.plan, undefined)
})

test('a bot replies from its knowledge', async () => {
  const bot = clientOf('bak')
  const { conversationId } = await heard('When is the office open?')
  const { passages } = await bot.searchFiles({ query: 'office open', tags: { source: ['knowledge-base'] }, limit: 3 })
  await bot.createMessage({ conversationId, userId: botId, ...said(passages[0].content) })

  assert.match((await texts(conversationId))[0], /from eight to five/)
})
