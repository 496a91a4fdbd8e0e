// The result as a file, with how far it is; nothing is saved that is not whole.
import { Button, Group, Modal, Progress, SegmentedControl } from '@mantine/core'
import { useRef, useState } from 'react'
import { urlOf } from '../../api/client.ts'
import { messages as common } from '../../messages.en.ts'
import { formatBytes, formatCount } from '../../parts/number.ts'
import { useSearchActions } from './actions.ts'
import { createRowCounter, type ExportFormat } from './count-rows.ts'
import { messages } from './messages.en.ts'

interface Props {
  total: { count: number; exact: boolean }
  onClose: () => void
}

type Run =
  | { step: 'idle' | 'stopped' | 'cut' }
  | { step: 'running'; rows: number; bytes: number }
  | { step: 'done'; rows: number; bytes: number; url: string; name: string }

const text = messages.export

export function ExportDialog({ total, onClose }: Props) {
  const { query, range, columns } = useSearchActions()
  const [format, setFormat] = useState<ExportFormat>('ndjson')
  const [run, setRun] = useState<Run>({ step: 'idle' })
  const abort = useRef<AbortController>(undefined)

  const start = async () => {
    const stopping = new AbortController()
    abort.current = stopping
    setRun({ step: 'running', rows: 0, bytes: 0 })
    const fields = ['@timestamp', ...columns].join(',')
    try {
      const response = await fetch(
        urlOf('exportEvents', { query: { query, ...range, format, ...(format === 'csv' ? { fields } : {}) } }),
        { signal: stopping.signal },
      )
      const { blob, rows, bytes } = await readWhole(response, format, (read, size) =>
        setRun({ step: 'running', rows: read, bytes: size }),
      )
      const name = `varde-events-${new Date(range.from).toISOString().slice(0, 10)}.${format}`
      setRun({ step: 'done', rows, bytes, url: URL.createObjectURL(blob), name })
    } catch {
      setRun({ step: stopping.signal.aborted ? 'stopped' : 'cut' })
    }
  }
  const close = () => {
    abort.current?.abort()
    if (run.step === 'done') URL.revokeObjectURL(run.url)
    onClose()
  }
  const share = run.step === 'running' && total.count > 0 ? Math.min(100, (run.rows / total.count) * 100) : 0
  return (
    <Modal opened onClose={close} title={text.title} closeButtonProps={{ 'aria-label': common.close }}>
      <p>{text.note(formatCount(total.count), total.exact)}</p>
      <SegmentedControl
        aria-label={text.format}
        fullWidth
        orientation="vertical"
        disabled={run.step === 'running'}
        value={format}
        onChange={(value) => {
          setFormat(value === 'csv' ? 'csv' : 'ndjson')
          setRun({ step: 'idle' })
        }}
        data={[
          { value: 'ndjson', label: text.ndjson },
          { value: 'csv', label: text.csv },
        ]}
      />
      {format === 'csv' && <p className="v-muted">{text.csvNote}</p>}
      <div role="status">
        {run.step === 'running' && (
          <>
            <p>{text.progress(formatCount(run.rows), formatBytes(run.bytes))}</p>
            <Progress value={share} aria-label={text.progress(formatCount(run.rows), formatBytes(run.bytes))} />
          </>
        )}
        {run.step === 'done' && <p>{text.done(formatCount(run.rows), formatBytes(run.bytes))}</p>}
        {run.step === 'stopped' && <p>{text.stopped}</p>}
        {run.step === 'cut' && <p>{text.cut}</p>}
      </div>
      <Group justify="flex-end" mt="md">
        {run.step === 'running' ? (
          <Button variant="default" onClick={() => abort.current?.abort()}>
            {text.stop}
          </Button>
        ) : run.step === 'done' ? (
          <Button component="a" href={run.url} download={run.name} data-autofocus>
            {text.save}
          </Button>
        ) : (
          <Button onClick={() => void start()} data-autofocus>
            {text.start}
          </Button>
        )}
      </Group>
    </Modal>
  )
}

/** Throws where the answer is no export or ends too early: a file that looks whole must be whole. */
async function readWhole(
  response: Response,
  format: ExportFormat,
  tell: (rows: number, bytes: number) => void,
): Promise<{ blob: Blob; rows: number; bytes: number }> {
  if (!response.ok || response.body === null) throw new Error(`the export was refused: ${response.status}`)
  const counter = createRowCounter(format)
  const parts: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  let toldAt = 0
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.length
    counter.add(value)
    if (performance.now() - toldAt > 100) {
      toldAt = performance.now()
      tell(counter.rows(), bytes)
    }
  }
  return { blob: new Blob(parts), rows: counter.rows(), bytes }
}
