// An exception to the rule of an alert: what it says, what it would have hidden, and then saved beside the rule.
import { Button, Group, Loader, Modal, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { RouteOutput } from '@varde/api/contract'
import { alertStatuses } from '@varde/schema'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { messages as common } from '../../messages.en.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Instant } from '../../time/Instant.tsx'
import { Finding } from '../rules/Finding.tsx'
import { conditionOf, withException } from '../rules/rule-text.ts'
import { useReplay } from '../rules/use-replay.ts'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'

const text = messages.exception
const day = 86_400_000
const lastsDays = 30

interface Props {
  alertId: string
  me: string
  onClose: () => void
}

export function ExceptionDialog({ alertId, me, onClose }: Props) {
  const { data } = useQuery(ask('alert', { params: { id: alertId } }))
  const rule = useQuery({
    ...ask('rule', { params: { id: data?.alert.rule.id ?? '' } }),
    enabled: data !== undefined,
    retry: false,
  })
  return (
    <Modal opened onClose={onClose} title={text.title} size="lg" closeButtonProps={{ 'aria-label': common.close }}>
      <p>{text.text}</p>
      {rule.isError && <p>{text.noRule}</p>}
      {data !== undefined && rule.data !== undefined && (
        <Form detail={data} rule={rule.data} me={me} onClose={onClose} />
      )}
    </Modal>
  )
}

interface FormProps {
  detail: RouteOutput<'alert'>
  rule: RouteOutput<'rule'>
  me: string
  onClose: () => void
}

function Form({ detail, rule, me, onClose }: FormProps) {
  const [when, setWhen] = useState(() => conditionOf(detail.alert.group))
  const [owner, setOwner] = useState(me)
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState(() => new Date(Date.now() + lastsDays * day).toISOString().slice(0, 10))
  const replay = useReplay()
  const [previewed, setPreviewed] = useState('')
  const changed = withException(rule.text, { when, owner, reason, until })
  const seen = previewed === changed && replay.job?.state === 'done'
  const save = useMutation({
    mutationFn: () =>
      call('saveRule', {
        params: { id: rule.id },
        body: { text: changed, over: rule.fileDigest, note: `exception: ${reason}` },
      }),
    onSuccess: (outcome) => {
      if (outcome.saved) void queryClient.invalidateQueries({ queryKey: ['rule'] })
    },
  })
  if (save.data?.saved === true) {
    return (
      <div role="status">
        <p>{text.saved}</p>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {common.close}
          </Button>
        </Group>
      </div>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (seen) save.mutate()
        else {
          setPreviewed(changed)
          replay.start({ rules: [{ text: changed }], from: Date.now() - 30 * day, to: Date.now() })
        }
      }}
    >
      <Textarea
        label={text.when}
        required
        autosize
        minRows={2}
        spellCheck={false}
        classNames={{ input: 'v-mono' }}
        value={when}
        onChange={(event) => setWhen(event.currentTarget.value)}
        mb="sm"
      />
      <Group grow mb="sm">
        <TextInput
          label={text.owner}
          required
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value)}
        />
        <TextInput
          label={text.until}
          type="date"
          required
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </Group>
      <TextInput
        label={text.reason}
        required
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
      <Preview replay={replay} rule={rule.id} />
      {save.data !== undefined && !save.data.saved && (
        <div role="alert">
          <p>{text.notSaved}</p>
          {save.data.findings.map((finding) => (
            <Finding key={`${finding.line}${finding.message}`} finding={finding} />
          ))}
        </div>
      )}
      {save.isError && <ProblemNote error={save.error} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          {common.cancel}
        </Button>
        <Button type="submit" loading={replay.running || save.isPending}>
          {seen ? text.save : text.preview}
        </Button>
      </Group>
    </form>
  )
}

function Preview({ replay, rule }: { replay: ReturnType<typeof useReplay>; rule: string }) {
  const { data: judged } = useQuery(
    ask('searchAlerts', {
      body: { filter: { rule: [rule], verdict: ['true-positive'], status: [...alertStatuses] }, limit: 1_000 },
    }),
  )
  const { job } = replay
  if (replay.error !== null) return <ProblemNote error={replay.error} />
  if (job === undefined) return <p className="v-muted">{text.first}</p>
  if (replay.running) {
    return (
      <p role="status">
        <Loader size={12} /> {text.previewing(formatCount(job.progress.events))}
      </p>
    )
  }
  if (job.result === undefined) return <p role="alert">{job.problem}</p>
  const { missing, missingAlerts, changed } = job.result
  const real = new Set(judged?.alerts.map(({ id }) => id))
  return (
    <div role="status">
      <p>
        <strong>{text.hides(missing)}</strong>
      </p>
      {missingAlerts.some(({ id }) => real.has(id)) && <p className={styles.note}>{text.hidesTrue}</p>}
      <ul className={styles.pivots}>
        {missingAlerts.slice(0, 10).map((alert) => (
          <li key={alert.id}>
            <Instant time={alert.anchor} precision="min" /> {alert.title}
          </li>
        ))}
      </ul>
      {changed > 0 && <p>{text.changes(formatCount(changed))}</p>}
    </div>
  )
}
