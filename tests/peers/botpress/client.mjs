// The official client with the settings its users give it, and a hand on the sandbox that it talks to.

import { createRequire } from 'node:module'

const require = createRequire(new URL('../../../scripts/node/package.json', import.meta.url))

export const botpress = require('@botpress/client')

// BP_API_URL, BP_TOKEN, BP_BOT_ID and BP_WORKSPACE_ID are in the environment, where it looks for them itself.
export const client = new botpress.Client()
export const botId = process.env.BP_BOT_ID
export const workspaceId = process.env.BP_WORKSPACE_ID

const accounts = JSON.parse(process.env.SANDBOX_ACCOUNTS)

/** A client with the token of another account: `bak`, `iak` or `stranger`. */
export function clientOf(account) {
  const { token, bot_id, integration_id } = accounts[account]
  return new botpress.Client({ token, botId: bot_id, integrationId: integration_id })
}

/** Let something happen in the sandbox that no request does. */
export function control(action, given = {}) {
  return post(`botpress/${action}`, given)
}

/** Fill the sandbox with so many of something. */
export function seed(data) {
  return post('seed', { platform: 'botpress', data })
}

/** Let so many seconds pass in the sandbox. */
export function advance(seconds) {
  return post('clock', { advance: seconds })
}

async function post(path, body) {
  const address = new URL(`/__sandbox__/${path}`, process.env.BP_API_URL)
  const response = await fetch(address, { method: 'POST', body: JSON.stringify(body) })
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`)
  }
  return response.json()
}

/** The ids of objects. */
export function ids(rows) {
  return rows.map((row) => row.id)
}
