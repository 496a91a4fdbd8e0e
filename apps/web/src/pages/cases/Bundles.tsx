// Bundles of a case: begun here, made in the background, fetched when ready, gone on with after a stop.
import { Button, Checkbox, Group, Progress, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { CaseDetail, CaseExport } from '@varde/api/contract'
import { useState } from 'react'
import { call, urlOf } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { formatBytes, formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { Instant } from '../../time/Instant.tsx'
import { refreshCases } from './case-query.ts'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'

const text = messages.evidence
const lookAgainMs = 1_000

export function Bundles({ detail: { case: one } }: { detail: CaseDetail }) {
  const [to, setTo] = useState('')
  const [why, setWhy] = useState('')
  const [tenant, setTenant] = useState<string | null>(null)
  const [language, setLanguage] = useState<CaseExport['language']>('en')
  const [pseudonymise, setPseudonymise] = useState(false)
  const { data, error } = useQuery({
    ...ask('caseExports', { params: { id: one.id } }),
    refetchInterval: (query) =>
      query.state.data?.exports.some(({ state }) => state === 'running') === true ? lookAgainMs : false,
  })
  const begin = useMutation({
    mutationFn: () =>
      call('createExport', {
        params: { id: one.id },
        body: { to: to.trim(), why: why.trim(), language, pseudonymise, ...(tenant === null ? {} : { tenant }) },
      }),
    onSuccess: refreshCases,
  })
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.export}</h2>
      </div>
      <div className={partStyles.cardBody}>
        <p className="v-muted">{text.exportText}</p>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            begin.mutate()
          }}
        >
          <Group grow>
            <TextInput label={text.to} required value={to} onChange={(event) => setTo(event.currentTarget.value)} />
            <TextInput label={text.why} required value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
          </Group>
          {one.tenants.length > 1 && (
            <Select label={text.tenant} clearable data={one.tenants} value={tenant} onChange={setTenant} />
          )}
          <Select
            label={text.language}
            allowDeselect={false}
            data={[
              { value: 'en', label: text.languages.en },
              { value: 'da', label: text.languages.da },
            ]}
            value={language}
            onChange={(value) => setLanguage(value === 'da' ? 'da' : 'en')}
          />
          <Checkbox
            label={text.pseudonymise}
            checked={pseudonymise}
            onChange={(event) => setPseudonymise(event.currentTarget.checked)}
          />
          <div>
            <Button type="submit" loading={begin.isPending}>
              {text.begin}
            </Button>
          </div>
        </form>
        {begin.isError && <ProblemNote error={begin.error} />}
        {error !== null && <ProblemNote error={error} />}
        <ul className={styles.tasks}>
          {data?.exports.map((bundle) => (
            <li key={bundle.id}>
              <Bundle bundle={bundle} />
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}

function Bundle({ bundle }: { bundle: CaseExport }) {
  const again = useMutation({
    mutationFn: (what: 'stopExport' | 'resumeExport') => call(what, { params: { id: bundle.id } }),
    onSuccess: refreshCases,
  })
  const progress = text.progress(bundle.step, formatCount(bundle.done), formatCount(bundle.total))
  return (
    <div style={{ flex: 1 }}>
      <div>
        <strong>{bundle.to}</strong> <span className="v-muted">{bundle.why}</span> ·{' '}
        <span className="v-muted">
          <Instant time={bundle.at} precision="min" /> · {messages.detail.revision(bundle.revision)}
        </span>
      </div>
      {bundle.state === 'running' && (
        <div role="status">
          {progress}
          <Progress value={bundle.total === 0 ? 0 : (bundle.done / bundle.total) * 100} aria-label={progress} />
        </div>
      )}
      {bundle.problem !== undefined && <p role="alert">{bundle.problem}</p>}
      <Group>
        {bundle.state === 'done' && (
          <>
            <a href={urlOf('downloadExport', { params: { id: bundle.id } })} download={bundle.file}>
              {text.download} ({formatBytes(bundle.bytes)})
            </a>
            {bundle.digest !== undefined && (
              <code className="v-muted" title={bundle.digest}>
                {bundle.digest.slice(0, 16)}…
              </code>
            )}
          </>
        )}
        {bundle.state === 'running' && (
          <Button variant="subtle" onClick={() => again.mutate('stopExport')}>
            {text.stop}
          </Button>
        )}
        {(bundle.state === 'stopped' || bundle.state === 'failed') && (
          <Button variant="subtle" onClick={() => again.mutate('resumeExport')}>
            {text.resume}
          </Button>
        )}
      </Group>
    </div>
  )
}
