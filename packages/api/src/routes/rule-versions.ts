// A rule's versions: what ran when, what an edit changed, and how an edit is saved.
import { diffText, lintRule, saveRule } from '@varde/detection'
import { VardeError } from '@varde/runtime'
import { createAudit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import { ruleTextFor, seesHouse } from '../house-view.ts'
import type { Handlers } from '../register.ts'
import { findingOf } from '../rule-refs.ts'

export function ruleVersionRoutes(deps: ApiDeps): Handlers<'saveRule' | 'ruleHistory' | 'ruleDiff'> {
  const { rules, ruleVersions, clock } = deps
  const audit = createAudit(deps)

  async function version(rule: string, fileDigest: string) {
    const found = await ruleVersions.get(rule, fileDigest)
    if (found === undefined)
      throw new VardeError('VERSION_UNKNOWN', `no version ${fileDigest} of the rule ${rule} has run here`, {
        hint: 'GET /api/rules/:id/history lists those that have.',
      })
    return found
  }

  return {
    async saveRule({ params, body, person }) {
      const { text, over, file, note } = body
      const saved = await saveRule(rules, {
        id: params.id,
        text,
        ...(over === undefined ? {} : { over }),
        ...(file === undefined ? {} : { file }),
      })
      const ruleSet = rules.current().digest
      if (!saved.ok)
        return { saved: false, findings: saved.errors.map(findingOf), tests: { passed: 0, failed: 0 }, ruleSet }
      const { rule, tests } = saved
      await ruleVersions.note([rule], { rule: rule.id, by: person.name, ...(note === undefined ? {} : { note }) })
      await audit(person, {
        action: over === undefined ? 'rule.create' : 'rule.save',
        subject: rule.id,
        detail: { file: rule.file, over: over ?? null, fileDigest: rule.fileDigest, digest: rule.digest },
      })
      const passed = tests.tests.filter((test) => test.ok).length
      return {
        saved: true,
        findings: lintRule(rule, { now: clock.now() }).map(({ level, check, message }) => ({
          level,
          code: check,
          message,
        })),
        tests: { passed, failed: tests.tests.length - passed },
        fileDigest: rule.fileDigest,
        ruleSet,
      }
    },
    async ruleHistory({ params, scope }) {
      const running = rules.all().find((rule) => rule.id === params.id)
      const versions = await ruleVersions.of(params.id)
      return {
        versions: versions.map(({ fileDigest, digest, file, at, by, note }) => ({
          fileDigest,
          digest,
          file,
          at,
          ...(by === undefined ? {} : { by }),
          ...(note === undefined || !seesHouse(scope) ? {} : { note }),
          running: running?.fileDigest === fileDigest && running.digest === digest,
        })),
      }
    },
    async ruleDiff({ params, query, scope }) {
      const [from, to] = [await version(params.id, query.from), await version(params.id, query.to)]
      return {
        decides: from.digest !== to.digest,
        lines: diffText(ruleTextFor(scope, from.text), ruleTextFor(scope, to.text)),
      }
    },
  }
}
