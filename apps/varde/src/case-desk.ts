// The case desk of a node: where its proofs, signatures, rule texts and bundles come from.
import { join } from 'node:path'
import { leavesOf, sealOf } from '@varde/api'
import type { RuleBook, RuleVersions } from '@varde/detection'
import { withoutExceptions } from '@varde/detection'
import type { Clock, Config } from '@varde/runtime'
import type { Store } from '@varde/store'
import { type Alerts, type CaseDesk, openCaseDesk } from '@varde/triage'
import type { DataFolder } from './data-folder.ts'
import type { Notary } from './notary.ts'

export function openNodeCases(deps: {
  config: Config
  folder: DataFolder
  store: Store
  alerts: Alerts
  clock: Clock
  notary: Notary
  rules: RuleBook
  ruleVersions: RuleVersions
}): CaseDesk {
  const { config, folder, store, alerts, clock, notary, rules, ruleVersions } = deps
  const { name, address, contact, regimes } = config.house
  return openCaseDesk({
    store,
    alerts,
    clock,
    entries: notary.streams,
    sealed: { sealOf: (home) => sealOf({ home }, store), leavesOf: (seal) => leavesOf(seal, store) },
    signing: {
      keys: () => notary.ring.records(),
      current: () => notary.ring.current(),
      ofSeal: (seal) => notary.signatures.ofSeal(seal),
      ofEntry: (link) => notary.signatures.ofEntry(link),
      async stamps(head) {
        const stamps = await notary.heads.stamps(head)
        return stamps.map(({ name: authority, response }) => ({
          name: authority,
          der: Buffer.from(response, 'base64'),
        }))
      },
      async signNow() {
        await notary.heads.signNow()
      },
    },
    // Cases and their bundles are shown to customers; the whole text stays in the rule's history, by its digest.
    async ruleText({ id, digest }) {
      const ran = (await ruleVersions.of(id)).find((version) => version.digest === digest)
      if (ran !== undefined) return { file: ran.file, text: withoutExceptions(ran.text), same: true }
      const now = rules.all().find((rule) => rule.id === id)
      return now === undefined
        ? undefined
        : { file: now.file, text: withoutExceptions(now.text), same: now.digest === digest }
    },
    exportsFolder: join(folder.root, 'exports'),
    house: {
      name,
      ...(address === undefined ? {} : { address }),
      ...(contact === undefined
        ? {}
        : {
            contact: {
              name: contact.name,
              ...(contact.mail === undefined ? {} : { mail: contact.mail }),
              ...(contact.telephone === undefined ? {} : { telephone: contact.telephone }),
            },
          }),
      ...(regimes === undefined ? {} : { regimes }),
    },
  })
}
