// Tables: columns, rows and jobs.

import assert from 'node:assert/strict'
import test from 'node:test'

import { advance, botId, botpress, client, ids } from './client.mjs'

const PEOPLE = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'number' } } }

test('a table is made, changed and deleted', async () => {
  const made = await client.createTable({ name: 'PeopleTable', schema: PEOPLE, tags: { topic: 'people' } })
  const same = await client.getOrCreateTable({ table: 'PeopleTable', schema: PEOPLE })
  const changed = await client.updateTable({ table: 'PeopleTable', factor: 2 })
  const renamed = await client.renameTableColumn({ table: 'PeopleTable', name: 'age', newName: 'years' })

  assert.equal(same.created, false)
  assert.equal(changed.table.factor, 2)
  assert.deepEqual(Object.keys(renamed.table.schema.properties), ['name', 'years'])
  assert.equal((await client.getTable({ table: made.table.id })).table.name, 'PeopleTable')
  assert.deepEqual(ids((await client.listTables({ tags: { topic: 'people' } })).tables), [made.table.id])
  assert.deepEqual(await client.deleteTable({ table: 'PeopleTable' }), {})
})

test('rows are written, found and deleted', async () => {
  const tables = new botpress.tables.Client({ token: process.env.BP_TOKEN, botId })
  const table = 'RowsTable'
  await tables.createTable({ name: table, schema: PEOPLE })
  const made = await tables.createTableRows({ table, rows: [{ name: 'Ana', age: 34 }, { name: 'Ben', age: 19 }] })
  await tables.updateTableRows({ table, rows: [{ id: 1, age: 35 }] })
  const rows = [{ name: 'Ben', age: 20 }, { name: 'Cleo' }]
  const upserted = await tables.upsertTableRows({ table, rows, keyColumn: 'name' })

  assert.deepEqual(ids(made.rows), [1, 2])
  assert.deepEqual([ids(upserted.updated), ids(upserted.inserted)], [[2], [3]])
  assert.equal((await tables.getTableRow({ table, id: 1 })).row.age, 35)
  const found = await tables.findTableRows({ table, filter: { age: { $gt: 18 } }, orderBy: 'age', limit: 1 })
  assert.deepEqual([found.rows[0].name, found.hasMore], ['Ben', true])
  assert.equal((await tables.deleteTableRows({ table, ids: [1, 2] })).deletedRows, 2)
})

test('a table is exported, imported and duplicated', async () => {
  const { table } = await client.createTable({ name: 'SourceTable', schema: PEOPLE })
  await client.createTable({ name: 'TargetTable', schema: PEOPLE })
  await client.createTableRows({ table: 'SourceTable', rows: [{ name: 'Ana', age: 34 }] })

  const { job } = await client.exportTable({ table: 'SourceTable', format: 'csv' })
  await advance(5)
  const exported = (await client.getTableJobs({ table: 'SourceTable' })).jobs.find((found) => found.id === job.id)
  await client.importTable({ table: 'TargetTable', fileId: exported.outputFileId })
  await advance(5)
  const copy = await client.duplicateTable({ sourceTableId: table.id, tableName: 'TwinTable' })

  assert.equal(exported.status, 'completed')
  assert.equal((await client.findTableRows({ table: 'TargetTable' })).rows[0].name, 'Ana')
  assert.equal(copy.rows, 1)
})
