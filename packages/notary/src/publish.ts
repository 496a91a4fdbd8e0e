// Where signed heads go, so that a copy of them lies where whoever owns this machine can't reach: a file, a webhook, a mail, a command.
import { spawn } from 'node:child_process'
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { headHash, type SignedHead } from '@varde/evidence'
import { VardeError } from '@varde/runtime'

export interface Publisher {
  name: string
  /** Takes only the newest head, and not more often than this: each one covers all before it. */
  everyMs?: number
  /** Rejects where the target did not take it; it is tried again with the next head. */
  publish(head: SignedHead): Promise<void>
}

const publishMs = 15_000

/** One line that is enough to hold a later history against: the head, its hash and its signature. */
export function publishedHead({ head, signature }: SignedHead): string {
  return JSON.stringify({ hash: headHash(head), head, signature })
}

/** One JSON line a head: on another machine's share, a WORM folder, a printer. */
export function filePublisher(path: string): Publisher {
  return {
    name: 'file',
    async publish(head) {
      await mkdir(dirname(path), { recursive: true })
      await appendFile(path, `${publishedHead(head)}\n`, { flush: true })
    },
  }
}

export function webhookPublisher(url: string): Publisher {
  return {
    name: 'webhook',
    async publish(head) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: publishedHead(head),
        signal: AbortSignal.timeout(publishMs),
        redirect: 'error',
      })
      await response.body?.cancel()
      if (!response.ok)
        throw new VardeError('HEADS_WEBHOOK', `${url} answered ${response.status}`, {
          hint: 'See heads.webhook in the configuration.',
        })
    },
  }
}

/** A command of the house's own: the head on stdin, its number as the last argument. */
export function commandPublisher([program, ...rest]: readonly string[]): Publisher {
  return {
    name: 'command',
    publish: (head) =>
      new Promise((resolve, reject) => {
        const wrong = (problem: string, cause?: unknown) =>
          reject(
            new VardeError('HEADS_COMMAND', `the command for heads failed: ${problem}`, {
              cause,
              hint: 'See heads.command in the configuration.',
            }),
          )
        if (program === undefined) return wrong('it is empty')
        const child = spawn(program, [...rest, String(head.head.number)], {
          stdio: ['pipe', 'ignore', 'pipe'],
          timeout: publishMs,
        })
        const err: Buffer[] = []
        child.stderr.on('data', (part: Buffer) => err.push(part))
        child.once('error', (cause) => wrong(cause.message, cause))
        child.once('close', (code) =>
          code === 0 ? resolve() : wrong(`exit ${code}: ${Buffer.concat(err).toString().slice(0, 500)}`),
        )
        child.stdin.on('error', () => undefined)
        child.stdin.end(`${publishedHead(head)}\n`)
      }),
  }
}
