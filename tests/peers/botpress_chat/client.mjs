// The official client of the Chat API as its users set it up, and a hand on the sandbox that it talks to.

import { createRequire } from 'node:module'

const require = createRequire(new URL('../../../scripts/node/package.json', import.meta.url))

export const chat = require('@botpress/chat')

export const apiUrl = process.env.CHAT_API_URL
export const encryptionKey = process.env.ENCRYPTION_KEY

/** A client that acts as a new user. */
export function connect(props = {}) {
  return chat.Client.connect({ apiUrl, ...props })
}

/** Let something happen in the sandbox that no request does. */
export async function control(action, given = {}) {
  const address = new URL(`/__sandbox__/botpress_chat/${action}`, apiUrl)
  const response = await fetch(address, { method: 'POST', body: JSON.stringify(given) })
  if (!response.ok) {
    throw new Error(`${action}: ${response.status} ${await response.text()}`)
  }
  return response.json()
}

/** The data of the next signal of a type that fits. */
export function next(listener, type, fits = () => true) {
  return new Promise((resolve, reject) => {
    listener.onceOrMore(type, (data) => {
      if (!fits(data)) return 'keep-listening'
      resolve(data)
      return 'stop-listening'
    })
    listener.once('error', reject)
  })
}

export const text = (words) => ({ type: 'text', text: words })
