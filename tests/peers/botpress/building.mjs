// Building: bots, what is installed in them, and the integrations, interfaces and plugins they are made of.

import assert from 'node:assert/strict'
import test from 'node:test'

import { botId, botpress, client, control, ids, workspaceId } from './client.mjs'

const NOTHING = { schema: { type: 'object' } }

test('a bot is made, changed and deleted', async () => {
  const { bot } = await client.createBot({ name: 'Greeter', tags: { team: 'x' }, user: { tags: { vip: {} } } })
  const actions = { greet: { input: NOTHING, output: NOTHING } }
  const changed = await client.updateBot({ id: bot.id, name: 'Welcomer', actions })

  assert.deepEqual((await client.getBot({ id: bot.id })).bot, changed.bot)
  assert.deepEqual(Object.keys(changed.bot.actions), ['greet'])
  assert.deepEqual(ids((await client.listBots({ tags: { team: 'x' } })).bots), [bot.id])
  assert.ok((await client.rotateBotSigningSecrets({ id: bot.id })).newSigningSecret)
  assert.deepEqual(await client.deleteBot({ id: bot.id }), {})
})

test('an integration is installed in a bot', async () => {
  const { integrations } = await client.listPublicIntegrations({ name: 'telegram' })
  const { bot } = await client.createBot({ name: 'Greeter' })
  const installed = await client.updateBot({ id: bot.id, integrations: { [integrations[0].id]: { enabled: true } } })

  assert.equal(installed.bot.integrations[integrations[0].id].status, 'registered')
  assert.ok(ids((await client.listBots({ integrationNames: ['telegram'] })).bots).includes(bot.id))
})

test('a version of a bot is kept and brought back', async () => {
  const { bot } = await client.createBot({ name: 'Greeter' })
  const { version } = await client.createBotVersion({ id: bot.id, name: 'First' })
  await client.updateBot({ id: bot.id, actions: { greet: { input: NOTHING, output: NOTHING } } })
  await client.deployBotVersion({ id: bot.id, versionId: version.id })

  assert.deepEqual((await client.getBot({ id: bot.id })).bot.actions, {})
  assert.deepEqual(ids((await client.listBotVersions({ id: bot.id })).versions), [version.id])
  assert.match((await client.getBotVersion({ id: bot.id, versionId: version.id })).url, /^http/)
  const botJson = await client.getBotJson({ id: bot.id })
  assert.ok(await client.publishFromBotJson({ id: bot.id, botJson }))
})

test('a bot tells of its work', async () => {
  await control('log', { level: 'error', message: 'Something broke.' })
  const { id } = await control('report_issue', { code: 'slow', title: 'Too slow' })

  const { logs } = await client.getBotLogs({ id: botId, timeStart: '2025-12-01T00:00:00.000Z', level: 'error' })
  assert.deepEqual(logs.map((line) => line.message), ['Something broke.'])
  assert.equal((await client.getBotIssue({ id: botId, issueId: id })).issue.title, 'Too slow')
  assert.equal((await client.listBotIssueEvents({ id: botId, issueId: id })).issueEvents.length, 1)
  assert.deepEqual(await client.deleteBotIssue({ id: botId, issueId: id }), {})
  assert.ok((await client.listActionRuns({ id: botId, integrationName: 'telegram' })).data.length > 0)
  const window = { startDate: '2026-01-01T00:00:00.000Z', endDate: '2026-01-02T00:00:00.000Z' }
  assert.ok((await client.getBotAnalytics({ id: botId, ...window })).records.length > 0)
  assert.match((await client.getBotWebchat({ id: botId, type: 'preconfigured' })).code, /script/)
})

test('a bot is opened to some and handed on', async () => {
  const { bot } = await client.createBot({ name: 'Greeter' })
  const { account } = await client.getAccount({})
  const other = await client.createWorkspace({ name: 'Elsewhere too' })
  await client.updateBotAllowlist({ botId: bot.id, setting: 'SELECTED_USERS', users: { [account.id]: true } })

  assert.deepEqual(ids((await client.getBotAllowlist({ botId: bot.id })).users), [account.id])
  assert.deepEqual(await client.transferBot({ id: bot.id, targetWorkspaceId: other.id }), {})
})

test('a shared sandbox is opened and closed', async () => {
  const [telegram] = (await client.listIntegrations({ name: 'telegram' })).integrations
  const place = { botId, integrationId: telegram.id }
  const { shareableId } = await client.createIntegrationShareableId(place)

  assert.deepEqual(await client.getIntegrationShareableId(place), { shareableId, isExpired: false })
  assert.deepEqual(await client.unlinkSandboxedConversations(place), {})
  assert.deepEqual(await client.deleteIntegrationShareableId(place), {})
})

test('keys open the API until they are deleted', async () => {
  const [telegram] = (await client.listIntegrations({ name: 'telegram' })).integrations
  const key = await client.createBotApiKey({ botId, note: 'for a test' })
  const other = await client.createIntegrationApiKey({ integrationId: telegram.id })
  const holder = new botpress.Client({ token: key.value, botId })

  assert.ok((await holder.listUsers({})).users)
  assert.ok(ids((await client.listBotApiKeys({ botId })).baks).includes(key.id))
  assert.ok(ids((await client.listIntegrationApiKeys({ integrationId: telegram.id })).iaks).includes(other.id))
  await client.deleteBotApiKey({ id: key.id })
  await client.deleteIntegrationApiKey({ id: other.id })
  await assert.rejects(holder.listUsers({}), botpress.UnauthorizedError)
})

test('an integration is made, changed and deleted', async () => {
  const definition = { name: 'courier', version: '1.0.0', events: { arrived: { schema: { type: 'object' } } } }
  assert.deepEqual(await client.validateIntegrationCreation(definition), {})
  const { integration } = await client.createIntegration(definition)
  const id = integration.id
  assert.deepEqual(await client.validateIntegrationUpdate({ id, title: 'Courier' }), {})
  const changed = await client.updateIntegration({ id, title: 'Courier' })

  assert.deepEqual((await client.getIntegration({ id })).integration, changed.integration)
  assert.equal((await client.getIntegrationByName({ name: 'courier', version: 'latest' })).integration.id, id)
  const { logs } = await client.getIntegrationLogs({ id, timeStart: '2025-12-01T00:00:00.000Z' })
  assert.ok(Array.isArray(logs))
  assert.ok((await client.rotateIntegrationSigningSecrets({ id })).newSigningSecret)
  assert.deepEqual(await client.requestIntegrationVerification({ integrationId: id }), {})
  assert.deepEqual(await client.deleteIntegration({ id }), {})
})

test('an interface is made, changed and deleted', async () => {
  const { interface: made } = await client.createInterface({ name: 'payable', version: '1.0.0' })
  const changed = await client.updateInterface({ id: made.id, title: 'Payable' })

  assert.deepEqual((await client.getInterface({ id: made.id })).interface, changed.interface)
  assert.equal((await client.getInterfaceByName({ name: 'payable', version: '1.0.0' })).interface.id, made.id)
  assert.deepEqual(await client.deleteInterface({ id: made.id }), {})
})

test('a plugin is made, changed and deleted', async () => {
  const code = { node: '// node', browser: '// browser' }
  const { plugin } = await client.createPlugin({ name: 'surveys', version: '1.0.0', code })
  const changed = await client.updatePlugin({ id: plugin.id, title: 'Surveys' })

  assert.deepEqual((await client.getPlugin({ id: plugin.id })).plugin, changed.plugin)
  assert.equal((await client.getPluginByName({ name: 'surveys', version: '1.0.0' })).plugin.id, plugin.id)
  assert.equal((await client.getPluginCode({ id: plugin.id, platform: 'node' })).code, '// node')
  assert.deepEqual(await client.deletePlugin({ id: plugin.id }), {})
})

test('a plugin borrows what an integration has', async () => {
  const [handoff] = (await client.listInterfaces({ name: 'handoff' })).interfaces
  const [plugin] = (await client.listPlugins({ name: 'handoff' })).plugins
  const { integration } = await client.createIntegration({
    name: 'courier',
    version: '2.0.0',
    visibility: 'public',
    entities: { order: { schema: { type: 'object' } } },
    actions: { startHandoff: { input: NOTHING, output: NOTHING } },
    interfaces: { handoff: { id: handoff.id, entities: { ticket: { name: 'order' } } } },
  })
  const need = { id: plugin.id, interfaces: { handoff: integration.id } }

  assert.equal((await client.getDereferencedPlugin(need)).plugin.id, plugin.id)
  assert.equal((await client.getDereferencedPublicPluginById(need)).plugin.id, plugin.id)
})

test('the hub shows what is public', async () => {
  const [integration] = (await client.listPublicIntegrations({})).integrations
  const [shape] = (await client.listPublicInterfaces({})).interfaces
  const [plugin] = (await client.listPublicPlugins({})).plugins

  assert.equal((await client.getPublicIntegrationById({ id: integration.id })).integration.id, integration.id)
  const latest = await client.getPublicIntegration({ name: integration.name, version: 'latest' })
  assert.equal(latest.integration.id, integration.id)
  assert.equal((await client.getPublicInterfaceById({ id: shape.id })).interface.id, shape.id)
  assert.equal((await client.getPublicInterface({ name: shape.name, version: shape.version })).interface.id, shape.id)
  assert.equal((await client.getPublicPluginById({ id: plugin.id })).plugin.id, plugin.id)
  assert.equal((await client.getPublicPlugin({ name: plugin.name, version: plugin.version })).plugin.id, plugin.id)
  assert.ok((await client.getPublicPluginCode({ id: plugin.id, platform: 'browser' })).code)
})

test('a token says for whom it acts', async () => {
  assert.equal((await client.introspect({ botId })).workspaceId, workspaceId)
})
