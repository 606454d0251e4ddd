// The helpers that iterate over lists: each of them over more than one page, and up to a limit.

import assert from 'node:assert/strict'
import test from 'node:test'

import { advance, botId, botpress, client, control, ids, seed, workspaceId } from './client.mjs'

const PAGE = 20 // what the platform gives unless asked
const MANY = PAGE + 2
const DAY = 24 * 60 * 60

const SEEDED = {
  ...{ users: MANY, conversations: MANY, messages: MANY, bots: MANY, workspaces: MANY, members: MANY },
  ...{ integrations: MANY, issues: MANY, activities: MANY, invoices: MANY },
}

/** Do something as many times as it takes for more than one page. */
async function manyTimes(make) {
  for (let number = 0; number < MANY; number += 1) {
    await make(number)
  }
}

const seeded = await seed(SEEDED)
const { conversations } = await client.listConversations({})
const { users } = await client.listUsers({ pageSize: MANY })
const { workspaces } = await client.listWorkspaces({ pageSize: MANY })
const numbered = Object.fromEntries(Array.from({ length: MANY }, (_, number) => [`key${number}`, 'x']))
const { file } = await client.uploadFile({ key: 'passages.txt', content: 'Hello', tags: numbered })

await manyTimes(async (number) => {
  await client.addParticipant({ id: conversations[0].id, userId: users[number].id })
  await client.createEvent({ type: 'orderPlaced', payload: {} })
  await client.createWorkflow({ name: 'order', status: 'pending' })
  await client.createKnowledgeBase({ name: `Base ${number}` })
  await client.upsertFile({ key: `${number}.txt`, size: 1, tags: { number: `${number}` } })
  await client.createInterface({ name: `interface${number}`, version: '1.0.0', public: true })
  const code = { node: '', browser: '' }
  await client.createPlugin({ name: `plugin${number}`, version: '1.0.0', visibility: 'public', code })
  await client.updateWorkspace({ id: workspaces[number].id, isPublic: true })
  await control('record_usage', { type: 'ai_spend', cents: 75 })
  await advance(DAY)
})
const passages = Array.from({ length: MANY }, (_, number) => ({ content: `Passage ${number}` }))
await client.setFilePassages({ id: file.id, passages })
await advance(60)

const FILTERS = {
  participants: { id: conversations[0].id },
  botIssues: { id: botId },
  activities: { taskId: seeded.activities.task, botId },
  filePassages: { id: file.id },
  fileTagValues: { tag: 'number' },
  usageActivity: { id: workspaceId, type: 'ai_spend' },
  usageActivityDaily: { id: workspaceId, type: 'ai_spend' },
}

test('there is a helper for each of 25 lists', () => {
  assert.equal(Object.keys(client.list).length, 25)
})

async function walkedWhole(list, filter) {
  const found = await list(filter).collect()
  const told = new Set(found.map((row) => JSON.stringify(row)))

  assert.ok(found.length > PAGE, `${found.length} rows`)
  assert.equal(told.size, found.length)
}

for (const name of Object.keys(client.list)) {
  test(`the helper for ${name} iterates over more than one page`, async () => {
    await walkedWhole(client.list[name], FILTERS[name] ?? {})
  })
}

test('the helper of billing iterates over more than one page', async () => {
  const billing = new botpress.billing.Client({ token: process.env.BP_TOKEN, workspaceId })

  assert.deepEqual(Object.keys(billing.list), ['listInvoices'])
  await walkedWhole(billing.list.listInvoices, {})
})

test('a long list is iterated over all its pages in its order', async () => {
  const made = []
  for (let count = 0; count < 45; count += 1) {
    made.unshift((await client.createUser({ tags: { plan: 'plus' } })).user.id)
  }
  const iterated = []
  for await (const user of client.list.users({ tags: { plan: 'plus' } })) {
    iterated.push(user.id)
  }

  assert.deepEqual(iterated, made)
  const some = await client.list.users({ tags: { plan: 'plus' }, pageSize: 10 }).collect({ limit: 25 })
  assert.deepEqual(ids(some), made.slice(0, 25))
})
