// The rule's text, to read or to change: lint as one types, then saved over the version that was edited.
import { Button, Group, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { RuleDetail } from '@varde/api/contract'
import { useMemo, useState } from 'react'
import { call } from '../../api/client.ts'
import { ask, fieldsQuery, meQuery } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { CodeBlock } from '../../parts/CodeBlock.tsx'
import { CodeEditor } from '../../parts/CodeEditor.tsx'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Finding } from './Finding.tsx'
import { jsonataNames } from './jsonata-names.ts'
import { messages } from './messages.en.ts'
import styles from './rules.module.css'

const text = messages.editor
const completionsMax = 12

interface Props {
  rule: RuleDetail
  /** The edited text; absent while the rule is only read. */
  draft: string | undefined
  onDraft: (next: string | undefined) => void
}

export function RuleEditor({ rule, draft, onDraft }: Props) {
  const { data: me } = useQuery(meQuery)
  if (draft === undefined) {
    return (
      <>
        <div className={styles.textHead}>
          <code className="v-muted">{rule.file}</code>
          <Group gap="xs">
            <CopyButton value={rule.text} />
            {me?.permissions.includes('rules:test') === true && (
              <Button variant="default" onClick={() => onDraft(rule.text)}>
                {text.edit}
              </Button>
            )}
          </Group>
        </div>
        <CodeBlock text={rule.text} language="yaml" label={messages.detail.text} lineNumbers />
      </>
    )
  }
  return (
    <Editing rule={rule} draft={draft} onDraft={onDraft} maySave={me?.permissions.includes('rules:write') === true} />
  )
}

interface EditingProps extends Props {
  draft: string
  maySave: boolean
}

function Editing({ rule, draft, onDraft, maySave }: EditingProps) {
  const [note, setNote] = useState('')
  const [settled] = useDebouncedValue(draft, 400)
  const { data: fields } = useQuery(fieldsQuery)
  const lint = useQuery({
    ...ask('tryRule', { body: { rule: { text: settled }, on: { lines: ['{}'] } } }),
    placeholderData: keepPreviousData,
  })
  const save = useMutation({
    mutationFn: () =>
      call('saveRule', {
        params: { id: rule.id },
        body: { text: draft, over: rule.fileDigest, ...(note.trim() === '' ? {} : { note: note.trim() }) },
      }),
    async onSuccess(outcome) {
      if (!outcome.saved) return
      for (const name of ['rule', 'rules', 'ruleHistory']) await queryClient.invalidateQueries({ queryKey: [name] })
      onDraft(undefined)
    },
  })
  const findings = save.data?.saved === false ? save.data.findings : (lint.data?.findings ?? [])
  const marks = useMemo(
    () => new Map(findings.flatMap((one) => (one.line === undefined ? [] : [[one.line, one.message] as const]))),
    [findings],
  )
  const names = useMemo(() => [...(fields?.fields.map(({ field }) => field) ?? []), ...jsonataNames], [fields])
  const changed = draft !== rule.text
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <CodeEditor
        label={messages.try.editorLabel}
        hint={text.hint}
        value={draft}
        onChange={onDraft}
        marks={marks}
        complete={(prefix) => names.filter((name) => name.startsWith(prefix)).slice(0, completionsMax)}
      />
      <div aria-live="polite" className={styles.lint}>
        {findings.length === 0 && lint.isSuccess && <span className="v-muted">{text.clean}</span>}
        {findings.map((finding) => (
          <Finding key={`${finding.line}${finding.message}`} finding={finding} />
        ))}
      </div>
      {save.isError && <ProblemNote error={save.error} />}
      <Group align="flex-end">
        {maySave && (
          <>
            <TextInput
              label={text.note}
              w={320}
              maw="100%"
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
            <Button type="submit" loading={save.isPending} disabled={!changed}>
              {text.save}
            </Button>
          </>
        )}
        <Button variant="default" onClick={() => onDraft(undefined)}>
          {text.discard}
        </Button>
        {changed && <span className="v-muted">{text.unsaved}</span>}
      </Group>
    </form>
  )
}
