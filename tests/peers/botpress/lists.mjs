// The helpers that walk lists: each of them, page by page and up to a limit.

import assert from 'node:assert/strict'
import test from 'node:test'

import { advance, botId, client, control, ids, workspaceId } from './client.mjs'

await advance(60) // the file that is there from the start has been indexed
const { conversations } = await client.listConversations({})
const { files } = await client.listFiles({ tags: { title: 'Opening hours' } })
await control('record_usage', { type: 'ai_spend', cents: 75 })
await control('record_activity', { task: 'task_7', description: 'Answered.' })
await control('report_issue', { code: 'slow', title: 'Too slow' })

const FILTERS = {
  participants: { id: conversations[0].id },
  botIssues: { id: botId },
  activities: { taskId: 'task_7', botId },
  filePassages: { id: files[0].id },
  fileTagValues: { tag: 'title' },
  usageActivity: { id: workspaceId, type: 'ai_spend' },
  usageActivityDaily: { id: workspaceId, type: 'ai_spend' },
}

for (const name of Object.keys(client.list)) {
  test(`the helper for ${name} finds something`, async () => {
    const found = await client.list[name](FILTERS[name] ?? {}).collect()

    assert.ok(found.length > 0)
  })
}

test('there is a helper for each of 25 lists', () => {
  assert.equal(Object.keys(client.list).length, 25)
})

test('a long list is walked over all its pages', async () => {
  const made = []
  for (let count = 0; count < 45; count += 1) {
    made.unshift((await client.createUser({ tags: { plan: 'plus' } })).user.id)
  }
  const walked = []
  for await (const user of client.list.users({ tags: { plan: 'plus' } })) {
    walked.push(user.id)
  }

  assert.deepEqual(walked, made)
  const some = await client.list.users({ tags: { plan: 'plus' }, pageSize: 10 }).collect({ limit: 25 })
  assert.deepEqual(ids(some), made.slice(0, 25))
})
