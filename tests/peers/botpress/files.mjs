// Files: the helper that uploads, tags, passages, search, and knowledge bases.

import assert from 'node:assert/strict'
import test from 'node:test'

import { advance, botpress, client, control, ids } from './client.mjs'

const GUIDE = '# Pumps\n\nClose the valve before you open the pump.\n\n## Repair\n\nGrease the rubber ring.\n'

async function settled(id) {
  await advance(60)
  return (await client.getFile({ id })).file
}

test('text, bytes and blobs are uploaded', async () => {
  const blob = new Blob(['Hello'], { type: 'text/plain' })
  const contents = { 'a.txt': 'Héllo', 'b.bin': Buffer.from([0, 1, 2]), 'c.txt': blob }
  for (const [key, content] of Object.entries(contents)) {
    const { file } = await client.uploadFile({ key, content, tags: { kind: 'upload' } })
    const stored = await settled(file.id)
    const bytes = Buffer.from(await (await fetch(stored.url)).arrayBuffer())

    assert.equal(stored.status, 'upload_completed')
    assert.equal(stored.size, file.size)
    assert.deepEqual(bytes, Buffer.from(await new Blob([content]).arrayBuffer()))
  }
  const found = await client.listFiles({ tags: { kind: 'upload' }, sortField: 'key', sortDirection: 'asc' })
  assert.deepEqual(found.files.map((file) => file.key), ['a.txt', 'b.bin', 'c.txt'])
})

test('what stands at an address is uploaded', async () => {
  const { file } = await client.uploadFile({ key: 'source.txt', content: 'Hello' })
  const { url } = await settled(file.id)
  const copy = await client.uploadFile({ key: 'copy.txt', url })

  assert.equal((await settled(copy.file.id)).size, 5)
})

test('public content can be read at once', async () => {
  const { file } = await client.uploadFile({
    key: 'public.txt',
    content: 'Hello',
    accessPolicies: ['public_content'],
    publicContentImmediatelyAccessible: true,
  })

  assert.equal(await (await fetch(file.url)).text(), 'Hello')
})

test('an upload that is refused has an error of its own', async () => {
  await control('refuse_next', { type: 'QuotaExceeded', operation_id: 'upsertFile', message: 'no room' })

  await assert.rejects(client.uploadFile({ key: 'a.txt', content: 'Hello' }), botpress.QuotaExceededError)
  await assert.rejects(client.uploadFile({ key: 'a.txt' }), botpress.UploadFileError)
})

test('a file is tagged, copied and deleted', async () => {
  const { file } = await client.uploadFile({ key: 'notes/a b.txt', content: 'Hello', tags: { team: 'x', old: 'y' } })
  await settled(file.id)
  const changed = await client.updateFileMetadata({ id: 'notes/a b.txt', tags: { old: null }, metadata: { pages: 1 } })
  const copied = await client.copyFile({ idOrKey: file.id, destinationKey: 'notes/c.txt' })

  assert.deepEqual(changed.file.tags, { team: 'x' })
  assert.deepEqual(copied.file.tags, { team: 'x' })
  assert.ok((await client.listFileTags({})).tags.includes('team'))
  assert.deepEqual((await client.listFileTagValues({ tag: 'team' })).values, ['x'])
  assert.deepEqual(await client.deleteFile({ id: 'notes/c.txt' }), {})
  await assert.rejects(client.getFile({ id: 'notes/c.txt' }), botpress.ResourceNotFoundError)
})

test('tags are matched by value, by list and by condition', async () => {
  for (const team of ['sales', 'legal', 'support']) {
    await client.upsertFile({ key: `${team}.txt`, size: 1, tags: { team } })
  }
  const teams = async (tags) => {
    const { files } = await client.listFiles({ tags, sortField: 'key', sortDirection: 'asc' })
    return files.map((file) => file.tags.team)
  }

  assert.deepEqual(await teams({ team: 'sales' }), ['sales'])
  assert.deepEqual(await teams({ team: ['sales', 'legal'] }), ['legal', 'sales'])
  assert.deepEqual(await teams({ team: { in: ['support', 'legal'] } }), ['legal', 'support'])
})

test('an indexed file is searched, and its passages can be written by hand', async () => {
  const { file } = await client.uploadFile({ key: 'guide.md', content: GUIDE, index: true })
  assert.equal((await settled(file.id)).status, 'indexing_completed')

  const { passages } = await client.searchFiles({ query: 'open the valve of the pump' })
  assert.equal(passages[0].content, 'Close the valve before you open the pump.')
  assert.equal((await client.listFilePassages({ id: file.id })).passages.length, 4)

  await client.setFilePassages({ id: file.id, passages: [{ content: 'The ring is made of rubber.' }] })
  await settled(file.id)
  assert.deepEqual((await client.searchFiles({ query: 'rubber' })).passages.map((found) => found.content), [
    'The ring is made of rubber.',
  ])
})

test('a knowledge base is made, renamed and deleted', async () => {
  const { knowledgeBase } = await client.createKnowledgeBase({ name: 'Pumps', tags: { team: 'x' } })
  const changed = await client.updateKnowledgeBase({ id: knowledgeBase.id, name: 'All pumps' })

  assert.equal(changed.knowledgeBase.name, 'All pumps')
  assert.ok(ids((await client.listKnowledgeBases({})).knowledgeBases).includes(knowledgeBase.id))
  assert.deepEqual(await client.deleteKnowledgeBase({ id: knowledgeBase.id }), {})
})
