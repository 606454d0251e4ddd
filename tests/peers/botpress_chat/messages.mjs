import assert from 'node:assert/strict'
import { test } from 'node:test'

import { chat, connect, control, next, text } from './client.mjs'

const image = { type: 'image', imageUrl: 'https://example.org/sandal.png' }
const action = { action: 'say', label: 'Buy', value: 'I buy it' }
const card = { type: 'card', title: 'Sandal', subtitle: 'Red', imageUrl: image.imageUrl, actions: [action] }
const options = [{ label: 'Small', value: 's' }]

const payloads = [
  text('hello world'),
  { type: 'markdown', markdown: '**hello**' },
  image,
  { type: 'audio', audioUrl: 'https://example.org/a.mp3' },
  { type: 'video', videoUrl: 'https://example.org/a.mp4' },
  { type: 'file', fileUrl: 'https://example.org/a.pdf', title: 'Prices' },
  { type: 'location', latitude: 47.4, longitude: 8.5, title: 'Zurich' },
  card,
  { type: 'carousel', items: [card] },
  { type: 'choice', text: 'Size?', options },
  { type: 'dropdown', text: 'Size?', options },
  { type: 'bloc', items: [text('hello world'), image] },
]

async function begin() {
  const client = await connect()
  const { conversation } = await client.createConversation({})
  return { client, conversationId: conversation.id }
}

for (const payload of payloads) {
  test(`a message of the type ${payload.type} is sent, and the answer received`, async () => {
    const { client, conversationId } = await begin()
    const listener = await client.listenConversation({ id: conversationId })
    const received = next(listener, 'message_created', ({ isBot }) => isBot)

    const { message: sent } = await client.createMessage({ conversationId, payload })
    const { isBot, ...answer } = await received

    assert.deepEqual(sent.payload, payload)
    const { messages } = await client.listMessages({ conversationId })
    assert.deepEqual(messages, [answer, sent])
    assert.ok(messages[0].createdAt > messages[1].createdAt)
    await listener.disconnect()
  })
}

test('metadata travel beside the payload', async () => {
  const { client, conversationId } = await begin()
  const { message } = await client.createMessage({ conversationId, payload: text('hello'), metadata: { foo: 'bar' } })

  assert.deepEqual([message.metadata, message.payload], [{ foo: 'bar' }, text('hello')])
  assert.deepEqual((await client.getMessage({ id: message.id })).message, message)
})

test('a message is deleted by its sender', async () => {
  const { client, conversationId } = await begin()
  const listener = await client.listenConversation({ id: conversationId })
  const { message } = await client.createMessage({ conversationId, payload: text('hello') })
  const [answer] = (await client.listMessages({ conversationId })).messages

  const deleted = next(listener, 'message_deleted')
  await client.deleteMessage({ id: message.id })
  assert.deepEqual(await deleted, { id: message.id, conversationId, userId: client.user.id })
  await assert.rejects(client.getMessage({ id: message.id }), chat.ResourceNotFoundError)
  await assert.rejects(client.deleteMessage({ id: answer.id }), chat.ForbiddenError)
  await listener.disconnect()
})

test('a list of messages has pages', async () => {
  const { client, conversationId } = await begin()
  await control('set_bot', { answers: [] })
  for (let number = 0; number < 25; number++) await client.createMessage({ conversationId, payload: text(`${number}`) })
  await control('set_bot', { answers: 'echo' })

  const listed = await client.list.messages({ conversationId }).collect()
  assert.deepEqual(listed.map(({ payload }) => payload.text).reverse(), [...Array(25).keys()].map(String))
})

test('a payload that is none is refused', async () => {
  const { client, conversationId } = await begin()
  await assert.rejects(client.createMessage({ conversationId, payload: { type: 'text' } }), chat.InvalidPayloadError)
})

test('the bot follows a script, and speaks unasked', async () => {
  const { client, conversationId } = await begin()
  await control('set_bot', { answers: ['Hello', ['One', image], null] })
  for (const words of ['a', 'b', 'c', 'd']) await client.createMessage({ conversationId, payload: text(words) })
  await control('bot_says', { conversation_id: conversationId, answer: 'Are you there?' })
  await control('set_bot', { answers: 'echo' })

  const listed = await client.list.messages({ conversationId }).collect()
  const heard = listed.filter(({ userId }) => userId !== client.user.id).map(({ payload }) => payload)
  assert.deepEqual(heard.reverse(), [text('Hello'), text('One'), image, text('Are you there?')])
})
