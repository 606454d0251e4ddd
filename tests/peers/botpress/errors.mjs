// Errors: the class of each type, and where errors come about by themselves.

import assert from 'node:assert/strict'
import test from 'node:test'

import { botId, botpress, client, control } from './client.mjs'

const CODES = {
  Unknown: 500, Internal: 500, Unauthorized: 401, Forbidden: 403, PayloadTooLarge: 413, InvalidPayload: 400,
  UnsupportedMediaType: 415, MethodNotFound: 405, ResourceNotFound: 404, InvalidJsonSchema: 400, InvalidDataFormat: 400,
  InvalidIdentifier: 400, RelationConflict: 409, ReferenceConstraint: 409, ResourceLockedConflict: 409,
  ResourceGone: 410, ReferenceNotFound: 400, InvalidQuery: 400, Runtime: 400, AlreadyExists: 409, RateLimited: 429,
  PaymentRequired: 402, QuotaExceeded: 403, LimitExceeded: 413, BreakingChanges: 400, OperationTimeout: 504,
}

// The operations whose description has all these statuses between them.
const CALLS = {
  MethodNotFound: ['importMessages', () => client.importMessages({ messages: [] })],
  default: ['copyFile', () => client.copyFile({ idOrKey: 'a.txt', destinationKey: 'b.txt' })],
}

async function caught(call) {
  try {
    await call()
  } catch (error) {
    return error
  }
  return assert.fail('it was not refused')
}

test('there are 26 types, and a class for each', () => {
  const others = ['UploadFileError', 'isApiError']
  const classes = Object.keys(botpress).filter((name) => name.endsWith('Error') && !others.includes(name))

  assert.deepEqual(classes.sort(), Object.keys(CODES).map((type) => `${type}Error`).sort())
})

for (const [type, code] of Object.entries(CODES)) {
  test(`${type} is raised as ${type}Error`, async () => {
    const [operation, call] = CALLS[type] ?? CALLS.default
    await control('refuse_next', { type, operation_id: operation, message: 'said by the sandbox' })
    const error = await caught(call)

    assert.ok(error instanceof botpress[`${type}Error`])
    assert.ok(botpress.isApiError(error))
    assert.equal(error.type, type)
    assert.equal(error.code, code)
    assert.equal(error.message, 'said by the sandbox')
    assert.match(error.id, /^err_\d{14}x[0-9A-F]{8}$/)
    assert.equal(botpress.errorFrom(error.toJSON()).type, type)
  })
}

test('each type is described in the words of its class', async () => {
  const headers = { authorization: `Bearer ${process.env.BP_TOKEN}`, 'x-bot-id': botId, 'content-type': 'application/json' }
  for (const type of Object.keys(CODES)) {
    const path = type === 'MethodNotFound' ? 'chat/messages/import-messages' : 'files/a.txt/copy'
    await control('refuse_next', { type, message: 'said by the sandbox' })
    const response = await fetch(`${process.env.BP_API_URL}/v1/${path}`, { method: 'POST', headers, body: '{}' })

    assert.equal((await response.json()).description, new botpress[`${type}Error`]('').description)
  }
})

test('errors come about by themselves', async () => {
  const schema = { city: 'Porto' }
  await client.createTable({ name: 'CitiesTable', schema })
  const attempts = {
    AlreadyExists: () => client.createTable({ name: 'CitiesTable', schema }),
    ResourceNotFound: () => client.getTable({ table: 'NoTable' }),
    InvalidPayload: () => client.createTable({ name: 5, schema }),
    InvalidQuery: () => client.listUsers({ pageSize: 0 }),
    InvalidIdentifier: () => client.createIntegration({ name: 'Courier!', version: '1.0.0' }),
    Forbidden: () => new botpress.Client({ botId: 'of-nobody' }).listUsers({}),
  }
  for (const [type, attempt] of Object.entries(attempts)) {
    assert.equal((await caught(attempt)).type, type)
  }
})

test('a refused part of an import is told apart', async () => {
  const { user } = await client.createUser({ tags: {} })
  const { conversation } = await client.createConversation({ channel: 'channel', tags: {} })
  const past = { tags: {}, createdAt: '2025-03-01T08:00:00.000Z', discriminateByTags: [] }
  const said = { ...past, type: 'text', payload: { text: 'Hi' }, conversationId: conversation.id }
  const messages = [user.id, `user_${'0'.repeat(26)}`].map((userId) => ({ ...said, userId }))
  const error = await caught(() => client.importMessages({ messages }))

  assert.equal(error.type, 'ReferenceNotFound')
  assert.equal(error.metadata.resolvedMessages.length, 1)
  assert.equal(error.metadata.failedMessages.length, 1)
})

test('its own way to try again gets past a rate limit', async () => {
  const patient = new botpress.Client({ retry: { retries: 3 } })
  await control('refuse_next', { type: 'RateLimited', operation_id: 'listUsers', times: 2 })

  assert.ok((await patient.listUsers({})).users)
})
