// Managing: the account, workspaces, members, what is used, and billing.

import assert from 'node:assert/strict'
import test from 'node:test'

import { botpress, client, control, ids, seed, workspaceId } from './client.mjs'

const billingOf = (id) => new botpress.billing.Client({ token: process.env.BP_TOKEN, workspaceId: id })

test('an account is looked at, changed and given tokens', async () => {
  const { pat } = await client.createPersonalAccessToken({ note: 'for a test' })
  const changed = await client.updateAccount({ displayName: 'Ada L.' })

  assert.deepEqual((await client.getAccount({})).account, changed.account)
  assert.equal((await new botpress.Client({ token: pat.value }).getAccount({})).account.displayName, 'Ada L.')
  assert.ok(ids((await client.listPersonalAccessTokens({})).pats).includes(pat.id))
  assert.deepEqual(await client.deletePersonalAccessToken({ id: pat.id }), {})
  await client.setAccountPreference({ key: 'theme', value: { dark: true } })
  assert.deepEqual((await client.getAccountPreference({ key: 'theme' })).value, { dark: true })
})

test('an account that owns nothing can be deleted', async () => {
  const { token } = await control('sign_up', { email: 'new@example.com' })
  const newcomer = new botpress.Client({ token })

  assert.deepEqual(await newcomer.deleteAccount({}), {})
  await assert.rejects(newcomer.getAccount({}), botpress.UnauthorizedError)
})

test('without a token there is an error of its own', async () => {
  const nobody = new botpress.Client({ token: 'bp_pat_of_nobody' })

  await assert.rejects(nobody.getAccount({}), botpress.UnauthorizedError)
})

test('a workspace is made, changed and deleted', async () => {
  const made = await client.createWorkspace({ name: 'Clinic' })
  const changed = await client.updateWorkspace({ id: made.id, about: 'Visits', handle: 'clinic', isPublic: true })

  assert.deepEqual(await client.getWorkspace({ id: made.id }), changed)
  assert.ok(ids((await client.listWorkspaces({})).workspaces).includes(made.id))
  assert.equal((await client.getPublicWorkspace({ id: made.id })).about, 'Visits')
  assert.deepEqual(ids((await client.listPublicWorkspaces({ search: 'visits' })).workspaces), [made.id])
  assert.equal((await client.checkHandleAvailability({ handle: 'clinic' })).available, false)
  assert.deepEqual(await client.migrateWorkspaceToV4({ id: made.id }), {})
  assert.deepEqual(await client.deleteWorkspace({ id: made.id }), {})
})

test('a member is invited, promoted and shown out', async () => {
  const member = await client.createWorkspaceMember({ email: 'eve@example.com', role: 'viewer' })
  const promoted = await client.updateWorkspaceMember({ id: member.id, role: 'developer' })

  assert.equal(promoted.role, 'developer')
  assert.equal((await client.getWorkspaceMember({})).role, 'owner')
  assert.ok(ids((await client.listWorkspaceMembers({})).members).includes(member.id))
  assert.deepEqual(await client.deleteWorkspaceMember({ id: member.id }), {})
  const { records } = await client.getAuditRecords({ id: workspaceId })
  assert.equal(records[0].action, 'REMOVE_WORKSPACE_MEMBER')
  await client.setWorkspacePreference({ key: 'theme', value: 'dark' })
  assert.equal((await client.getWorkspacePreference({ key: 'theme' })).value, 'dark')
})

test('what is used and allowed is told', async () => {
  await control('record_usage', { type: 'ai_spend', cents: 75 })
  const spent = { id: workspaceId, type: 'ai_spend' }
  const { usage } = await client.getUsage(spent)

  assert.deepEqual((await client.listWorkspaceUsages(spent)).usages[0], usage)
  assert.deepEqual((await client.getMultipleUsages({ ids: [workspaceId], types: ['ai_spend'] })).usages[0], usage)
  assert.ok((await client.listUsageHistory(spent)).usages.length > 0)
  assert.ok((await client.breakDownWorkspaceUsageByBot(spent)).data.length > 0)
  assert.ok((await client.listWorkspaceQuotas({ id: workspaceId })).quotas.length > 0)
  assert.ok((await client.getWorkspaceQuota({ id: workspaceId, type: 'bot_count' })).quota.value >= 1)
  assert.ok(workspaceId in (await client.getAllWorkspaceQuotaCompletion({})))
  assert.deepEqual(await client.changeAISpendQuota({ monthlySpendingLimit: 20 }), {})
})

test('data are rewritten by a script', async () => {
  await control('set_vrl_result', { data: { name: 'ana', greeting: 'ANA' }, result: 'ANA' })
  const outcome = await client.runVrl({ data: { name: 'ana' }, script: '.greeting = upcase(.name)' })

  assert.equal(outcome.data.greeting, 'ANA')
})

test('the client of billing takes a plan and ends it', async () => {
  const clinic = await client.createWorkspace({ name: 'Clinic' })
  const billing = billingOf(clinic.id)
  const card = await billing.setPaymentMethod({ paymentMethodId: 'pm_card_visa' })
  const plus = await billing.getPlan({ planId: 'plus' })

  assert.ok((await billing.createPaymentMethodIntent({})).clientSecret)
  assert.deepEqual((await billing.getPaymentMethod({})).paymentMethod, card)
  assert.deepEqual((await billing.listPlans({})).find((plan) => plan.id === 'plus'), plus)
  const rows = await billing.getAddon({ addonId: 'table_rows' })
  assert.deepEqual((await billing.listAddons({})).find((addon) => addon.id === 'table_rows'), rows)
  const preview = await billing.previewSubscriptionUpdate({ plan: { planId: 'plus', interval: 'month' } })
  const taken = await billing.setPlan({ planId: 'plus', interval: 'month' })
  assert.equal(taken.plan.current.planId, preview.subscription.plan.planId)
  assert.equal((await billing.getBillingReadonly({})).planReadonly, false)
  assert.equal((await billing.setAddons({ addons: { table_rows: 2 } })).addons.table_rows.current.quantity, 2)
  const ended = await billing.setCancelAtPeriodEnd({})
  assert.equal(ended.plan.current.cancelAtPeriodEnd, true)
  assert.deepEqual(await billing.getSubscription({}), ended)
  await billing.setBillingAddress({ lineOne: 'KN 1', city: 'Kigali', postalCode: '0000', country: 'RW' })
  assert.equal((await billing.getBillingAddress({})).address.city, 'Kigali')
  assert.equal((await billing.getQuotas({})).bot_count, plus.features.bot_count)
  const { quotas } = await billing.getWorkspaceUsages({ period: '2026-01' })
  assert.deepEqual(await billing.getWorkspaceUsage({ period: '2026-01', feature: 'bot_count' }), quotas.bot_count)
})

test('a trial begins and ends, and money is put in', async () => {
  const clinic = await client.createWorkspace({ name: 'Clinic' })
  const billing = billingOf(clinic.id)
  await billing.setPaymentMethod({ paymentMethodId: 'pm_card_visa' })
  const trial = await billing.createTrial({ lengthInDays: 14, plan: 'team' })
  const settings = { integration_spend: { enabled: true, threshold: 5 } }

  assert.deepEqual((await billing.getTrials({})).trials, [trial])
  assert.deepEqual(await billing.removeTrial({}), {})
  assert.equal((await billing.createCreditGrant({ amount: 20, feature: 'integration_spend' })).amount, 20)
  const kept = await billing.setAutoRechargeSettings({ settings })
  assert.deepEqual(await billing.getAutoRechargeSettings({}), kept)
})

test('an invoice is paid once, and the others at once', async () => {
  await seed({ invoices: 2 })
  const billing = billingOf(workspaceId)
  await billing.setPaymentMethod({ paymentMethodId: 'pm_card_visa' })
  const unpaid = (await billing.list.listInvoices({}).collect()).find((invoice) => invoice.status === 'open')

  const paid = await billing.payInvoice({ invoiceId: unpaid.id, idempotencyKey: 'once' })
  assert.deepEqual(await billing.payInvoice({ invoiceId: unpaid.id, idempotencyKey: 'once' }), paid)
  await client.chargeWorkspaceUnpaidInvoices({ id: workspaceId })
  const { invoices } = await client.listWorkspaceInvoices({ id: workspaceId })
  assert.deepEqual([...new Set(invoices.map((invoice) => invoice.paymentStatus))], ['paid'])
  assert.ok((await client.getUpcomingInvoice({ id: workspaceId })).lineItems)
})
