import assert from 'node:assert/strict'
import { test } from 'node:test'

import { connect, control, next, text } from './client.mjs'

test('custom events go to the bot and come back', async () => {
  const client = await connect()
  const { conversation } = await client.createConversation({})
  const listener = await client.listenConversation({ id: conversation.id })
  const received = next(listener, 'event_created', ({ isBot }) => isBot)

  const { event } = await client.createEvent({ conversationId: conversation.id, payload: { foo: 'bar' } })

  const answer = await received
  assert.deepEqual([answer.id, answer.payload], [null, event.payload])
  assert.deepEqual((await client.getEvent({ id: event.id })).event, event)
  await listener.disconnect()
})

test('a listener hears that its connection is lost, connects again, and finds what it missed', async () => {
  const client = await connect()
  const { conversation } = await client.createConversation({})
  const listener = await client.listenConversation({ id: conversation.id })

  for (const cause of [{}, { break: true }]) {
    const lost = new Promise((resolve) => listener.once('error', resolve))
    await control('end_streams', cause)
    await lost
    await control('bot_says', { conversation_id: conversation.id, answer: 'missed' })
    await listener.connect()
    assert.equal((await client.listMessages({ conversationId: conversation.id })).messages[0].payload.text, 'missed')
    const heard = next(listener, 'message_created')
    await client.createMessage({ conversationId: conversation.id, payload: text('hello') })
    assert.equal((await heard).payload.text, 'hello')
  }
  await listener.disconnect()
})
